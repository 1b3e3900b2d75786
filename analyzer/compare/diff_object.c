/* What became of each object. */
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_parts.h"

/* What the program that took the snapshot maps of it. */
static uint64_t collectors_part(const struct snapshot *snapshot, const struct objects *objects,
                                const struct object_usage *usage)
{
    for (size_t i = 0; usage && i < usage->sharer_count; i++) {
        const struct object_sharer *sharer = &objects->sharers[usage->first_sharer + i];
        if (is_collector(snapshot, &snapshot->processes[sharer->process]))
            return sharer->pss_bytes;
    }
    return 0;
}

/* PSS is cut to whole KiB in each mapping, and the collector is in both bundles with what it needed. */
static uint64_t noise_of(const struct snapshot_diff *diff, const struct object_usage *before,
                         const struct object_usage *after)
{
    uint64_t rounding =
        diff_noise_of_pss(before ? before->mappings : 0, after ? after->mappings : 0);
    uint64_t collectors =
        add_saturating(collectors_part(diff->before, &diff->before_objects, before),
                       collectors_part(diff->after, &diff->after_objects, after));
    return add_saturating(rounding, collectors);
}

static bool add_object(struct snapshot_diff *diff, const struct object_match *match,
                       const struct object_usage *before, const struct object_usage *after)
{
    struct object_change change = {
        .status = !before  ? MATCH_NEW
                  : !after ? MATCH_GONE
                           : MATCH_SAME,
        .relation = (enum object_relation)match->relation,
        .name_reused = match->name_reused,
        .candidates = match->candidates,
        .before = before,
        .after = after,
        .change_bytes =
            difference(before ? before->resident_bytes : 0, after ? after->resident_bytes : 0),
        .hugetlb_change =
            difference(before ? before->hugetlb_bytes : 0, after ? after->hugetlb_bytes : 0),
    };
    if (change.status == MATCH_SAME && change.relation != OBJECT_RELATION_REPLACED &&
        !change.change_bytes && !change.hugetlb_change)
        return true;
    change.noise_bytes = noise_of(diff, before, after);
    change.beyond_noise = exceeds_noise(change.change_bytes, change.noise_bytes) ||
                          exceeds_noise(change.hugetlb_change, change.noise_bytes);
    struct object_change *slot =
        ARRAY_PUSH(diff->objects, diff->object_count, diff->object_capacity);
    if (!slot)
        return false;
    *slot = change;
    return true;
}

static int by_change(const void *a, const void *b)
{
    const struct object_change *left = a, *right = b;
    int order = compare_magnitudes(left->change_bytes, right->change_bytes);
    if (!order)
        order = compare_magnitudes(left->hugetlb_change, right->hugetlb_change);
    if (order)
        return order;
    /* Usages lie in one array a side, so addresses give a stable order. */
    const struct object_usage *x = left->after ? left->after : left->before;
    const struct object_usage *y = right->after ? right->after : right->before;
    if ((left->after == NULL) != (right->after == NULL))
        return left->after ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* By index into mappings.objects: the usage of that object, NULL where no process in scope maps it. */
static const struct object_usage **usages_by_object(const struct snapshot *snapshot,
                                                    const struct objects *objects)
{
    const struct object_usage **found = calloc(snapshot->mappings.object_count + 1, sizeof *found);
    for (size_t i = 0; found && i < objects->count; i++)
        found[objects->usages[i].object] = &objects->usages[i];
    return found;
}

static bool add_all(struct snapshot_diff *diff)
{
    AUTO_FREE const struct object_usage **before =
        usages_by_object(diff->before, &diff->before_objects);
    AUTO_FREE const struct object_usage **after =
        usages_by_object(diff->after, &diff->after_objects);
    bool ok = before && after;
    for (size_t i = 0; ok && i < diff->before_objects.count; i++) {
        const struct object_usage *usage = &diff->before_objects.usages[i];
        const struct object_match *match = &diff->object_matches.before[usage->object];
        ok = add_object(diff, match, usage,
                        match->other == OBJECT_UNMATCHED ? NULL : after[match->other]);
    }
    for (size_t i = 0; ok && i < diff->after_objects.count; i++) {
        const struct object_usage *usage = &diff->after_objects.usages[i];
        const struct object_match *match = &diff->object_matches.after[usage->object];
        if (match->other == OBJECT_UNMATCHED || !before[match->other])
            ok = add_object(diff, match, NULL, usage);
    }
    return ok;
}

bool diff_objects(struct snapshot_diff *diff, struct failure *why)
{
    if (!objects_compute(diff->before, in_scope, &diff->scope, &diff->before_objects, why) ||
        !objects_compute(diff->after, in_scope, &diff->scope, &diff->after_objects, why))
        return false;
    if (!add_all(diff))
        return DIFF_OUT_OF_MEMORY(why);
    if (diff->object_count)
        qsort(diff->objects, diff->object_count, sizeof *diff->objects, by_change);
    return true;
}
