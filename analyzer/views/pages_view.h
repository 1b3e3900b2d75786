#pragma once

#include "analyzer/account/page_census.h"
#include "analyzer/account/page_usage.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/views/views.h"

/* A process by its pages, and by smaps. */
struct pages_process {
    const struct process *process;
    struct page_usage pages;
    struct process_usage smaps;
};

struct pages_report {
    const struct snapshot *snapshot;
    const struct page_census *census;   /* NULL: not in the bundle */
    const struct page_sharing *sharing; /* with totals; NULL: not in the bundle */
    struct page_totals totals;
    struct pages_process *processes; /* asked for with --pid, or all that have pages */
    size_t process_count;
    bool by_process; /* --pid: text shows the processes alone */
};

bool pages_print(const struct pages_report *report, const struct view_options *options,
                 struct failure *why);
bool pages_print_json(const struct pages_report *report, uint64_t rows, FILE *to,
                      struct failure *why);

/* The columns of the processes, for --help. */
const struct column *pages_columns(size_t *count);
