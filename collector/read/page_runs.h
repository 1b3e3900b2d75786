/* Pages one after the other become the runs of a member proc/PID/pages. */
#pragma once

#include "collector/read/page_lookup.h"

#define PAGE_RUN_MOST_BYTES (1 + 4 * PAGES_VARINT_BYTES) /* also more than a head or an end has */

/* Where a run would go on, and with which attributes. */
struct run_context {
    uint64_t number;
    uint32_t mapcount;
    uint16_t flags;
};

enum { RUN_FRAMES, RUN_REPEATED, RUN_SWAPPED, RUN_DEVICE, RUN_CONTEXTS };

struct page_runs {
    char *buffer; /* the caller's, with room for PAGE_RUN_MOST_BYTES at `length` before each call */
    size_t length;
    unsigned frame_bytes; /* of a frame number that is written whole */
    struct run_context contexts[RUN_CONTEXTS];
    struct page first; /* of the open run */
    uint64_t count;    /* pages in it, 0 there is none */
    uint64_t last_end; /* of the mapping before, in pages */
    uint64_t mappings, runs;
};

void page_runs_begin(struct page_runs *runs, uint64_t page_bytes, uint64_t features,
                     uint64_t frames);

/* Pages of a mapping from `start` on, which must not lie before the end of the one before. */
void page_runs_mapping(struct page_runs *runs, uint64_t start, uint64_t pages);

/* `count` pages like this one: more than one only of what has no number. */
void page_runs_add(struct page_runs *runs, const struct page *page, uint64_t count);

/* The mapping is over: its last run goes out. */
void page_runs_close(struct page_runs *runs);

void page_runs_end(struct page_runs *runs);
