/* Page tables and kernel stacks of processes. */
#include "analyzer/views/kernel_tables.h"

#include <inttypes.h>

struct processes_report {
    const struct snapshot *snapshot;
    const struct kernel_holders *holders;
};

static const struct process_holding *holding_at(const void *report, size_t row)
{
    return &((const struct processes_report *)report)->holders->rows[row];
}

static struct cell page_tables_cell(const void *report, size_t row)
{
    return cell_of_amount(holding_at(report, row)->page_tables);
}

static struct cell stacks_cell(const void *report, size_t row)
{
    return cell_of_amount(holding_at(report, row)->stacks);
}

static struct cell threads_cell(const void *report, size_t row)
{
    struct amount threads = holding_at(report, row)->threads;
    return threads.known ? cell_of_number(threads.bytes) : (struct cell){.kind = CELL_ABSENT};
}

static struct cell pid_cell(const void *report, size_t row)
{
    return cell_of_number(holding_at(report, row)->process->pid);
}

static struct cell command_cell(const void *report, size_t row)
{
    return cell_of_slice(kernel_command(((const struct processes_report *)report)->snapshot,
                                        holding_at(report, row)->process));
}

static const struct column columns[] = {
    {"pagetables", "PAGETABLES", "VmPTE + VmPMD",        true,  page_tables_cell},
    {"stacks",     "STACKS",     "threads x stack size", true,  stacks_cell     },
    {"threads",    "THREADS",    "how many",             true,  threads_cell    },
    {"pid",        "PID",        "process",              true,  pid_cell        },
    {"comm",       "COMM",       "its name",             false, command_cell    },
};

static const char *sum_text(char buffer[BYTE_TEXT_MAX], struct amount sum,
                            const struct view_options *options)
{
    return sum.known ? format_bytes(buffer, sum.bytes, options->table.unit) : "(unknown)";
}

bool kernel_print_processes(const struct snapshot *snapshot, const struct kernel_report *report,
                            const struct view_options *options, struct failure *why)
{
    const struct kernel_holders *holders = &report->holders;
    struct processes_report rows = {snapshot, holders};
    char tables[BYTE_TEXT_MAX], stacks[BYTE_TEXT_MAX], size[BYTE_TEXT_MAX], ours[BYTE_TEXT_MAX];
    if (holders->count == 0)
        return true;
    kernel_print_title(options, "page tables and kernel stacks by process: %s + %s%s",
                       sum_text(tables, holders->page_tables, options),
                       sum_text(stacks, holders->stacks_bytes, options),
                       kernel_unit_suffix(options));
    if (holders->stack_size.known && !options->table.no_headings)
        fprintf(options->to,
                "  a stack has %s (%s, %s); %" PRIu64 " threads and %" PRIu64
                " kernel threads, which have %s\n",
                format_bytes(size, holders->stack_size.bytes, options->table.unit),
                grade_word(holders->stack_grade), holders->stack_source, holders->threads,
                holders->kernel_threads,
                format_bytes(ours, holders->kernel_thread_bytes.bytes, options->table.unit));
    kernel_print_balances(report, KERNEL_PROCESSES_SECTION, options);
    const struct table table = KERNEL_TABLE(columns, &rows, holders->count);
    return kernel_print_table(&table, options, why);
}
