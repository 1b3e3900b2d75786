#pragma once

#include "analyzer/account/process_usage.h"
#include "analyzer/views/views.h"

struct ps_report {
    const struct snapshot *snapshot;
    struct process_usage *usages; /* the caller's: those that passed the filters */
    size_t count;
    struct process_totals totals; /* over these */
};

bool ps_print(const struct ps_report *report, const struct view_options *options,
              struct failure *why);
/* The `rows` largest by PSS, for the summary. */
bool ps_print_top(const struct ps_report *report, const struct view_options *options, uint64_t rows,
                  struct failure *why);
bool ps_print_json(const struct ps_report *report, FILE *to, struct failure *why);

/* "N processes could not be read ..." with what is known of them; nothing when all were. */
void print_coverage(const struct process_totals *totals, const struct view_options *options);

/* The columns, for --help. */
const struct column *ps_columns(size_t *count);
