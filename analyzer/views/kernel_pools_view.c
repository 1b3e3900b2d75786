/* Pools: percpu, free lists, sockets, compressed memory, huge pages, ... */
#include "analyzer/views/kernel_tables.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"

/* Which pools are shown. */
struct pools_report {
    const struct kernel_pools *pools;
    const size_t *shown;
};

static const struct kernel_pool *pool_at(const void *report, size_t row)
{
    const struct pools_report *rows = report;
    return &rows->pools->rows[rows->shown[row]];
}

#define POOL_AMOUNT_CELL(member)                                                                   \
    static struct cell member##_cell(const void *report, size_t row)                               \
    {                                                                                              \
        return cell_of_amount(pool_at(report, row)->member);                                       \
    }

POOL_AMOUNT_CELL(size)
POOL_AMOUNT_CELL(free)
POOL_AMOUNT_CELL(reserved)
POOL_AMOUNT_CELL(surplus)
POOL_AMOUNT_CELL(original)

/* What was stored per byte of memory that it takes now. */
static struct cell ratio_cell(const void *report, size_t row)
{
    const struct kernel_pool *pool = pool_at(report, row);
    if (!pool->original.known || !pool->size.known || pool->size.bytes == 0 ||
        pool->original.bytes > UINT64_MAX / 10)
        return (struct cell){.kind = CELL_ABSENT};
    return (struct cell){.kind = CELL_TENTHS,
                         .number = pool->original.bytes * 10 / pool->size.bytes};
}

static struct cell count_cell(const void *report, size_t row)
{
    struct amount count = pool_at(report, row)->count;
    return count.known ? cell_of_number(count.bytes) : (struct cell){.kind = CELL_ABSENT};
}

static struct cell count_of_cell(const void *report, size_t row)
{
    return cell_of_text(pool_at(report, row)->count_of);
}

static struct cell kind_cell(const void *report, size_t row)
{
    return cell_of_text(pool_kind_word(pool_at(report, row)->kind));
}

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_text(pool_at(report, row)->name);
}

static struct cell line_cell(const void *report, size_t row)
{
    const char *line = pool_at(report, row)->line;
    return cell_of_text(line && !*line ? "none" : line);
}

static const struct column columns[] = {
    {"size",     "SIZE",     "memory that it takes",              true,  size_cell    },
    {"free",     "FREE",     "part of it that is free",           true,  free_cell    },
    {"reserved", "RESERVED", "part of the free that is promised", true,  reserved_cell},
    {"surplus",  "SURPLUS",  "part of it beyond the pool's size", true,  surplus_cell },
    {"original", "ORIGINAL", "size of what is stored in it",      true,  original_cell},
    {"ratio",    "RATIO",    "original / size",                   true,  ratio_cell   },
    {"count",    "COUNT",    "how many",                          true,  count_cell   },
    {"of",       "OF",       "what is counted",                   false, count_of_cell},
    {"kind",     "KIND",     "what it is",                        false, kind_cell    },
    {"line",     "LINE",     "line of the ledger that has it",    false, line_cell    },
    {"name",     "POOL",     "name",                              false, name_cell    },
};

/* A pool that is empty says nothing, unless something is stored or promised there. */
static bool is_empty(const struct kernel_pool *pool)
{
    return pool->size.known && pool->size.bytes == 0 && pool->original.bytes == 0 &&
           pool->reserved.bytes == 0;
}

bool kernel_print_pools(const struct kernel_report *report, const struct view_options *options,
                        struct failure *why)
{
    const struct kernel_pools *pools = &report->pools;
    if (pools->count == 0)
        return true;
    AUTO_FREE size_t *shown = malloc(pools->count * sizeof *shown);
    size_t rows = 0;
    if (!shown)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < pools->count; i++)
        if (options->all || !is_empty(&pools->rows[i]))
            shown[rows++] = i;
    kernel_print_title(options, "pools");
    kernel_print_balances(report, KERNEL_POOLS_SECTION, options);
    struct view_options all = *options; /* few rows, and they are in no order of size */
    all.all = options->all || options->table.rows == 0;
    const struct pools_report rows_report = {pools, shown};
    const struct table table = KERNEL_TABLE(columns, &rows_report, rows);
    return kernel_print_table(&table, &all, why);
}
