#include "analyzer/compare/diff_class.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_parts.h"
#include "analyzer/model/shared_address_space.h"

const char *class_change_id(const struct class_change *change)
{
    static const char *const ids[] = {
#define CLASS_ID(constant, id, how) [MAPPING_CLASS_##constant] = id,
        MAPPING_CLASSES(CLASS_ID)
#undef CLASS_ID
    };
    return ids[change->mapping_class];
}

static bool is_counted(const struct snapshot_diff *diff, const struct snapshot *snapshot,
                       const struct process *process)
{
    size_t index = (size_t)(process - snapshot->processes);
    return process->mapping_count && !process_repeats_address_space(snapshot, index) &&
           !snapshot_is_collector(snapshot, process) && is_compared(diff, snapshot, process);
}

static bool sum_classes(const struct snapshot_diff *diff, const struct snapshot *snapshot,
                        struct mapping_totals *totals, struct failure *why)
{
    struct mapping_classifier *classifier = mapping_classifier_create(snapshot, why);
    struct mapping_label *labels = NULL;
    bool ok = classifier != NULL;
    for (size_t i = 0; ok && i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (!is_counted(diff, snapshot, process))
            continue;
        struct mapping_label *grown = realloc(labels, process->mapping_count * sizeof *labels);
        ok = grown || DIFF_OUT_OF_MEMORY(why);
        if (!ok)
            break;
        labels = grown;
        mapping_classify(classifier, process, labels);
        mapping_totals_add(totals, snapshot, process, labels);
    }
    free(labels);
    mapping_classifier_free(classifier);
    return ok;
}

static int by_change(const void *a, const void *b)
{
    const struct class_change *left = a, *right = b;
    int order = compare_magnitudes(left->change_bytes, right->change_bytes);
    if (!order)
        order = compare_magnitudes(left->rss_change, right->rss_change);
    return order ? order : (int)left->mapping_class - (int)right->mapping_class;
}

static struct class_change change_of(unsigned mapping_class, const struct mapping_sums *before,
                                     const struct mapping_sums *after)
{
    struct class_change change = {
        .mapping_class = mapping_class,
        .before = *before,
        .after = *after,
        .change_bytes = difference(before->pss_bytes, after->pss_bytes),
        .rss_change = difference(before->rss_bytes, after->rss_bytes),
        .swap_change = difference(before->swap_bytes, after->swap_bytes),
        .hugetlb_change = difference(before->hugetlb_bytes, after->hugetlb_bytes),
        .noise_bytes = diff_noise_of_pss(before->mappings, after->mappings),
    };
    change.beyond_noise = exceeds_noise(change.change_bytes, change.noise_bytes) ||
                          change.swap_change || change.hugetlb_change;
    return change;
}

bool class_changes_compute(const struct snapshot_diff *diff, struct class_changes *out,
                           struct failure *why)
{
    AUTO_FREE struct mapping_totals *totals = calloc(2, sizeof *totals);
    if (!totals)
        return DIFF_OUT_OF_MEMORY(why);
    if (!sum_classes(diff, diff->before, &totals[0], why) ||
        !sum_classes(diff, diff->after, &totals[1], why))
        return false;
    out->count = 0;
    for (unsigned i = 0; i < MAPPING_CLASS_COUNT; i++)
        if (totals[0].classes[i].mappings || totals[1].classes[i].mappings)
            out->rows[out->count++] = change_of(i, &totals[0].classes[i], &totals[1].classes[i]);
    qsort(out->rows, out->count, sizeof *out->rows, by_change);
    return true;
}
