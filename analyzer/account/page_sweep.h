/* Goes through runs of page frames from the lowest to the highest, and cuts them into segments of which
 * every page is mapped by the same processes. Needs memory for the runs that overlap one frame only;
 * time is that of sorting, and at most a step for each page that somebody maps. */
#pragma once

#include "analyzer/model/page_store.h"
#include "schema/failure.h"

struct page_segment {
    uint64_t frame, pages;
    const struct page_run *run; /* of the mappings that have it, the first: borrowed */
    uint32_t *processes; /* who maps it, each once, in no order: borrowed until the visit ends */
    uint32_t process_count;
    const uint64_t *met; /* by process: `number` if it is one of them: borrowed as well */
    uint64_t number;
    uint64_t hash;                          /* of the processes, whatever their order */
    uint64_t times;                         /* how often these map each of its pages */
    uint16_t mapcount_least, mapcount_most; /* as read with the different mappings */
};

/* False ends the sweep with *why set. */
typedef bool (*page_visit)(void *context, const struct page_segment *segment, struct failure *why);

/* `runs` are sorted. `process_count` is above each mapping's process. */
bool page_sweep(const struct page_runs *runs, const struct page_mapping *mappings,
                size_t process_count, page_visit visit, void *context, struct failure *why);
