/* What became of each object. */
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_parts.h"

uint64_t diff_collectors_part(const struct snapshot *snapshot, const struct objects *objects,
                              const struct object_usage *usage)
{
    uint64_t part_bytes = 0;
    for (size_t i = 0; usage && i < usage->sharer_count; i++) {
        const struct object_sharer *sharer = &objects->sharers[usage->first_sharer + i];
        if (snapshot_is_collector(snapshot, &snapshot->processes[sharer->process]))
            part_bytes = add_saturating(part_bytes, sharer->pss_bytes);
    }
    return part_bytes;
}

/* PSS is cut to whole KiB in each mapping, and the collector is in both bundles with what it needed. */
static uint64_t noise_of(const struct snapshot_diff *diff, const struct object_usage *before,
                         const struct object_usage *after)
{
    uint64_t rounding =
        diff_noise_of_pss(before ? before->mappings : 0, after ? after->mappings : 0);
    uint64_t collectors =
        add_saturating(diff_collectors_part(diff->before, &diff->before_objects, before),
                       diff_collectors_part(diff->after, &diff->after_objects, after));
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

/* One side's usages, found by any path of their file. */
struct side {
    const struct objects *objects;
    const struct object_match *matches; /* by index into mappings.objects */
    uint32_t *usage_of; /* owned: by the same, 1 + index into usages; 0: nobody in scope maps it */
};

static bool side_init(struct side *side, const struct snapshot *snapshot,
                      const struct objects *objects, const struct object_match *matches)
{
    size_t count = snapshot->mappings.object_count;
    *side = (struct side){objects, matches, calloc(count + 1, sizeof *side->usage_of)};
    if (!side->usage_of)
        return false;
    for (size_t i = 0; i < objects->count; i++)
        side->usage_of[objects->usages[i].object] = (uint32_t)i + 1;
    for (size_t i = 0; i < count; i++)
        side->usage_of[i] = side->usage_of[objects->identities.first[i]];
    return true;
}

/* A file is matched if one of its paths is. */
static const struct object_match *match_of(const struct side *side,
                                           const struct object_usage *usage)
{
    const struct object_identities *identities = &side->objects->identities;
    for (uint32_t path = usage->object; path != NO_OBJECT; path = identities->next[path])
        if (side->matches[path].other != OBJECT_UNMATCHED)
            return &side->matches[path];
    return &side->matches[usage->object];
}

/* Hard links that were made or removed may match two files with one: the first keeps it. */
static bool add_pairs(struct snapshot_diff *diff, const struct side *before,
                      const struct side *after, bool *has_pair)
{
    for (size_t i = 0; i < before->objects->count; i++) {
        const struct object_usage *usage = &before->objects->usages[i];
        const struct object_match *match = match_of(before, usage);
        uint32_t other = match->other == OBJECT_UNMATCHED ? 0 : after->usage_of[match->other];
        if (other && has_pair[other - 1])
            other = 0;
        if (other)
            has_pair[other - 1] = true;
        if (!add_object(diff, match, usage, other ? &after->objects->usages[other - 1] : NULL))
            return false;
    }
    return true;
}

static bool add_all(struct snapshot_diff *diff)
{
    struct side before = {0}, after = {0};
    AUTO_FREE bool *has_pair = calloc(diff->after_objects.count + 1, sizeof *has_pair);
    bool ok =
        has_pair &&
        side_init(&before, diff->before, &diff->before_objects, diff->object_matches.before) &&
        side_init(&after, diff->after, &diff->after_objects, diff->object_matches.after) &&
        add_pairs(diff, &before, &after, has_pair);
    for (size_t i = 0; ok && i < after.objects->count; i++)
        if (!has_pair[i])
            ok = add_object(diff, match_of(&after, &after.objects->usages[i]), NULL,
                            &after.objects->usages[i]);
    free(before.usage_of);
    free(after.usage_of);
    return ok;
}

/* A process_filter. */
static bool is_wanted(void *diff, const struct snapshot *snapshot, const struct process *process)
{
    return is_compared(diff, snapshot, process);
}

bool diff_objects(struct snapshot_diff *diff, struct failure *why)
{
    if (!objects_compute(diff->before, is_wanted, diff, &diff->before_objects, why) ||
        !objects_compute(diff->after, is_wanted, diff, &diff->after_objects, why))
        return false;
    if (!add_all(diff))
        return DIFF_OUT_OF_MEMORY(why);
    if (diff->object_count)
        qsort(diff->objects, diff->object_count, sizeof *diff->objects, by_change);
    return true;
}
