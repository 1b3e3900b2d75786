#include "analyzer/views/ps_view.h"

#include "analyzer/views/baseline_view.h"

#include <inttypes.h>

#define TOP_WIDTH 132

void print_coverage(const struct process_totals *totals, const struct view_options *options)
{
    char text[BYTE_TEXT_MAX];
    if (!totals->unread)
        return;
    fprintf(options->to, "%" PRIu64 " process%s could not be read:", totals->unread,
            totals->unread == 1 ? "" : "es");
    for (unsigned i = 0; i < PROCESS_STATE_COUNT; i++)
        if (totals->unread_by_state[i])
            fprintf(options->to, " %" PRIu64 " %s", totals->unread_by_state[i],
                    process_state_word(i));
    fprintf(options->to, "; RSS of these by status or statm: %s %s\n",
            format_bytes(text, totals->unread_rss_bytes, options->table.unit),
            size_unit_word(options->table.unit));
}

/* One row that stands for all, through the same columns. */
static void total_row(const struct ps_report *report, struct process *process,
                      struct process_usage *row)
{
    const struct process_totals *totals = &report->totals;
    *process = (struct process){.smaps = {.blocks = totals->mappings}};
    *row = (struct process_usage){.process = process, .mappings = totals->mappings};
#define TAKE_TOTAL(name) row->name = totals->name;
    PROCESS_AMOUNTS(TAKE_TOTAL)
#undef TAKE_TOTAL
}

static bool print_processes(const struct ps_report *report, const struct table_options *options,
                            bool totals, const char *default_columns, FILE *to, struct failure *why)
{
    struct process nobody;
    struct process_usage row;
    struct ps_report total = {
        .snapshot = report->snapshot, .usages = &row, .count = 1, .size = report->size};
    struct table table = {.default_columns = default_columns,
                          .default_sort = "pss",
                          .report = report,
                          .row_count = report->count,
                          .totals = totals ? &total : NULL,
                          .memory = report->size.memory,
                          .swap = report->size.swap};
    table.columns = ps_columns(&table.column_count);
    total_row(report, &nobody, &row);
    return table_print(&table, options, to, why);
}

/* Its other processes are in the table, but not in the sums. */
static void print_same_address_space(const struct ps_report *report,
                                     const struct view_options *options)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct process_usage *usage = &report->usages[i];
        const struct process *first;
        if (!usage->counted_before)
            continue;
        first = &report->snapshot->processes[usage->process->address_space - 1];
        fprintf(options->to,
                "PID %" PRIu64 " shares the address space of PID %" PRIu64 ": summed up once\n",
                usage->process->pid, first->pid);
    }
}

static bool print_rows(const struct ps_report *report, const struct view_options *options,
                       struct failure *why)
{
    switch (options->ps_rows) {
    case PS_USERS:
        return ps_print_users(report, options, why);
    case PS_MAPPINGS:
        return ps_print_mappings(report, options, why);
    case PS_GROUPS:
        return groups_print(report->groups, options, why);
    case PS_PROCESSES:
        break;
    }
    return print_processes(report, &options->table, options->totals,
                           report->baseline
                               ? "pid,uid,swap,uss,pss,usual,change,mark,command"
                               : "pid,uid,swap,hugetlb,pagetables,uss,pss,rss,vss,command",
                           options->to, why);
}

bool ps_print(const struct ps_report *report, const struct view_options *options,
              struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(report->snapshot, options);
    if (!print_rows(report, options, why))
        return false;
    if (!options->table.no_headings) {
        baseline_print(report->baseline, options);
        print_same_address_space(report, options);
        print_coverage(&report->totals, options);
    }
    return true;
}

bool ps_print_top(const struct ps_report *report, const struct view_options *options, uint64_t rows,
                  struct failure *why)
{
    struct table_options top = options->table;
    top.columns = NULL;
    top.sort = NULL;
    top.reverse = true;
    top.rows = rows;
    if (!top.width)
        top.width = TOP_WIDTH; /* a command line of kilobytes would fill the one screen */
    return print_processes(report, &top, false, "pid,uss,pss,rss,swap,command", options->to, why);
}
