/* One process's mappings. The modes of procps' pmap are printed as procps 4 prints them, blanks
 * included; --long is our own table with kind and class. */
#pragma once

#include "analyzer/account/mapping_totals.h"
#include "analyzer/views/views.h"

struct pmap_process {
    const struct process *process;
    const struct mapping_label *labels; /* one a mapping */
    struct mapping_totals totals;
};

/* A process that was asked for and cannot be shown. */
struct pmap_missing {
    uint64_t pid;
    const char *reason; /* static */
};

struct pmap_report {
    const struct snapshot *snapshot;
    const struct mapping_classifier *classifier;
    struct pmap_process *processes; /* in the order asked for */
    size_t count;
    struct pmap_missing *missing;
    size_t missing_count;
    const struct mapping_totals *all; /* of all of them, or of the machine */
    uint64_t unread;                  /* processes that may map memory and were not read */
};

bool pmap_print(const struct pmap_report *report, const struct view_options *options,
                struct failure *why);
bool pmap_print_json(const struct pmap_report *report, FILE *to, struct failure *why);

/* Columns of --long, for the help. */
const struct column *pmap_columns(size_t *count);
