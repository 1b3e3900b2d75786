/* Sums over the mappings of processes, when not every snapshot could read those of the same processes. */
#include "analyzer/account/process_usage.h"
#include "analyzer/account/shared_memory.h"
#include "analyzer/compare/diff_parts.h"
#include "analyzer/compare/trend_levels.h"

/* SysV segments and tmpfs mounts have files of their own; the rest is known from who maps or holds it. */
static bool is_told_by_processes(const struct trend_table *table, const struct trend_entry *entry)
{
    struct slice detail = string_pool_get(&table->texts, entry->detail);
    switch (entry->part) {
    case TREND_OBJECTS:
    case TREND_CLASSES:
        return true;
    case TREND_SHARED:
        return !slice_equal(detail, slice_of(shared_kind_word(SHARED_SYSV))) &&
               !slice_equal(detail, slice_of(shared_kind_word(SHARED_TMPFS)));
    case TREND_LEDGER:
        return ledger_line_is_told_by_processes(detail,
                                                string_pool_get(&table->texts, entry->parent));
    default:
        return false;
    }
}

/* Of one process its own reading is what counts; of a program that of all. */
static bool is_untold_mapping(const struct trends *trends, const struct snapshot *snapshot,
                              const struct trend_entry *entry)
{
    if (entry->part != TREND_MAPPINGS)
        return false;
    const struct process *process = entry->pid ? snapshot_process(snapshot, entry->pid) : NULL;
    if (!process)
        return !entry->pid && trends->table.covers_less;
    struct process_usage usage;
    process_usage_compute(snapshot, process, &usage);
    return process_side_is_unread(&usage);
}

void trend_apply_cover(struct trends *trends, const struct snapshot *snapshot, bool *is_read)
{
    struct trend_table *table = &trends->table;
    bool lists_all = snapshot_lists_processes(snapshot);
    for (size_t i = 0; i < table->count; i++) {
        struct trend_entry *entry = &table->entries[i];
        bool is_sum = is_told_by_processes(table, entry);
        if (is_sum && table->covers_more)
            trend_table_begin_anew(table, entry);
        entry->is_untold |= (is_sum && table->covers_less) ||
                            (lists_all ? is_untold_mapping(trends, snapshot, entry)
                                       : entry->part == TREND_MAPPINGS);
    }
    if (table->covers_more)
        table->zeros[TREND_CLASSES] = table->zeros[TREND_OBJECTS] = table->untold;
    if (table->covers_less)
        is_read[TREND_CLASSES] = is_read[TREND_OBJECTS] = false;
}
