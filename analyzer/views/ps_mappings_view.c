#include "analyzer/base/checked_math.h"
#include "analyzer/views/ps_view.h"

static const struct name_usage *name_at(const void *report, size_t row)
{
    return &((const struct ps_report *)report)->names.rows[row];
}

uint64_t ps_mapping_average(uint64_t bytes, uint64_t processes)
{
    return processes ? bytes / 1024 / processes * 1024 : 0;
}

/* The row of totals is no mapping: it has no processes. */
static struct cell map_cell(const void *report, size_t row)
{
    const struct name_usage *usage = name_at(report, row);
    if (!usage->processes)
        return (struct cell){.kind = CELL_ABSENT};
    struct slice name = snapshot_text(((const struct ps_report *)report)->snapshot, usage->name);
    return cell_of_slice(name.length_bytes ? name : SLICE("[anon]"));
}

static struct cell count_cell(const void *report, size_t row)
{
    return cell_of_number(name_at(report, row)->mappings);
}

static struct cell pids_cell(const void *report, size_t row)
{
    const struct name_usage *usage = name_at(report, row);
    return cell_of_count((struct amount){usage->processes, usage->processes != 0});
}

static struct cell average(const struct name_usage *usage, struct amount sum)
{
    sum.known = sum.known && usage->processes;
    sum.bytes = ps_mapping_average(sum.bytes, usage->processes);
    return cell_of_amount(sum);
}

#define SUM_CELL(name, cell_of, field)                                                             \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        return cell_of(name_usage_sum(name_at(report, row), field));                               \
    }

SUM_CELL(vss, cell_of_amount, SMAPS_SIZE)
SUM_CELL(rss, cell_of_amount, SMAPS_RSS)
SUM_CELL(pss, cell_of_amount, SMAPS_PSS)
SUM_CELL(swap, cell_of_swap, SMAPS_SWAP)
SUM_CELL(swap_pss, cell_of_swap, SMAPS_SWAP_PSS)
SUM_CELL(locked, cell_of_amount, SMAPS_LOCKED)
SUM_CELL(thp, cell_of_amount, SMAPS_ANON_HUGE_PAGES)

static struct cell uss_cell(const void *report, size_t row)
{
    return cell_of_amount(name_usage_uss(name_at(report, row)));
}

static struct cell average_pss_cell(const void *report, size_t row)
{
    const struct name_usage *usage = name_at(report, row);
    return average(usage, name_usage_sum(usage, SMAPS_PSS));
}

static struct cell average_rss_cell(const void *report, size_t row)
{
    const struct name_usage *usage = name_at(report, row);
    return average(usage, name_usage_sum(usage, SMAPS_RSS));
}

static struct cell average_uss_cell(const void *report, size_t row)
{
    const struct name_usage *usage = name_at(report, row);
    return average(usage, name_usage_uss(usage));
}

static const struct column columns[] = {
    {"count",   "COUNT",   "number of mappings",                              true,  count_cell      },
    {"pids",    "PIDS",    "processes that have one",                         true,  pids_cell       },
    {"swap",    "SWAP",    "swapped out, shared slots counted in full",       true,  swap_cell       },
    {"swappss", "SWAPPSS", "swapped out, shared slots divided",               true,  swap_pss_cell   },
    {"uss",     "USS",     "resident and mapped by one process only",         true,  uss_cell        },
    {"pss",     "PSS",     "resident, shared pages divided by their sharers", true,  pss_cell        },
    {"rss",     "RSS",     "resident, shared pages counted in each process",  true,  rss_cell        },
    {"vss",     "VSS",     "address space",                                   true,  vss_cell        },
    {"avgpss",  "AVGPSS",  "PSS a process",                                   true,  average_pss_cell},
    {"avguss",  "AVGUSS",  "USS a process",                                   true,  average_uss_cell},
    {"avgrss",  "AVGRSS",  "RSS a process",                                   true,  average_rss_cell},
    {"locked",  "LOCKED",  "locked in memory",                                true,  locked_cell     },
    {"thp",     "THP",     "anonymous transparent huge pages",                true,  thp_cell        },
    {"map",     "MAP",     "name as the kernel prints it",                    false, map_cell        },
};

const struct column *ps_mapping_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

static struct name_usage sum_of_all(const struct name_usages *names)
{
    struct name_usage all = {0};
    for (size_t i = 0; i < names->count; i++) {
        all.mappings += names->rows[i].mappings;
        all.present |= names->rows[i].present;
        for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++)
            all.bytes[field] = add_saturating(all.bytes[field], names->rows[i].bytes[field]);
    }
    return all;
}

bool ps_print_mappings(const struct ps_report *report, const struct view_options *options,
                       struct failure *why)
{
    struct name_usage all = sum_of_all(&report->names);
    struct ps_report total = {
        .snapshot = report->snapshot, .names = {.rows = &all, .count = 1}
    };
    struct table table = {.default_columns = "pids,avgpss,pss,map",
                          .default_sort = "pss",
                          .report = report,
                          .row_count = report->names.count,
                          .totals = options->totals ? &total : NULL,
                          .memory = report->size.memory,
                          .swap = report->size.swap};
    table.columns = ps_mapping_columns(&table.column_count);
    return table_print(&table, &options->table, options->to, why);
}
