/* The mappings of one process that changed. */
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_parts.h"

static struct mapping_figures sum_figures(const struct snapshot *snapshot,
                                          const struct mapping *const *mappings, size_t count)
{
    struct mapping_figures sum = {0};
    for (size_t i = 0; i < count; i++) {
        uint64_t value[SMAPS_FIELD_COUNT];
        mapping_values(&snapshot->mappings, mappings[i], value);
        sum.size_bytes = add_saturating(sum.size_bytes, value[SMAPS_SIZE]);
        sum.rss_bytes = add_saturating(sum.rss_bytes, value[SMAPS_RSS]);
        sum.pss_bytes = add_saturating(sum.pss_bytes, value[SMAPS_PSS]);
        sum.uss_bytes = add_saturating(
            sum.uss_bytes, add_saturating(value[SMAPS_PRIVATE_CLEAN], value[SMAPS_PRIVATE_DIRTY]));
        sum.shared_clean_bytes = add_saturating(sum.shared_clean_bytes, value[SMAPS_SHARED_CLEAN]);
        sum.private_dirty_bytes =
            add_saturating(sum.private_dirty_bytes, value[SMAPS_PRIVATE_DIRTY]);
        sum.swap_bytes = add_saturating(sum.swap_bytes, value[SMAPS_SWAP]);
        sum.hugetlb_bytes =
            add_saturating(sum.hugetlb_bytes, add_saturating(value[SMAPS_PRIVATE_HUGETLB],
                                                             value[SMAPS_SHARED_HUGETLB]));
    }
    return sum;
}

static uint64_t page_bytes(const struct snapshot_diff *diff)
{
    uint64_t before = 0, after = 0;
    snapshot_page_size(diff->before, &before);
    snapshot_page_size(diff->after, &after);
    return before > after ? before : after;
}

/* By how much PSS may move without any doing of this process: clean pages of files that others map or
 * leave too, and the rounding of what is shared otherwise. */
static uint64_t pss_noise(const struct snapshot_diff *diff, const struct mapping_figures *before,
                          const struct mapping_figures *after)
{
    uint64_t shared = before->shared_clean_bytes > after->shared_clean_bytes
                          ? before->shared_clean_bytes
                          : after->shared_clean_bytes;
    return add_saturating(page_bytes(diff), shared);
}

/* The other figures are its own: exact but for what moved while a bundle was taken. USS is not: clean pages of
 * a file become private when others leave them. Of RSS and written pages each is asked alone. */
static bool is_beyond_noise(const struct mapping_change *change, uint64_t moved_bytes)
{
    const int64_t own[] = {change->rss_change, change->swap_change, change->private_dirty_change,
                           change->hugetlb_change, change->locked_change};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (exceeds_noise(own[i], moved_bytes))
            return true;
    return change->size_change != 0 || change->status == MAPPING_SPLIT ||
           change->status == MAPPING_MERGED ||
           exceeds_noise(change->pss_change, change->noise_bytes);
}

static bool add_mapping(struct snapshot_diff *diff, const struct process_change *process,
                        const struct mapping_matches *matches, const struct mapping_match *match)
{
    const struct mapping *const *before = matches->before + match->before_first;
    const struct mapping *const *after = matches->after + match->after_first;
    const struct mapping_figures old = sum_figures(diff->before, before, match->before_count);
    const struct mapping_figures new = sum_figures(diff->after, after, match->after_count);
    if (match->status == MAPPING_SAME && memcmp(&old, &new, sizeof old) == 0)
        return true;
    struct mapping_change *change =
        ARRAY_PUSH(diff->mappings, diff->mapping_count, diff->mapping_capacity);
    if (!change)
        return false;
    uint64_t moved_bytes = diff_noise_of_process(process->before.process, process->after.process);
    *change = (struct mapping_change){
        .status = match->status,
        .before = match->before_count ? before[0] : NULL,
        .after = match->after_count ? after[0] : NULL,
        .before_count = match->before_count,
        .after_count = match->after_count,
        .before_figures = old,
        .after_figures = new,
        .pss_change = difference(old.pss_bytes, new.pss_bytes),
        .rss_change = difference(old.rss_bytes, new.rss_bytes),
        .size_change = difference(old.size_bytes, new.size_bytes),
        .swap_change = difference(old.swap_bytes, new.swap_bytes),
        .hugetlb_change = difference(old.hugetlb_bytes, new.hugetlb_bytes),
        .uss_change = difference(old.uss_bytes, new.uss_bytes),
        .private_dirty_change = difference(old.private_dirty_bytes, new.private_dirty_bytes),
        .locked_change = difference(old.locked_bytes, new.locked_bytes),
    };
    change->noise_bytes = add_saturating(moved_bytes, pss_noise(diff, &old, &new));
    change->beyond_noise = !process->is_collector && is_beyond_noise(change, moved_bytes);
    return true;
}

static int by_change(const void *a, const void *b)
{
    const struct mapping_change *left = a, *right = b;
    int order = compare_magnitudes(left->pss_change, right->pss_change);
    if (!order)
        order = compare_magnitudes(left->rss_change, right->rss_change);
    if (!order)
        order = compare_magnitudes(left->size_change, right->size_change);
    if (order)
        return order;
    uint64_t left_start = left->after ? left->after->start : left->before->start;
    uint64_t right_start = right->after ? right->after->start : right->before->start;
    return left_start < right_start ? -1 : left_start > right_start;
}

static const struct mapping_matches *match(struct mapping_matcher *matcher,
                                           const struct process_change *change)
{
    const struct process *before = change->before.process, *after = change->after.process;
    if (!before || !after)
        return mapping_match_one_side(matcher, before ? before : after, after != NULL);
    return change->status == MATCH_SAME && !change->executed
               ? mapping_match_same(matcher, before, after)
               : mapping_match_restarted(matcher, before, after);
}

bool diff_mappings(struct snapshot_diff *diff, struct mapping_matcher *matcher,
                   const struct process_change *change)
{
    size_t first = diff->mapping_count;
    const struct mapping_matches *matches = match(matcher, change);
    for (size_t i = 0; matches && i < matches->count; i++)
        if (!add_mapping(diff, change, matches, &matches->matches[i]))
            return false;
    if (diff->mapping_count > first)
        qsort(diff->mappings + first, diff->mapping_count - first, sizeof *diff->mappings,
              by_change);
    return matches != NULL;
}
