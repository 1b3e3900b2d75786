/* What became of each process. */
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_parts.h"

bool process_side_has(const struct process_usage *side, struct amount amount)
{
    return !side->process || (amount.known && !process_usage_is_cut(side)) ||
           process_usage_has_none(side);
}

/* The change of one figure; false, and 0, where a side that there is does not have it. */
static bool find_change(const struct process_change *change, struct amount before,
                        struct amount after, int64_t *found)
{
    bool is_known =
        process_side_has(&change->before, before) && process_side_has(&change->after, after);
    *found =
        is_known ? difference(before.known ? before.bytes : 0, after.known ? after.bytes : 0) : 0;
    return is_known;
}

static void compute_changes(struct process_change *change)
{
    const struct process_usage *before = &change->before, *after = &change->after;
    change->by_pss = find_change(change, before->pss, after->pss, &change->change_bytes);
    change->has_rss = find_change(change, before->rss, after->rss, &change->rss_change);
    change->has_swap = find_change(change, before->swap, after->swap, &change->swap_change);
    change->has_hugetlb =
        find_change(change, before->hugetlb, after->hugetlb, &change->hugetlb_change);
    change->has_change = change->by_pss || change->has_rss;
    if (!change->by_pss)
        change->change_bytes = change->rss_change;
}

/* A side that has not got to it is no side without it: nothing is known of a change. */
static bool is_unlisted(const struct snapshot_diff *diff, const struct process_change *change)
{
    return (!change->before.process && !diff->before_lists_all) ||
           (!change->after.process && !diff->after_lists_all);
}

static void compute_figures(struct snapshot_diff *diff, struct process_change *change,
                            const struct process *before, const struct process *after)
{
    static const struct process nothing = {0};
    if (before)
        process_usage_compute(diff->before, before, &change->before);
    if (after)
        process_usage_compute(diff->after, after, &change->after);
    if (!is_unlisted(diff, change))
        compute_changes(change);
    const struct process *old = before ? before : &nothing, *new = after ? after : &nothing;
    change->has_faults = (!before || before->files & PROCESS_STAT) &&
                         (!after || after->files & PROCESS_STAT) && !is_unlisted(diff, change);
    change->minor_faults_change = difference(old->minor_faults, new->minor_faults);
    change->major_faults_change = difference(old->major_faults, new->major_faults);
}

static bool text_differs(const struct snapshot_diff *diff, const struct process *before,
                         const struct process *after, enum process_file file, uint32_t before_text,
                         uint32_t after_text)
{
    return before->files & after->files & file &&
           !slice_equal(snapshot_text(diff->before, before_text),
                        snapshot_text(diff->after, after_text));
}

static void describe(const struct snapshot_diff *diff, const struct process_match *match,
                     struct process_change *change)
{
    const struct process *before = match->before, *after = match->after;
    change->status = !before                                  ? MATCH_NEW
                     : !after                                 ? MATCH_GONE
                     : match->basis == PROCESS_BASIS_IDENTITY ? MATCH_SAME
                                                              : MATCH_RESTARTED;
    change->basis = match->basis;
    change->instance = match->instance;
    change->candidates = match->candidates;
    change->is_collector =
        snapshot_is_collector(diff->before, before) || snapshot_is_collector(diff->after, after);
    /* Names of kernel threads tell what they do at the moment. */
    if (change->status == MATCH_SAME && !process_is_kernel_thread(after)) {
        change->renamed =
            text_differs(diff, before, after, PROCESS_COMM, before->comm, after->comm);
        change->executed = text_differs(diff, before, after, PROCESS_EXE, before->exe, after->exe);
    }
}

/* What moved while a bundle was taken, the rounding of PSS, and how far others may have moved the PSS of
 * mappings that were there all the time. */
static uint64_t noise_of(const struct snapshot_diff *diff, const struct process_change *change)
{
    uint64_t noise =
        add_saturating(diff_noise_of_process(change->before.process, change->after.process),
                       diff_noise_of_pss(change->before.mappings, change->after.mappings));
    for (size_t i = 0; i < change->mapping_count; i++) {
        const struct mapping_change *mapping = &diff->mappings[change->first_mapping + i];
        if (mapping->before && mapping->after)
            noise = add_saturating(noise, mapping->noise_bytes);
    }
    return noise;
}

/* Where mappings were read they tell; else the sums, without PSS. */
static bool is_beyond_noise(const struct snapshot_diff *diff, const struct process_change *change)
{
    uint64_t moved = diff_noise_of_process(change->before.process, change->after.process);
    if (change->is_collector)
        return false;
    for (size_t i = 0; i < change->mapping_count; i++)
        if (diff->mappings[change->first_mapping + i].beyond_noise)
            return true;
    return exceeds_noise(change->rss_change, moved) || exceeds_noise(change->swap_change, moved) ||
           exceeds_noise(change->hugetlb_change, moved);
}

bool is_compared(const struct snapshot_diff *diff, const struct snapshot *snapshot,
                 const struct process *process)
{
    const bool *compared = snapshot == diff->before ? diff->before_compared : diff->after_compared;
    return compared[process - snapshot->processes];
}

/* Whether the mappings of this side tell what it maps: all were read, or it is known to have none. */
static bool has_mappings(const struct process_usage *side)
{
    const struct process *process = side->process;
    return !process || (process->mapping_count && !(process->files & PROCESS_SMAPS_CUT)) ||
           process_usage_has_none(side);
}

bool process_side_is_unread(const struct process_usage *side)
{
    return !has_mappings(side) && side->state != PROCESS_READ_STATE &&
           side->state != PROCESS_VANISHED_STATE;
}

/* A process that could not be read on one side would show all that it maps as gone. */
static bool mark_compared(struct snapshot_diff *diff, const struct process_change *change)
{
    const struct process *before = change->before.process, *after = change->after.process;
    bool has_before = has_mappings(&change->before), has_after = has_mappings(&change->after);
    bool comparable = has_before && has_after && !is_unlisted(diff, change);
    diff->is_one_sided |= is_unlisted(diff, change) ||
                          (has_before != has_after && (process_side_is_unread(&change->before) ||
                                                       process_side_is_unread(&change->after)));
    if (before)
        diff->before_compared[before - diff->before->processes] = comparable;
    if (after)
        diff->after_compared[after - diff->after->processes] = comparable;
    return comparable;
}

static bool add_process(struct snapshot_diff *diff, struct mapping_matcher *matcher,
                        const struct process_match *match)
{
    const struct process *before = match->before, *after = match->after;
    if (!(before && in_scope(&diff->scope, diff->before, before)) &&
        !(after && in_scope(&diff->scope, diff->after, after)))
        return true;
    struct process_change *change =
        ARRAY_PUSH(diff->processes, diff->process_count, diff->process_capacity);
    if (!change)
        return false;
    describe(diff, match, change);
    compute_figures(diff, change, before, after);
    change->first_mapping = diff->mapping_count;
    if (mark_compared(diff, change) && !diff_mappings(diff, matcher, change))
        return false;
    change->mapping_count = diff->mapping_count - change->first_mapping;
    change->noise_bytes = noise_of(diff, change);
    change->beyond_noise = is_beyond_noise(diff, change);
    return true;
}

static int by_change(const void *a, const void *b)
{
    const struct process_change *left = a, *right = b;
    int order = compare_magnitudes(left->change_bytes, right->change_bytes);
    if (!order)
        order = compare_magnitudes(left->rss_change, right->rss_change);
    if (order)
        return order;
    const struct process *x = left->after.process ? left->after.process : left->before.process;
    const struct process *y = right->after.process ? right->after.process : right->before.process;
    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    return (int)left->status - (int)right->status; /* one that went, and one with its PID */
}

bool diff_processes(struct snapshot_diff *diff, struct failure *why)
{
    struct process_matches matches = {0};
    struct mapping_matcher *matcher =
        mapping_matcher_create(diff->before, diff->after, &diff->object_matches);
    diff->before_lists_all = snapshot_lists_processes(diff->before);
    diff->after_lists_all = snapshot_lists_processes(diff->after);
    diff->before_compared = calloc(diff->before->process_count + 1, sizeof(bool));
    diff->after_compared = calloc(diff->after->process_count + 1, sizeof(bool));
    bool ok = matcher && diff->before_compared && diff->after_compared &&
              process_match(diff->before, diff->after, diff->same_boot, &matches);
    for (size_t i = 0; ok && i < matches.count; i++)
        ok = add_process(diff, matcher, &matches.matches[i]);
    if (ok && diff->process_count)
        qsort(diff->processes, diff->process_count, sizeof *diff->processes, by_change);
    process_matches_deinit(&matches);
    mapping_matcher_free(matcher);
    return ok || DIFF_OUT_OF_MEMORY(why);
}
