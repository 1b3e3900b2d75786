#include "analyzer/views/kernel_tables.h"

#include <inttypes.h>
#include <stdarg.h>

/* Rows of each table when neither -n nor -a is given. */
#define ROWS_SHOWN 20

const char *kernel_unit_suffix(const struct view_options *options)
{
    switch (options->table.unit) {
    case SIZE_BYTES:
        return " bytes";
    case SIZE_KIB:
        return " KiB";
    case SIZE_MIB:
        return " MiB";
    case SIZE_GIB:
        return " GiB";
    case SIZE_HUMAN:
        break;
    }
    return "";
}

void kernel_print_title(const struct view_options *options, const char *format, ...)
{
    if (options->table.no_headings)
        return;
    va_list arguments;
    va_start(arguments, format);
    fputc('\n', options->to);
    vfprintf(options->to, format, arguments);
    fputc('\n', options->to);
    va_end(arguments);
}

/* "  caches 17300, meminfo Slab 18432: 1132 more, by large kmalloc ..." */
void kernel_print_balances(const struct kernel_report *report, enum kernel_section section,
                           const struct view_options *options)
{
    for (size_t i = 0; !options->table.no_headings && i < report->balance_count; i++) {
        const struct kernel_balance *balance = &report->balances[i];
        char parts[BYTE_TEXT_MAX], whole[BYTE_TEXT_MAX], change[BYTE_TEXT_MAX];
        if (balance->section != section)
            continue;
        fprintf(options->to, "  %s %s, %s %s", balance->parts,
                format_bytes(parts, balance->parts_bytes, options->table.unit), balance->whole,
                format_bytes(whole, balance->whole_bytes, options->table.unit));
        if (balance->parts_bytes == balance->whole_bytes)
            fputs(": equal\n", options->to);
        else
            fprintf(options->to, " (%s): %s\n",
                    format_change(change, kernel_balance_difference(balance), options->table.unit),
                    balance->reason);
    }
}

bool kernel_print_table(const struct table *table, const struct view_options *options,
                        struct failure *why)
{
    struct table_options shown = options->table;
    shown.columns = NULL; /* -c and -s cannot fit many tables */
    shown.sort = "";
    if (shown.rows == 0 && !options->all)
        shown.rows = ROWS_SHOWN;
    if (table->row_count == 0)
        return true;
    if (!table_print(table, &shown, options->to, why))
        return false;
    if (shown.rows && table->row_count > shown.rows && !shown.no_headings)
        fprintf(options->to, "(%zu more rows: -a shows all)\n",
                table->row_count - (size_t)shown.rows);
    return true;
}

struct slice kernel_command(const struct snapshot *snapshot, const struct process *process)
{
    if (!(process->files & PROCESS_COMM))
        return (struct slice){0};
    return snapshot_text(snapshot, process->comm);
}

bool kernel_print(const struct snapshot *snapshot, const struct kernel_report *report,
                  const struct view_options *options, struct failure *why)
{
    bool ok = true;
    if (!options->table.no_headings)
        print_snapshot_heading(snapshot, options);
    for (unsigned section = 0; ok && section < KERNEL_SECTION_COUNT; section++) {
        if (!kernel_section_wanted(options, (enum kernel_section)section))
            continue;
        switch ((enum kernel_section)section) {
        case KERNEL_SLAB_SECTION:
            ok = kernel_print_slab(report, options, why);
            break;
        case KERNEL_VMALLOC_SECTION:
            ok = kernel_print_vmalloc(report, options, why);
            break;
        case KERNEL_MODULES_SECTION:
            ok = kernel_print_modules(report, options, why);
            break;
        case KERNEL_PROCESSES_SECTION:
            ok = kernel_print_processes(snapshot, report, options, why);
            break;
        case KERNEL_POOLS_SECTION:
            ok = kernel_print_pools(report, options, why);
            break;
        case KERNEL_SHARED_SECTION:
            ok = kernel_print_shared(report, options, why);
            break;
        case KERNEL_SECTION_COUNT:
            break;
        }
    }
    return ok;
}
