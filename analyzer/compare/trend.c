#include "analyzer/compare/trend.h"

#include <stdlib.h>

#include "analyzer/account/reading_error.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/trend_levels.h"

bool trends_init(struct trends *trends, struct trend_order *order, const struct diff_scope *scope,
                 enum trend_level level, struct failure *why)
{
    *trends = (struct trends){.by_program = !order->same_host || !order->same_boot,
                              .order = *order,
                              .scope = *scope,
                              .level = level};
    *order = (struct trend_order){0};
    return trend_table_init(&trends->table, why);
}

void trends_deinit(struct trends *trends)
{
    trend_order_deinit(&trends->order);
    trend_table_deinit(&trends->table);
    free(trends->rows);
    *trends = (struct trends){0};
}

/* The ledger into `ledger` where there is one, and what may be off: half of what two bundles have. */
static bool prepare(struct trend_source *source, struct ledger *ledger, struct failure *why)
{
    struct failure missing = {0};
    struct reading_error error;
    if (!ledger_compute(source->snapshot, ledger, &missing))
        return true;
    source->ledger = ledger;
    reading_error_find(source->snapshot, &error);
    source->noise.drift_bytes = error.drift_bytes;
    return ledger_spread_compute(source->snapshot, ledger, &source->noise.before, why);
}

bool trends_add(struct trends *trends, const struct snapshot *snapshot, struct failure *why)
{
    bool is_read[TREND_PART_COUNT] = {false};
    struct trend_moment moment = trend_order_moment(&trends->order, trends->next++);
    struct trend_source source = {.snapshot = snapshot};
    AUTO_FREE struct ledger *ledger = malloc(sizeof *ledger);
    if (!ledger)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    trends->incomplete += !snapshot->complete;
    bool ok = prepare(&source, ledger, why) && trend_put_ledger(trends, &source, is_read, why) &&
              trend_put_processes(trends, &source, is_read, why) &&
              trend_put_classes(trends, &source, is_read, why) &&
              trend_put_mappings(trends, &source, is_read, why) &&
              trend_put_objects(trends, &source, is_read, why) &&
              trend_put_kernel(trends, &source, is_read, why);
    if (ok)
        trend_apply_cover(trends, snapshot, is_read);
    return ok && trend_table_commit(&trends->table, &moment, is_read, why);
}

/* A row while it is sorted: qsort() takes no context. */
struct ordered_row {
    const struct trend_entry *entry;
    uint64_t change_bytes; /* its size */
};

static int compare_rows(const void *a, const void *b)
{
    const struct ordered_row *left = a, *right = b;
    int order =
        (int)trend_part_level(left->entry->part) - (int)trend_part_level(right->entry->part);
    if (order)
        return order;
    bool left_steady = left->entry->verdict == TREND_STEADY;
    bool right_steady = right->entry->verdict == TREND_STEADY;
    if (left_steady != right_steady)
        return left_steady ? -1 : 1;
    if (left->change_bytes != right->change_bytes)
        return left->change_bytes > right->change_bytes ? -1 : 1;
    return left->entry < right->entry ? -1 : left->entry > right->entry;
}

bool trends_finish(struct trends *trends, struct failure *why)
{
    struct trend_table *table = &trends->table;
    uint32_t snapshots = (uint32_t)trends->order.count;
    struct ordered_row *order = malloc((table->count + 1) * sizeof *order);
    trends->rows = malloc((table->count + 1) * sizeof *trends->rows);
    if (!order || !trends->rows) {
        free(order);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    trend_table_judge(table, snapshots, !trends->by_program);
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++) {
        int64_t change = trend_series_change(&table->entries[i].series, snapshots);
        if (!table->entries[i].series.fit.points)
            continue; /* it was there, and never told */
        order[count++] = (struct ordered_row){&table->entries[i],
                                              change < 0 ? (uint64_t)-change : (uint64_t)change};
        trends->steady += table->entries[i].verdict == TREND_STEADY;
        trends->changed = trends->changed || table->entries[i].verdict != TREND_NOISE;
    }
    qsort(order, count, sizeof *order, compare_rows);
    for (size_t i = 0; i < count; i++) {
        trends->rows[i] = (size_t)(order[i].entry - table->entries);
        trends->level_start[trend_part_level(order[i].entry->part) + 1] = i + 1;
    }
    for (unsigned level = 1; level <= TREND_LEVEL_COUNT; level++)
        if (trends->level_start[level] < trends->level_start[level - 1])
            trends->level_start[level] = trends->level_start[level - 1];
    free(order);
    return true;
}
