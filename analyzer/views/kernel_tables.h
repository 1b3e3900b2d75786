/* The sections of `memtally kernel`, a file each, and what they share. */
#pragma once

#include "analyzer/views/kernel_view.h"

/* A table with all its columns, in the report's order. */
#define KERNEL_TABLE(column_array, rows_report, rows)                                              \
    {                                                                                              \
        .columns = (column_array), .column_count = sizeof(column_array) / sizeof(column_array)[0], \
        .descending = true, .report = (rows_report), .row_count = (rows)                           \
    }

/* An empty line and the title; nothing with -H. */
__attribute__((format(printf, 2, 3))) void kernel_print_title(const struct view_options *options,
                                                              const char *format, ...);
/* How the section's sums relate to the kernel's figures, a line each. */
void kernel_print_balances(const struct kernel_report *report, enum kernel_section section,
                           const struct view_options *options);
/* The first rows, and how many are left out: -n says how many, -a leaves none out. */
bool kernel_print_table(const struct table *table, const struct view_options *options,
                        struct failure *why);
/* " KiB", or "" where sizes carry their unit. */
const char *kernel_unit_suffix(const struct view_options *options);
/* "yes", "no", or NULL when it is not known; static. */
const char *kernel_reclaim_word(enum slab_reclaim reclaim);

/* The name of a process's command, or empty. */
struct slice kernel_command(const struct snapshot *snapshot, const struct process *process);

bool kernel_print_slab(const struct kernel_report *report, const struct view_options *options,
                       struct failure *why);
bool kernel_print_vmalloc(const struct kernel_report *report, const struct view_options *options,
                          struct failure *why);
bool kernel_print_modules(const struct kernel_report *report, const struct view_options *options,
                          struct failure *why);
bool kernel_print_processes(const struct snapshot *snapshot, const struct kernel_report *report,
                            const struct view_options *options, struct failure *why);
bool kernel_print_pools(const struct kernel_report *report, const struct view_options *options,
                        struct failure *why);
bool kernel_print_shared(const struct kernel_report *report, const struct view_options *options,
                         struct failure *why);
