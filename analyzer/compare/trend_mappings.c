/* Figures of mappings: by class over all processes, and by object and mode in each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/account/mapping_class.h"
#include "analyzer/account/object_usage.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_parts.h"
#include "analyzer/compare/trend_levels.h"

#define NAME_MAX_BYTES 4096

/* The size of a process's memory that mappings have in common. */
struct held {
    uint64_t mappings, bytes;
    uint64_t shared_clean_bytes; /* that others map or leave: PSS moves with them */
};

/* As of a process: PSS and its part of swap, or RSS. */
static void add_mapping(struct held *held, const struct snapshot *snapshot,
                        const struct process *process, const struct mapping *mapping)
{
    uint64_t value[SMAPS_FIELD_COUNT];
    bool has_pss = process->smaps.present & SMAPS_BIT(SMAPS_PSS);
    mapping_values(&snapshot->mappings, mapping, value);
    uint64_t bytes =
        has_pss ? add_saturating(value[SMAPS_PSS], value[SMAPS_SWAP_PSS]) : value[SMAPS_RSS];
    held->mappings++;
    held->bytes = add_saturating(held->bytes, bytes);
    held->shared_clean_bytes = add_saturating(held->shared_clean_bytes, value[SMAPS_SHARED_CLEAN]);
}

static const struct mapping *mappings_of(const struct snapshot *snapshot,
                                         const struct process *process)
{
    return snapshot->mappings.mappings + process->first_mapping;
}

/* ----------------------------------------------------------------- classes */

static bool sum_classes(const struct trends *trends, const struct snapshot *snapshot,
                        struct mapping_classifier *classifier,
                        struct held held[MAPPING_CLASS_COUNT], struct failure *why)
{
    AUTO_FREE struct mapping_label *labels = NULL;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (!process->mapping_count || !trend_has_process(trends, snapshot, process))
            continue;
        struct mapping_label *grown = realloc(labels, process->mapping_count * sizeof *labels);
        if (!grown)
            return DIFF_OUT_OF_MEMORY(why);
        labels = grown;
        mapping_classify(classifier, process, labels);
        for (size_t j = 0; j < process->mapping_count; j++)
            add_mapping(&held[labels[j].mapping_class], snapshot, process,
                        mappings_of(snapshot, process) + j);
    }
    return true;
}

static bool put_class(struct trends *trends, const struct snapshot *snapshot, const char *id,
                      const struct held *held, struct failure *why)
{
    const struct trend_figure figure = {.part = TREND_CLASSES,
                                        .key = slice_of(id),
                                        .name = slice_of(id),
                                        .bytes = to_signed(held->bytes),
                                        .noise_bytes =
                                            trend_noise_of_pages(snapshot, held->mappings)};
    return !held->mappings || trend_table_put(&trends->table, &figure, why);
}

bool trend_put_classes(struct trends *trends, const struct trend_source *source, bool *is_read,
                       struct failure *why)
{
    const struct snapshot *snapshot = source->snapshot;
    struct held held[MAPPING_CLASS_COUNT] = {{0}};
    if (trends->level != TREND_BY_CLASS)
        return true;
    struct mapping_classifier *classifier = mapping_classifier_create(snapshot, why);
    bool ok = classifier && sum_classes(trends, snapshot, classifier, held, why);
    is_read[TREND_CLASSES] = snapshot->mappings.count != 0;
    for (unsigned i = 0; ok && i < MAPPING_CLASS_COUNT; i++)
        ok = put_class(trends, snapshot, mapping_class_id(classifier, i), &held[i], why);
    mapping_classifier_free(classifier);
    return ok;
}

/* ---------------------------------------------------------------- mappings */

static int by_object(const void *a, const void *b)
{
    const struct mapping *left = *(const struct mapping *const *)a;
    const struct mapping *right = *(const struct mapping *const *)b;
    if (left->object != right->object)
        return left->object < right->object ? -1 : 1;
    return (int)left->permissions - (int)right->permissions;
}

/* Addresses tell nothing: an area that grows downwards, or is mapped anew, has another. Of different
 * boots or hosts a program's mappings are one. */
static bool put_mappings(struct trends *trends, const struct snapshot *snapshot,
                         const struct process *process, const struct mapping *one,
                         const struct held *held, struct failure *why)
{
    const struct trend_process_key own = trend_process_key(snapshot, process);
    struct slice comm = trend_process_name(snapshot, process);
    struct slice whose = trends->by_program ? comm : slice_of(own.text);
    struct slice name = snapshot_text(snapshot, snapshot->mappings.objects[one->object].name);
    size_t length = name.length_bytes < NAME_MAX_BYTES ? name.length_bytes : NAME_MAX_BYTES;
    char key[NAME_MAX_BYTES + sizeof own.text + 8];
    int used = snprintf(key, sizeof key, "%.*s %s %.*s", (int)whose.length_bytes, whose.at,
                        mapping_mode(one), (int)length, name.at);
    const struct trend_figure figure = {
        .part = TREND_MAPPINGS,
        .key = {key, (size_t)used < sizeof key ? (size_t)used : sizeof key - 1},
        .name = name,
        .detail = slice_of(mapping_mode(one)),
        .parent = comm,
        .pid = trends->by_program ? 0 : process->pid,
        .was_untold = trends->table.covers_more,
        .bytes = to_signed(held->bytes),
        .noise_bytes =
            add_saturating(diff_noise_of_process(process, NULL),
                           add_saturating(held->shared_clean_bytes,
                                          trend_noise_of_pages(snapshot, held->mappings))),
    };
    return trend_table_put(&trends->table, &figure, why);
}

static bool put_process(struct trends *trends, const struct snapshot *snapshot,
                        const struct process *process, struct failure *why)
{
    size_t count = process->mapping_count;
    AUTO_FREE const struct mapping **order = malloc(count * sizeof *order);
    if (!order)
        return DIFF_OUT_OF_MEMORY(why);
    for (size_t i = 0; i < count; i++)
        order[i] = mappings_of(snapshot, process) + i;
    qsort(order, count, sizeof *order, by_object);
    for (size_t first = 0, next; first < count; first = next) {
        struct held held = {0};
        for (next = first; next < count && by_object(&order[first], &order[next]) == 0; next++)
            add_mapping(&held, snapshot, process, order[next]);
        if (!put_mappings(trends, snapshot, process, order[first], &held, why))
            return false;
    }
    return true;
}

bool trend_put_mappings(struct trends *trends, const struct trend_source *source, bool *is_read,
                        struct failure *why)
{
    const struct snapshot *snapshot = source->snapshot;
    bool ok = true;
    if (trends->level != TREND_BY_MAPPING)
        return true;
    is_read[TREND_MAPPINGS] = snapshot->mappings.count != 0;
    for (size_t i = 0; ok && i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (process->mapping_count && trend_has_process(trends, snapshot, process))
            ok = put_process(trends, snapshot, process, why);
    }
    return ok;
}
