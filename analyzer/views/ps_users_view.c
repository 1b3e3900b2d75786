#include "analyzer/views/ps_view.h"

static const struct user_usage *user_at(const void *report, size_t row)
{
    return &((const struct ps_report *)report)->users.rows[row];
}

static struct cell user_cell(const void *report, size_t row)
{
    return cell_of_count(user_at(report, row)->uid);
}

static struct cell count_cell(const void *report, size_t row)
{
    return cell_of_number(user_at(report, row)->totals.processes);
}

static struct cell unread_cell(const void *report, size_t row)
{
    return cell_of_number(user_at(report, row)->totals.unread);
}

#define TOTAL_CELL(name, cell_of, member)                                                          \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        return cell_of(user_at(report, row)->totals.member);                                       \
    }

TOTAL_CELL(vss, cell_of_amount, vss)
TOTAL_CELL(rss, cell_of_amount, rss)
TOTAL_CELL(pss, cell_of_amount, pss)
TOTAL_CELL(uss, cell_of_amount, uss)
TOTAL_CELL(swap, cell_of_swap, swap)
TOTAL_CELL(swap_pss, cell_of_swap, swap_pss)
TOTAL_CELL(epss, cell_of_amount, epss)
TOTAL_CELL(hugetlb, cell_of_amount, hugetlb)
TOTAL_CELL(page_tables, cell_of_amount, page_tables)
TOTAL_CELL(stacks, cell_of_amount, kernel_stacks)
TOTAL_CELL(freed, cell_of_amount, freed_if_killed)
TOTAL_CELL(threads, cell_of_count, threads)

static const struct column columns[] = {
    {"user",       "USER",       "its number: a bundle has no user names",          true, user_cell       },
    {"count",      "COUNT",      "its processes",                                   true, count_cell      },
    {"swap",       "SWAP",       "swapped out, shared slots counted in full",       true, swap_cell       },
    {"swappss",    "SWAPPSS",    "swapped out, shared slots divided",               true, swap_pss_cell   },
    {"uss",        "USS",        "resident and mapped by one process only",         true, uss_cell        },
    {"pss",        "PSS",        "resident, shared pages divided by their sharers", true, pss_cell        },
    {"rss",        "RSS",        "resident, shared pages counted in each process",  true, rss_cell        },
    {"vss",        "VSS",        "address space",                                   true, vss_cell        },
    {"epss",       "EPSS",       "PSS + SWAPPSS",                                   true, epss_cell       },
    {"hugetlb",    "HUGETLB",    "huge pages, in none of the above",                true, hugetlb_cell    },
    {"pagetables", "PAGETABLES", "VmPTE + VmPMD",                                   true, page_tables_cell},
    {"stacks",     "STACKS",     "kernel stacks of its threads",                    true, stacks_cell     },
    {"freed",      "FREED",      "at least, if all are killed: the sum over them",  true, freed_cell      },
    {"threads",    "THREADS",    "number of threads",                               true, threads_cell    },
    {"unread",     "UNREAD",     "processes whose PSS could not be read",           true, unread_cell     },
};

const struct column *ps_user_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

bool ps_print_users(const struct ps_report *report, const struct view_options *options,
                    struct failure *why)
{
    struct user_usage all = {.totals = report->totals};
    struct ps_report total = {
        .users = {.rows = &all, .count = 1}
    };
    struct table table = {.default_columns = "user,count,swap,uss,pss,rss",
                          .default_sort = "pss",
                          .report = report,
                          .row_count = report->users.count,
                          .totals = options->totals ? &total : NULL,
                          .memory = report->size.memory,
                          .swap = report->size.swap};
    all.totals.processes = 0;
    for (size_t i = 0; i < report->users.count; i++)
        all.totals.processes += report->users.rows[i].totals.processes;
    table.columns = ps_user_columns(&table.column_count);
    return table_print(&table, &options->table, options->to, why);
}
