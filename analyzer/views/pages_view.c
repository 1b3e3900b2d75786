#include "analyzer/views/pages_view.h"

#include <inttypes.h>

/* Processes */

static const struct pages_process *process_at(const void *report, size_t row)
{
    return &((const struct pages_report *)report)->processes[row];
}

#define PROCESS_CELL(name, expression)                                                             \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        const struct pages_process *at = process_at(report, row);                                  \
        return expression;                                                                         \
    }

PROCESS_CELL(pid, cell_of_number(at->process->pid))
PROCESS_CELL(rss, cell_of_bytes(at->pages.rss))
PROCESS_CELL(uss, cell_of_bytes(at->pages.uss))
PROCESS_CELL(pss, cell_of_bytes(at->pages.pss))
PROCESS_CELL(swap, cell_of_bytes(at->pages.swap))
PROCESS_CELL(swap_pss, cell_of_bytes(at->pages.swap_pss))
PROCESS_CELL(merged, cell_of_bytes(at->pages.merged))
PROCESS_CELL(thp, cell_of_bytes(at->pages.thp))
PROCESS_CELL(huge, cell_of_bytes(at->pages.huge))
PROCESS_CELL(special, cell_of_bytes(at->pages.special))
PROCESS_CELL(device, cell_of_bytes(at->pages.device))
PROCESS_CELL(unread, cell_of_bytes(at->pages.unread))
PROCESS_CELL(known, cell_of_text(at->pages.known ? "yes" : "no"))
PROCESS_CELL(smaps_rss, cell_of_amount(at->smaps.rss))
PROCESS_CELL(smaps_uss, cell_of_amount(at->smaps.uss))
PROCESS_CELL(smaps_pss, cell_of_amount(at->smaps.pss))
PROCESS_CELL(smaps_swap, cell_of_amount(at->smaps.swap))

static struct cell comm_cell(const void *report, size_t row)
{
    const struct process *process = process_at(report, row)->process;
    if (!(process->files & PROCESS_COMM))
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_slice(
        snapshot_text(((const struct pages_report *)report)->snapshot, process->comm));
}

static const struct column process_columns[] = {
    {"pid",       "PID",       "process",                                         true,  pid_cell       },
    {"rss",       "RSS",       "resident, by its pages",                          true,  rss_cell       },
    {"smapsrss",  "SMAPSRSS",  "the same by smaps or its rollup",                 true,  smaps_rss_cell },
    {"uss",       "USS",       "mapped nowhere else, by its pages",               true,  uss_cell       },
    {"smapsuss",  "SMAPSUSS",  "the same by smaps or its rollup",                 true,  smaps_uss_cell },
    {"pss",       "PSS",       "pages divided by their mapcounts",                true,  pss_cell       },
    {"smapspss",  "SMAPSPSS",  "the same by smaps or its rollup",                 true,  smaps_pss_cell },
    {"swap",      "SWAP",      "swap slots, by its pages",                        true,  swap_cell      },
    {"smapsswap", "SMAPSSWAP", "the same, with that of shared memory",            true,  smaps_swap_cell},
    {"swappss",   "SWAPPSS",   "swap slots divided by who was seen to have them", true,  swap_pss_cell  },
    {"merged",    "MERGED",    "of RSS, merged by KSM",                           true,  merged_cell    },
    {"thp",       "THP",       "of RSS, in transparent huge pages",               true,  thp_cell       },
    {"hugetlb",   "HUGETLB",   "pages of the pool of huge pages",                 true,  huge_cell      },
    {"special",   "SPECIAL",   "under migration or poisoned",                     true,  special_cell   },
    {"device",    "DEVICE",    "memory of devices",                               true,  device_cell    },
    {"unread",    "UNREAD",    "not looked at",                                   true,  unread_cell    },
    {"all",       "ALL",       "whether all its pages are known",                 false, known_cell     },
    {"comm",      "COMM",      "name",                                            false, comm_cell      },
};

const struct column *pages_columns(size_t *count)
{
    *count = sizeof process_columns / sizeof process_columns[0];
    return process_columns;
}

static bool print_processes(const struct pages_report *report, const struct view_options *options,
                            struct failure *why)
{
    struct table table = {.columns = process_columns,
                          .column_count = sizeof process_columns / sizeof process_columns[0],
                          .default_columns =
                              "pid,rss,smapsrss,uss,smapsuss,pss,smapspss,swap,smapsswap,all,comm",
                          .default_sort = "pss",
                          .report = report,
                          .row_count = report->process_count};
    return table_print(&table, &options->table, options->to, why);
}

/* The machine */

static void print_two(const struct view_options *options, const char *label, uint64_t first,
                      uint64_t second)
{
    char one[BYTE_TEXT_MAX], two[BYTE_TEXT_MAX];
    fprintf(options->to, "%-28s %14s %14s\n", label, format_bytes(one, first, options->table.unit),
            format_bytes(two, second, options->table.unit));
}

static void print_class(const struct view_options *options, const char *label,
                        const struct page_census_row *row)
{
    char all[BYTE_TEXT_MAX], mapped[BYTE_TEXT_MAX], rest[BYTE_TEXT_MAX];
    fprintf(options->to, "%-28s %14s %14s %14s\n", label,
            format_bytes(all, row->bytes, options->table.unit),
            format_bytes(mapped, row->mapped_bytes, options->table.unit),
            format_bytes(rest, row->bytes - row->mapped_bytes, options->table.unit));
}

static void print_census(const struct page_census *census, const struct view_options *options)
{
    if (!options->table.no_headings)
        fprintf(options->to, "%-28s %14s %14s %14s\n", "every page of RAM", "SIZE", "MAPPED",
                "NOT MAPPED");
    for (unsigned class = 0; class < PAGE_CLASS_COUNT; class ++)
        if (census->classes[class].bytes)
            print_class(options, page_class_label(class), &census->classes[class]);
    print_class(options, "all frames", &census->all);
    if (!census->within_ram)
        fputs("Holes between memory count as nobody's: /proc/iomem could not be read\n",
              options->to);
    if (!census->is_whole)
        fputs("The census was cut before its end\n", options->to);
}

static void print_totals(const struct pages_report *report, const struct view_options *options)
{
    const struct page_totals *totals = &report->totals;
    if (!options->table.no_headings)
        fprintf(options->to, "%-28s %14s %14s\n", "pages that processes map", "ONCE", "AS MAPPED");
    for (unsigned kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        if (totals->kinds[kind].once)
            print_two(options, object_kind_word(kind), totals->kinds[kind].once,
                      totals->kinds[kind].mapped);
    print_two(options, "all", totals->resident.once, totals->resident.mapped);
    print_two(options, "  merged by KSM", totals->merged.once, totals->merged.mapped);
    print_two(options, "  transparent huge pages", totals->thp.once, totals->thp.mapped);
    print_two(options, "swap slots", totals->swap.once, totals->swap.mapped);
    if (report->sharing->moved_pages)
        fprintf(options->to, "%" PRIu64 " pages changed their mappings while they were read\n",
                report->sharing->moved_pages);
    if (!report->sharing->all_read)
        fputs("Not the pages of every process were read\n", options->to);
}

bool pages_print(const struct pages_report *report, const struct view_options *options,
                 struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(report->snapshot, options);
    if (report->by_process)
        return print_processes(report, options, why);
    if (report->census)
        print_census(report->census, options);
    if (report->sharing)
        print_totals(report, options);
    return true;
}
