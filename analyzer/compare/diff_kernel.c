#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_parts.h"

/* vmalloc groups, caches and modules alike: a named amount. */
struct kernel_entry {
    enum kernel_change_kind kind;
    const char *name, *detail;
    uint64_t bytes;
};

static int compare_entries(const void *a, const void *b)
{
    const struct kernel_entry *left = a, *right = b;
    if (left->kind != right->kind)
        return (int)left->kind - (int)right->kind;
    int order = strcmp(left->name, right->name);
    return order ? order
                 : strcmp(left->detail ? left->detail : "", right->detail ? right->detail : "");
}

/* Sorted, and equal names (one caller with areas of two types) folded into one. What the other side
 * could not read (vmallocinfo without root) is left out: it must not look like growth. */
static struct kernel_entry *sorted_entries(const struct kernel_usage *usage,
                                           const struct kernel_usage *other, size_t *count)
{
    size_t most = usage->vmalloc_count + usage->slab_count + usage->module_count, kept = 0;
    struct kernel_entry *entries = malloc((most + 1) * sizeof *entries);
    if (!entries)
        return NULL;
    for (size_t i = 0; other->has_vmalloc && i < usage->vmalloc_count; i++)
        entries[kept++] = (struct kernel_entry){KERNEL_VMALLOC, usage->vmalloc[i].caller,
                                                usage->vmalloc[i].module, usage->vmalloc[i].bytes};
    for (size_t i = 0; other->has_slab && i < usage->slab_count; i++)
        entries[kept++] = (struct kernel_entry){KERNEL_SLAB, usage->slab[i].cache->name, NULL,
                                                usage->slab[i].bytes};
    for (size_t i = 0; other->has_modules && i < usage->module_count; i++)
        entries[kept++] = (struct kernel_entry){KERNEL_MODULE, usage->modules[i].name, NULL,
                                                usage->modules[i].size.bytes};
    qsort(entries, kept, sizeof *entries, compare_entries);
    size_t out = 0;
    for (size_t i = 0; i < kept; i++) {
        if (out && compare_entries(&entries[out - 1], &entries[i]) == 0)
            entries[out - 1].bytes = add_saturating(entries[out - 1].bytes, entries[i].bytes);
        else
            entries[out++] = entries[i];
    }
    *count = out;
    return entries;
}

static bool add_change(struct snapshot_diff *diff, const struct kernel_entry *before,
                       const struct kernel_entry *after)
{
    const struct kernel_entry *entry = after ? after : before;
    struct kernel_change change = {
        .kind = entry->kind,
        .status = !before  ? MATCH_NEW
                  : !after ? MATCH_GONE
                           : MATCH_SAME,
        .name = entry->name,
        .detail = entry->detail,
        .before_bytes = before ? before->bytes : 0,
        .after_bytes = after ? after->bytes : 0,
    };
    change.change_bytes = difference(change.before_bytes, change.after_bytes);
    if (change.change_bytes == 0 && (change.kind != KERNEL_MODULE || change.status == MATCH_SAME))
        return true;
    change.beyond_noise =
        change.status != MATCH_SAME || exceeds_noise(change.change_bytes, change.noise_bytes);
    struct kernel_change *slot =
        ARRAY_PUSH(diff->kernel, diff->kernel_count, diff->kernel_capacity);
    if (!slot)
        return false;
    *slot = change;
    return true;
}

static int by_change(const void *a, const void *b)
{
    const struct kernel_change *left = a, *right = b;
    int order = compare_magnitudes(left->change_bytes, right->change_bytes);
    if (!order)
        order = (int)left->kind - (int)right->kind;
    return order ? order : strcmp(left->name, right->name);
}

bool diff_kernels(struct snapshot_diff *diff, struct failure *why)
{
    struct failure missing = {0};
    if (!kernel_usage_compute(diff->before, &diff->before_kernel, &missing) ||
        !kernel_usage_compute(diff->after, &diff->after_kernel, &missing))
        return missing.kind != FAILURE_SYSTEM || DIFF_OUT_OF_MEMORY(why);
    size_t before_count = 0, after_count = 0, i = 0, j = 0;
    AUTO_FREE struct kernel_entry *a =
        sorted_entries(&diff->before_kernel, &diff->after_kernel, &before_count);
    AUTO_FREE struct kernel_entry *b =
        sorted_entries(&diff->after_kernel, &diff->before_kernel, &after_count);
    bool ok = a && b;
    while (ok && (i < before_count || j < after_count)) {
        int order = i == before_count ? 1 : j == after_count ? -1 : compare_entries(&a[i], &b[j]);
        ok = add_change(diff, order <= 0 ? &a[i] : NULL, order >= 0 ? &b[j] : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    if (!ok)
        return DIFF_OUT_OF_MEMORY(why);
    if (diff->kernel_count)
        qsort(diff->kernel, diff->kernel_count, sizeof *diff->kernel, by_change);
    return true;
}
