/* Lines of the ledger. Parts of a line that a snapshot does not divide are unknown there, not 0. */
#include "analyzer/account/ledger.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_noise.h"
#include "analyzer/compare/trend_levels.h"

#define AVAILABLE "available"

/* Lines that grow whenever nobody needs the memory. */
static bool is_taken_back(const char *id)
{
    static const char *const ids[] = {"free",
                                      "pcp",
                                      "user.file_cache",
                                      "user.buffers",
                                      "user.swap_cache",
                                      "slab.reclaimable",
                                      "misc_reclaimable",
                                      AVAILABLE,
                                      "user"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

/* Whether an earlier snapshot had parts of this line. */
static bool was_divided(const struct trend_table *table, struct slice id)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i].part == TREND_LEDGER && table->entries[i].series.fit.points &&
            slice_equal(string_pool_get(&table->texts, table->entries[i].parent), id))
            return true;
    return false;
}

/* Whether this snapshot has the line, and no parts of it. */
static bool is_undivided(const struct ledger *ledger, struct slice id)
{
    bool is_there = false;
    for (size_t i = 0; i < ledger->line_count; i++) {
        const struct ledger_line *line = &ledger->lines[i];
        is_there = is_there || slice_equal(slice_of(line->id), id);
        if (line->parent >= 0 && slice_equal(slice_of(ledger->lines[line->parent].id), id))
            return false;
    }
    return is_there;
}

/* The parts of a line that is not divided here are unknown, not gone: a file was refused. */
static void skip_parts_of_undivided(struct trend_table *table, const struct ledger *ledger)
{
    for (size_t i = 0; i < table->count; i++) {
        struct trend_entry *entry = &table->entries[i];
        if (entry->part == TREND_LEDGER && entry->parent && !entry->is_now)
            entry->is_untold = is_undivided(ledger, string_pool_get(&table->texts, entry->parent));
    }
}

/* `parent`: id of the line that it is part of, or "". */
static bool put_line(struct trends *trends, const struct trend_source *source, const char *id,
                     const char *label, const char *parent, int64_t bytes, struct failure *why)
{
    const struct ledger *ledger = source->ledger;
    uint64_t off = strcmp(id, AVAILABLE) == 0
                       ? diff_noise_of_beside(&source->noise, ledger, ledger, id)
                       : diff_noise_of_line(&source->noise, ledger, ledger, id);
    const struct trend_figure figure = {
        .part = TREND_LEDGER,
        .key = slice_of(id),
        .name = slice_of(label),
        .detail = slice_of(id),
        .parent = slice_of(parent),
        .was_untold = *parent && !was_divided(&trends->table, slice_of(parent)),
        .bytes = bytes,
        .noise_bytes = off,
        .may_grow = is_taken_back(id)};
    return trend_table_put(&trends->table, &figure, why);
}

bool trend_put_ledger(struct trends *trends, const struct trend_source *source, bool *is_read,
                      struct failure *why)
{
    const struct ledger *ledger = source->ledger;
    is_read[TREND_LEDGER] = ledger != NULL;
    if (!ledger)
        return true; /* the rest has trends all the same */
    struct amount available =
        ledger->available.printed.known ? ledger->available.printed : ledger->available.computed;
    bool ok = put_line(trends, source, "mem_total", "MemTotal", "",
                       to_signed(ledger->mem_total_bytes), why);
    for (size_t i = 0; ok && i < ledger->line_count; i++) {
        const struct ledger_line *line = &ledger->lines[i];
        ok = put_line(trends, source, line->id, line->label,
                      line->parent < 0 ? "" : ledger->lines[line->parent].id,
                      to_signed(line->bytes), why);
    }
    skip_parts_of_undivided(&trends->table, ledger);
    ok = ok && put_line(trends, source, "residual", "Residual: counted nowhere", "",
                        ledger->residual_bytes, why);
    return ok && (!available.known || put_line(trends, source, AVAILABLE, "MemAvailable", "",
                                               to_signed(available.bytes), why));
}
