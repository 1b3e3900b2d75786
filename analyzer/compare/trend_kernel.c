/* The kernel causes of a snapshot: those of a diff, but for lines of the ledger, which have trends of
 * their own. */
#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/compare/kernel_causes.h"
#include "analyzer/compare/trend_levels.h"

#define KEY_MAX 4608 /* a path of 4,096 bytes, and what it is part of */

_Static_assert(TREND_SLAB - TREND_VMALLOC == KERNEL_SLAB - KERNEL_VMALLOC &&
                   TREND_MODULES - TREND_VMALLOC == KERNEL_MODULE - KERNEL_VMALLOC &&
                   TREND_CGROUPS - TREND_VMALLOC == KERNEL_CGROUP - KERNEL_VMALLOC &&
                   TREND_SWAP - TREND_VMALLOC == KERNEL_SWAP - KERNEL_VMALLOC &&
                   TREND_SHARED - TREND_VMALLOC == KERNEL_SHARED - KERNEL_VMALLOC,
               "parts of trends stand in the order of kinds of causes");

/* Caches that are shrunk when memory is needed, and cgroups, which are charged for page cache. */
static bool is_taken_back(const struct kernel_usage *usage, const struct named_amount *cause)
{
    for (size_t i = 0; cause->kind == KERNEL_SLAB && i < usage->slab_count; i++)
        if (strcmp(usage->slab[i].cache->name, cause->name) == 0)
            return usage->slab[i].reclaim == SLAB_RECLAIMABLE;
    return cause->kind == KERNEL_CGROUP;
}

static bool put_cause(struct trends *trends, const struct kernel_usage *usage,
                      const struct named_amount *cause, struct failure *why)
{
    char key[KEY_MAX];
    snprintf(key, sizeof key, "%s %s", cause->name, cause->detail ? cause->detail : "");
    const struct trend_figure figure = {
        .part = (enum trend_part)(TREND_VMALLOC + (cause->kind - KERNEL_VMALLOC)),
        .key = slice_of(key),
        .name = slice_of(cause->name),
        .detail = slice_of(cause->detail ? cause->detail : ""),
        .bytes = to_signed(cause->bytes),
        .noise_bytes = add_saturating(cause->noise_bytes, cause->collector_bytes),
        .may_grow = is_taken_back(usage, cause)};
    return trend_table_put(&trends->table, &figure, why);
}

static bool put_causes(struct trends *trends, const struct kernel_side *side, struct failure *why)
{
    struct named_list list = {0};
    bool ok =
        kernel_causes_list(side, &list) || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; ok && i < list.count; i++)
        if (list.rows[i].kind != KERNEL_LINE)
            ok = put_cause(trends, side->usage, &list.rows[i], why);
    named_list_deinit(&list);
    return ok;
}

bool trend_put_kernel(struct trends *trends, const struct trend_source *source, bool *is_read,
                      struct failure *why)
{
    const struct snapshot *snapshot = source->snapshot;
    struct kernel_usage usage = {0};
    struct shared_memory shared = {0};
    struct cgroups cgroups = {0};
    struct failure missing = {0};
    /* Without a page size, slabs and areas cannot be counted; the rest can. */
    bool ok = kernel_usage_compute(snapshot, &usage, &missing) || missing.kind != FAILURE_SYSTEM ||
              failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    ok = ok && shared_memory_compute(snapshot, &shared, why) &&
         cgroups_compute(snapshot, &cgroups, why);
    const struct kernel_side side = {.snapshot = snapshot,
                                     .other_snapshot = snapshot,
                                     .usage = &usage,
                                     .other_usage = &usage,
                                     .shared = &shared,
                                     .other_shared = &shared,
                                     .cgroups = &cgroups,
                                     .other_cgroups = &cgroups,
                                     .ledger = source->ledger,
                                     .spread = source->ledger ? &source->noise.before : NULL};
    is_read[TREND_VMALLOC] = usage.has_vmalloc;
    is_read[TREND_SLAB] = usage.has_slab;
    is_read[TREND_MODULES] = usage.has_modules;
    is_read[TREND_CGROUPS] = cgroups.tree.count != 0;
    is_read[TREND_SWAP] = snapshot->system.has_swaps;
    is_read[TREND_SHARED] = source->ledger != NULL;
    ok = ok && put_causes(trends, &side, why);
    cgroups_deinit(&cgroups);
    shared_memory_deinit(&shared);
    kernel_usage_deinit(&usage);
    return ok;
}
