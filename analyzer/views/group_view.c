#include "analyzer/views/group_view.h"

#include "analyzer/base/checked_math.h"

static const struct set_sharing *set_at(const void *report, size_t row)
{
    return &((const struct group_report *)report)->figures[row];
}

static struct set_growth growth_at(const void *report, size_t row)
{
    return set_growth_of(set_at(report, row), ((const struct group_report *)report)->available);
}

#define GROUP_CELL(name, expression)                                                               \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        const struct set_sharing *set = set_at(report, row);                                       \
        return expression;                                                                         \
    }

#define RANGE_CELLS(name, range)                                                                   \
    GROUP_CELL(name##_low, cell_of_bytes(range.low))                                               \
    GROUP_CELL(name##_high, cell_of_amount(set_at_most(set, range)))

GROUP_CELL(processes, cell_of_number(set->processes))
GROUP_CELL(unread, cell_of_number(set->unread))
GROUP_CELL(rss, cell_of_bytes(set->rss_bytes))
GROUP_CELL(pss, cell_of_bytes(set->pss.low))
GROUP_CELL(uss, cell_of_bytes(set->uss_bytes))
GROUP_CELL(page_tables, cell_of_amount(set->page_tables))
GROUP_CELL(stacks, cell_of_amount(set->kernel_stacks))
GROUP_CELL(swap_low, cell_of_swap(amount_of(set->swap.low)))
GROUP_CELL(swap_high, cell_of_swap(set_at_most(set, set->swap)))
RANGE_CELLS(held, set->footprint)
RANGE_CELLS(own, set->last_mapped)
RANGE_CELLS(with, set->with_others)
RANGE_CELLS(cache, set->fate[FATE_CACHE])
RANGE_CELLS(shmem, set->fate[FATE_SHMEM])
RANGE_CELLS(freed, set_freed_at_once(set))

/* Of all groups together, one more of the same means nothing. */
static bool is_total(const void *report)
{
    return !((const struct group_report *)report)->groups;
}

static struct cell one_more_cell(const void *report, size_t row)
{
    return cell_of_amount(is_total(report) ? AMOUNT_UNKNOWN : growth_at(report, row).one_more);
}

static struct cell fit_cell(const void *report, size_t row)
{
    return cell_of_count(is_total(report) ? AMOUNT_UNKNOWN : growth_at(report, row).fit);
}

static struct cell name_cell(const void *report, size_t row)
{
    const struct process_groups *groups = ((const struct group_report *)report)->groups;
    return cell_of_text(groups ? groups->groups[row].name : NULL);
}

static const struct column columns[] = {
    {"processes",  "PROCS",      "processes of the group",                    true,  processes_cell  },
    {"unread",     "UNREAD",     "of these, with memory that was not read",   true,  unread_cell     },
    {"rss",        "RSS",        "sum of RSS: shared pages in every process", true,  rss_cell        },
    {"pss",        "PSS",        "sum of PSS",                                true,  pss_cell        },
    {"uss",        "USS",        "sum of USS",                                true,  uss_cell        },
    {"low",        "LOW",        "holds at least, each page once",            true,  held_low_cell   },
    {"high",       "HIGH",       "and at most",                               true,  held_high_cell  },
    {"ownlow",     "OWNLOW",     "of that nobody else maps, at least",        true,  own_low_cell    },
    {"ownhigh",    "OWNHIGH",    "and at most",                               true,  own_high_cell   },
    {"withlow",    "WITHLOW",    "of that others map too, at least",          true,  with_low_cell   },
    {"withhigh",   "WITHHIGH",   "and at most",                               true,  with_high_cell  },
    {"freedlow",   "FREEDLOW",   "free at once if all of it stop, at least",  true,  freed_low_cell  },
    {"freedhigh",  "FREEDHIGH",  "and at most",                               true,  freed_high_cell },
    {"cachelow",   "CACHELOW",   "left as page cache then, at least",         true,  cache_low_cell  },
    {"cachehigh",  "CACHEHIGH",  "and at most",                               true,  cache_high_cell },
    {"shmemlow",   "SHMEMLOW",   "stays as shared memory then, at least",     true,  shmem_low_cell  },
    {"shmemhigh",  "SHMEMHIGH",  "and at most",                               true,  shmem_high_cell },
    {"swaplow",    "SWAPLOW",    "private swap free then, at least",          true,  swap_low_cell   },
    {"swaphigh",   "SWAPHIGH",   "and at most",                               true,  swap_high_cell  },
    {"pagetables", "PAGETABLES", "page tables; part of freed",                true,  page_tables_cell},
    {"stacks",     "STACKS",     "kernel stacks, about; part of freed",       true,  stacks_cell     },
    {"onemore",    "ONEMORE",    "one more of the same would take",           true,  one_more_cell   },
    {"fit",        "FIT",        "so many more would fit into MemAvailable",  true,  fit_cell        },
    {"group",      "GROUP",      "name of the group",                         false, name_cell       },
};

void groups_print_assumption(FILE *to)
{
    fputs("ONEMORE takes it that one more shares what these share, and has as much of its own "
          "as they have on average\n",
          to);
}

bool groups_print(const struct group_report *report, const struct view_options *options,
                  struct failure *why)
{
    const struct group_report total = {.snapshot = report->snapshot, .figures = report->all};
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns = "processes,low,high,ownlow,ownhigh,withlow,withhigh,"
                                             "freedlow,freedhigh,onemore,fit,group",
                          .default_sort = "high",
                          .report = report,
                          .row_count = report->groups->count,
                          .totals = report->all ? &total : NULL,
                          .memory = report->memory,
                          .swap = report->swap};
    if (!table_print(&table, &options->table, options->to, why))
        return false;
    if (!options->table.no_headings && report->groups->count)
        groups_print_assumption(options->to);
    else if (!options->table.no_headings)
        fputs("No process is in such a group\n", options->to);
    return true;
}
