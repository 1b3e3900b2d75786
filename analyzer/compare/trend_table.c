#include "analyzer/compare/trend_table.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"

#define KEY_BYTES_MAX 8192 /* a path of 4,096 bytes, each escaped by no more than the kernel does */

static const struct part_row {
    const char *word;
    enum trend_level level;
    bool absent_is_zero;
} parts[TREND_PART_COUNT] = {
#define TREND_PART_ROW(constant, word, level, is_zero) {word, TREND_BY_##level, is_zero},
    TREND_PARTS(TREND_PART_ROW)
#undef TREND_PART_ROW
};

const char *trend_part_word(enum trend_part part)
{
    return parts[part].word;
}

enum trend_level trend_part_level(enum trend_part part)
{
    return parts[part].level;
}

const char *trend_level_word(enum trend_level level)
{
    static const char *const words[] = {
#define TREND_LEVEL_WORD(constant, word) word,
        TREND_LEVELS(TREND_LEVEL_WORD)
#undef TREND_LEVEL_WORD
    };
    return words[level];
}

static bool out_of_memory(struct failure *why)
{
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

bool trend_table_init(struct trend_table *table, struct failure *why)
{
    *table = (struct trend_table){0};
    return (string_pool_init(&table->keys) && string_pool_init(&table->texts)) ||
           out_of_memory(why);
}

void trend_table_deinit(struct trend_table *table)
{
    string_pool_deinit(&table->keys);
    string_pool_deinit(&table->texts);
    free(table->entries);
    *table = (struct trend_table){0};
}

/* The id of a figure's key: its part in front, so that no two parts share one. */
static bool intern_key(struct trend_table *table, const struct trend_figure *figure, uint32_t *id)
{
    char key[KEY_BYTES_MAX];
    size_t length =
        figure->key.length_bytes < sizeof key - 1 ? figure->key.length_bytes : sizeof key - 1;
    key[0] = (char)('A' + figure->part);
    if (length)
        memcpy(key + 1, figure->key.at, length);
    return string_pool_add(&table->keys, (struct slice){key, length + 1}, id);
}

/* A process may have another name by now: the last one counts. */
static bool set_text(struct trend_table *table, uint32_t *id, struct slice text)
{
    return slice_equal(string_pool_get(&table->texts, *id), text) ||
           string_pool_add(&table->texts, text, id);
}

static struct trend_entry *find_or_add(struct trend_table *table, const struct trend_figure *figure)
{
    uint32_t id = 0;
    if (!intern_key(table, figure, &id))
        return NULL;
    bool is_new = id > table->count;
    struct trend_entry *entry = is_new ? ARRAY_PUSH(table->entries, table->count, table->capacity)
                                       : &table->entries[id - 1];
    if (entry && is_new)
        *entry = (struct trend_entry){.series = figure->was_untold ? table->untold
                                                                   : table->zeros[figure->part],
                                      .part = figure->part,
                                      .pid = figure->pid,
                                      .may_grow = figure->may_grow};
    return entry && set_text(table, &entry->name, figure->name) &&
                   set_text(table, &entry->detail, figure->detail) &&
                   set_text(table, &entry->parent, figure->parent)
               ? entry
               : NULL;
}

static void note_cover(struct trend_table *table, struct trend_entry *entry, enum trend_cover cover)
{
    if (cover == TREND_MAPPINGS_READ) {
        table->covers_more |= entry->cover == TREND_MAPPINGS_UNREAD;
        entry->cover = cover;
    } else if (cover == TREND_MAPPINGS_UNREAD) {
        table->covers_less |= entry->cover == TREND_MAPPINGS_READ;
        entry->cover = entry->cover == TREND_NOT_ASKED ? cover : entry->cover;
    }
}

bool trend_table_put(struct trend_table *table, const struct trend_figure *figure,
                     struct failure *why)
{
    struct trend_entry *entry = find_or_add(table, figure);
    if (!entry)
        return out_of_memory(why);
    entry->is_now = true;
    if (figure->measure > entry->now_measure)
        entry->now_measure = figure->measure;
    note_cover(table, entry, figure->cover);
    int64_t sum;
    if (!__builtin_add_overflow(entry->now_bytes, figure->bytes, &sum))
        entry->now_bytes = sum > INT64_MAX / 4 ? INT64_MAX / 4 : sum;
    entry->now_noise_bytes = add_saturating(entry->now_noise_bytes, figure->noise_bytes);
    return true;
}

static bool is_gone(const struct trend_entry *entry, const struct trend_moment *moment)
{
    bool is_told = trend_series_is_told(&entry->series, moment->index);
    return (is_told && entry->series.last_index != moment->index) ||
           (parts[entry->part].absent_is_zero && entry->series.last_bytes == 0);
}

static bool move_text(const struct trend_table *table, struct string_pool *texts, uint32_t *id)
{
    return string_pool_add(texts, string_pool_get(&table->texts, *id), id);
}

/* Moves the entries that `keeps` is set for together, and makes new pools, so that nothing of the others
 * stays. Without memory the table is of no more use than for trend_table_deinit(). */
static bool keep_only(struct trend_table *table, const bool *keeps)
{
    struct string_pool keys = {0}, texts = {0};
    size_t kept = 0;
    bool ok = string_pool_init(&keys) && string_pool_init(&texts);
    for (size_t i = 0; ok && i < table->count; i++) {
        struct trend_entry *entry = &table->entries[kept];
        uint32_t id;
        if (!keeps[i]) {
            table->forgotten[table->entries[i].part]++;
            continue;
        }
        *entry = table->entries[i];
        ok = string_pool_add(&keys, string_pool_get(&table->keys, (uint32_t)i + 1), &id) &&
             move_text(table, &texts, &entry->name) && move_text(table, &texts, &entry->detail) &&
             move_text(table, &texts, &entry->parent);
        kept++;
    }
    string_pool_deinit(&table->keys);
    string_pool_deinit(&table->texts);
    table->keys = keys;
    table->texts = texts;
    table->count = kept;
    return ok;
}

struct gone_figure {
    size_t index;
    int64_t peak_bytes;
};

static int by_peak(const void *a, const void *b)
{
    const struct gone_figure *left = a, *right = b;
    if (left->peak_bytes != right->peak_bytes)
        return left->peak_bytes > right->peak_bytes ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

static bool forget_small(struct trend_table *table, const struct trend_moment *moment)
{
    size_t gone = 0;
    for (size_t i = 0; i < table->count; i++)
        gone += is_gone(&table->entries[i], moment);
    if (gone <= TREND_GONE_MOST)
        return true;
    AUTO_FREE bool *keeps = malloc(table->count * sizeof *keeps);
    AUTO_FREE struct gone_figure *order = malloc(gone * sizeof *order);
    if (!keeps || !order)
        return false;
    gone = 0;
    for (size_t i = 0; i < table->count; i++) {
        keeps[i] = !is_gone(&table->entries[i], moment);
        if (!keeps[i])
            order[gone++] = (struct gone_figure){i, table->entries[i].series.highest_bytes};
    }
    qsort(order, gone, sizeof *order, by_peak);
    for (size_t i = 0; i < TREND_GONE_MOST / 2; i++)
        keeps[order[i].index] = true;
    return keep_only(table, keeps);
}

void trend_table_begin_anew(const struct trend_table *table, struct trend_entry *entry)
{
    entry->series = table->untold;
    entry->has_measure = false;
}

/* Whether the snapshot's figure goes on with what was before. When it is a better one, that is forgotten. */
static bool is_of_measure(struct trend_table *table, struct trend_entry *entry)
{
    if (entry->now_measure == TREND_NOT_TOLD)
        return false;
    if (entry->has_measure && entry->now_measure < entry->measure)
        trend_table_begin_anew(table, entry);
    if (!entry->has_measure)
        entry->measure = entry->now_measure;
    entry->has_measure = true;
    return entry->now_measure == entry->measure;
}

static void end_snapshot(struct trend_table *table, struct trend_entry *entry,
                         const struct trend_moment *moment, bool is_read)
{
    bool is_told = entry->is_now ? is_of_measure(table, entry) : is_read;
    if (entry->is_untold || !is_told)
        trend_series_skip(&entry->series, moment);
    else if (entry->is_now || parts[entry->part].absent_is_zero)
        trend_series_add(&entry->series, moment, entry->now_bytes, entry->now_noise_bytes);
    entry->is_now = entry->is_untold = false;
    entry->now_measure = TREND_WHOLE;
    entry->now_bytes = 0;
    entry->now_noise_bytes = 0;
}

bool trend_table_commit(struct trend_table *table, const struct trend_moment *moment,
                        const bool is_read[TREND_PART_COUNT], struct failure *why)
{
    for (size_t i = 0; i < table->count; i++)
        end_snapshot(table, &table->entries[i], moment, is_read[table->entries[i].part]);
    for (unsigned part = 0; part < TREND_PART_COUNT; part++)
        if (!is_read[part])
            trend_series_skip(&table->zeros[part], moment);
        else if (parts[part].absent_is_zero)
            trend_series_add(&table->zeros[part], moment, 0, 0);
    trend_series_skip(&table->untold, moment);
    table->covers_less = table->covers_more = false;
    return forget_small(table, moment) || out_of_memory(why);
}

void trend_table_judge(struct trend_table *table, uint32_t snapshots, bool one_boot)
{
    for (size_t i = 0; i < table->count; i++) {
        struct trend_entry *entry = &table->entries[i];
        entry->verdict = trend_series_judge(&entry->series, snapshots);
        bool of_process = entry->part == TREND_PROCESSES || entry->part == TREND_MAPPINGS;
        bool can_leak = !entry->may_grow && (one_boot || (of_process && entry->pid));
        if (entry->verdict == TREND_STEADY && !can_leak)
            entry->verdict = TREND_GREW;
    }
}
