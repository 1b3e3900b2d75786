#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_parts.h"

/* An object with all that it is matched by, so that both sides sort alike. */
struct object_entry {
    struct slice name;
    const struct mapped_object *object;
    const struct object_usage *usage;
};

static int compare_entries(const void *a, const void *b)
{
    const struct object_entry *left = a, *right = b;
    size_t least = left->name.length_bytes < right->name.length_bytes ? left->name.length_bytes
                                                                      : right->name.length_bytes;
    int order = least ? memcmp(left->name.at, right->name.at, least) : 0;
    if (order)
        return order;
    if (left->name.length_bytes != right->name.length_bytes)
        return left->name.length_bytes < right->name.length_bytes ? -1 : 1;
    const struct mapped_object *x = left->object, *y = right->object;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    if (x->device_major != y->device_major)
        return x->device_major < y->device_major ? -1 : 1;
    return x->device_minor < y->device_minor ? -1 : x->device_minor > y->device_minor;
}

static struct object_entry *sorted_entries(const struct snapshot *snapshot,
                                           const struct objects *objects)
{
    struct object_entry *entries = malloc((objects->count + 1) * sizeof *entries);
    for (size_t i = 0; entries && i < objects->count; i++) {
        const struct mapped_object *object = &snapshot->mappings.objects[objects->usages[i].object];
        entries[i] = (struct object_entry){
            .name = snapshot_text(snapshot, object->name),
            .object = object,
            .usage = &objects->usages[i],
        };
    }
    if (entries)
        qsort(entries, objects->count, sizeof *entries, compare_entries);
    return entries;
}

static bool add_object(struct snapshot_diff *diff, const struct object_usage *before,
                       const struct object_usage *after)
{
    struct object_change change = {
        .status = !before  ? MATCH_NEW
                  : !after ? MATCH_GONE
                           : MATCH_SAME,
        .before = before,
        .after = after,
        .change_bytes =
            difference(before ? before->resident_bytes : 0, after ? after->resident_bytes : 0),
        .hugetlb_change =
            difference(before ? before->hugetlb_bytes : 0, after ? after->hugetlb_bytes : 0),
    };
    if (change.status == MATCH_SAME && !change.change_bytes && !change.hugetlb_change)
        return true;
    change.beyond_noise = change.status != MATCH_SAME || change.hugetlb_change ||
                          exceeds_noise(change.change_bytes, change.noise_bytes);
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

bool diff_objects(struct snapshot_diff *diff, struct failure *why)
{
    if (!objects_compute(diff->before, in_scope, &diff->scope, &diff->before_objects, why) ||
        !objects_compute(diff->after, in_scope, &diff->scope, &diff->after_objects, why))
        return false;
    AUTO_FREE struct object_entry *a = sorted_entries(diff->before, &diff->before_objects);
    AUTO_FREE struct object_entry *b = sorted_entries(diff->after, &diff->after_objects);
    size_t i = 0, j = 0;
    bool ok = a && b;
    while (ok && (i < diff->before_objects.count || j < diff->after_objects.count)) {
        int order = i == diff->before_objects.count  ? 1
                    : j == diff->after_objects.count ? -1
                                                     : compare_entries(&a[i], &b[j]);
        ok = add_object(diff, order <= 0 ? a[i].usage : NULL, order >= 0 ? b[j].usage : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    if (!ok)
        return DIFF_OUT_OF_MEMORY(why);
    if (diff->object_count)
        qsort(diff->objects, diff->object_count, sizeof *diff->objects, by_change);
    return true;
}
