/* The tables of ps: a row a process, a user, or a name of mappings. */
#pragma once

#include "analyzer/account/grade.h"
#include "analyzer/account/machine_size.h"
#include "analyzer/account/name_usage.h"
#include "analyzer/account/user_usage.h"
#include "analyzer/views/group_view.h"

struct ps_report {
    const struct snapshot *snapshot;
    struct process_usage *usages; /* the caller's: those that passed the filters */
    size_t count;
    struct process_totals totals; /* over these */
    struct machine_size size;
    struct amount stack_size; /* of a thread in the kernel, bytes */
    enum grade stack_grade;
    const struct baseline *baseline;   /* NULL: none; not the report's own */
    struct user_usages users;          /* with PS_USERS, else empty */
    struct name_usages names;          /* with PS_MAPPINGS, else empty */
    const struct group_report *groups; /* with PS_GROUPS, else NULL; borrowed */
};

/* The rows that options->ps_rows asks for. */
bool ps_print(const struct ps_report *report, const struct view_options *options,
              struct failure *why);
/* The `rows` largest by PSS, for the summary. */
bool ps_print_top(const struct ps_report *report, const struct view_options *options, uint64_t rows,
                  struct failure *why);
/* `rows`: what stands beside the processes. */
bool ps_print_json(const struct ps_report *report, enum ps_rows rows, FILE *to,
                   struct failure *why);

/* "N processes could not be read ..." with what is known of them; nothing when all were. */
void print_coverage(const struct process_totals *totals, const struct view_options *options);

/* The columns of processes, for --help. */
const struct column *ps_columns(size_t *count);
/* Of users, and of names of mappings. */
const struct column *ps_user_columns(size_t *count);
const struct column *ps_mapping_columns(size_t *count);

/* Parts of ps_view.c, a file each: only the table. */
bool ps_print_users(const struct ps_report *report, const struct view_options *options,
                    struct failure *why);
bool ps_print_mappings(const struct ps_report *report, const struct view_options *options,
                       struct failure *why);
/* The mean as smem has it: cut to whole KiB. */
uint64_t ps_mapping_average(uint64_t bytes, uint64_t processes);
