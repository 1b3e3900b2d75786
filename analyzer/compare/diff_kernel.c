#include <stdlib.h>
#include <string.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_parts.h"
#include "analyzer/compare/kernel_causes.h"

const char *kernel_change_word(enum kernel_change_kind kind)
{
    static const char *const words[] = {
#define KERNEL_CHANGE_WORD(constant, word, key) word,
        KERNEL_CHANGE_KINDS(KERNEL_CHANGE_WORD)
#undef KERNEL_CHANGE_WORD
    };
    return words[kind];
}

static uint64_t noise_of_side(const struct named_amount *side)
{
    return side ? add_saturating(side->noise_bytes, side->collector_bytes) : 0;
}

/* Noise of both sides together. A line of the ledger brings the drift of counters with it. */
static uint64_t noise_of(const struct snapshot_diff *diff, const struct named_amount *before,
                         const struct named_amount *after)
{
    if (after ? after->kind == KERNEL_LINE : before->kind == KERNEL_LINE)
        return diff_noise_of_line(diff->noise, diff->before_ledger, diff->after_ledger,
                                  after ? after->name : before->name);
    return add_saturating(noise_of_side(before), noise_of_side(after));
}

static bool add_change(void *context, const struct named_amount *before,
                       const struct named_amount *after)
{
    struct snapshot_diff *diff = context;
    const struct named_amount *named = after ? after : before;
    struct kernel_change change = {
        .kind = (enum kernel_change_kind)named->kind,
        .status = !before  ? MATCH_NEW
                  : !after ? MATCH_GONE
                           : MATCH_SAME,
        .name = named->name,
        .detail = named->detail,
        .before_bytes = before ? before->bytes : 0,
        .after_bytes = after ? after->bytes : 0,
        .mapped_change =
            difference(before ? before->mapped_bytes : 0, after ? after->mapped_bytes : 0),
        .noise_bytes = noise_of(diff, before, after),
    };
    bool is_module = change.kind == KERNEL_MODULE && change.status != MATCH_SAME;
    change.change_bytes = difference(change.before_bytes, change.after_bytes);
    if (change.change_bytes == 0 && !is_module)
        return true;
    change.beyond_noise = is_module || exceeds_noise(change.change_bytes, change.noise_bytes);
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
    if (!order)
        order = strcmp(left->name, right->name);
    return order ? order
                 : strcmp(left->detail ? left->detail : "", right->detail ? right->detail : "");
}

/* The shared names of one side live in `shared`, so it belongs to the diff. */
static bool compare(struct snapshot_diff *diff, const struct cgroups *before_cgroups,
                    const struct cgroups *after_cgroups)
{
    const struct kernel_side before = {
        .snapshot = diff->before,
        .other_snapshot = diff->after,
        .usage = &diff->before_kernel,
        .other_usage = &diff->after_kernel,
        .shared = &diff->before_shared,
        .other_shared = &diff->after_shared,
        .cgroups = before_cgroups,
        .other_cgroups = after_cgroups,
        .is_one_sided = diff->is_one_sided,
        .ledger = diff->has_ledger ? diff->before_ledger : NULL,
        .spread = diff->has_ledger ? &diff->noise->before : NULL,
    };
    const struct kernel_side after = {
        .snapshot = diff->after,
        .other_snapshot = diff->before,
        .usage = &diff->after_kernel,
        .other_usage = &diff->before_kernel,
        .shared = &diff->after_shared,
        .other_shared = &diff->before_shared,
        .cgroups = after_cgroups,
        .other_cgroups = before_cgroups,
        .is_one_sided = diff->is_one_sided,
        .ledger = diff->has_ledger ? diff->after_ledger : NULL,
        .spread = diff->has_ledger ? &diff->noise->after : NULL,
    };
    struct named_list a = {0}, b = {0};
    bool ok = kernel_causes_list(&before, &a) && kernel_causes_list(&after, &b) &&
              named_lists_match(&a, &b, add_change, diff);
    named_list_deinit(&a);
    named_list_deinit(&b);
    return ok;
}

static bool compare_with_cgroups(struct snapshot_diff *diff, struct failure *why)
{
    struct cgroups before = {0}, after = {0};
    bool ok =
        cgroups_compute(diff->before, &before, why) && cgroups_compute(diff->after, &after, why);
    ok = ok && (compare(diff, &before, &after) || DIFF_OUT_OF_MEMORY(why));
    cgroups_deinit(&before);
    cgroups_deinit(&after);
    return ok;
}

bool diff_kernels(struct snapshot_diff *diff, struct failure *why)
{
    struct failure missing = {0};
    /* Without a page size, slabs and areas cannot be counted; the rest can. */
    if ((!kernel_usage_compute(diff->before, &diff->before_kernel, &missing) ||
         !kernel_usage_compute(diff->after, &diff->after_kernel, &missing)) &&
        missing.kind == FAILURE_SYSTEM)
        return DIFF_OUT_OF_MEMORY(why);
    if (!shared_memory_compute(diff->before, &diff->before_shared, why) ||
        !shared_memory_compute(diff->after, &diff->after_shared, why) ||
        !compare_with_cgroups(diff, why))
        return false;
    if (diff->kernel_count)
        qsort(diff->kernel, diff->kernel_count, sizeof *diff->kernel, by_change);
    return true;
}
