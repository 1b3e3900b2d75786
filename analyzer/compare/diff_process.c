/* Processes by PID and start time, and the mappings of those that lived on. */
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/compare/diff_parts.h"

/* Objects of two snapshots have no ids in common: names are compared as text. */
static bool same_object(const struct snapshot_diff *diff, const struct mapping *before,
                        const struct mapping *after)
{
    const struct mapped_object *a = &diff->before->mappings.objects[before->object];
    const struct mapped_object *b = &diff->after->mappings.objects[after->object];
    return a->inode == b->inode && a->device_major == b->device_major &&
           a->device_minor == b->device_minor &&
           slice_equal(snapshot_text(diff->before, a->name), snapshot_text(diff->after, b->name));
}

static bool add_mapping(struct snapshot_diff *diff, const struct mapping *before,
                        const struct mapping *after)
{
    uint64_t old[SMAPS_FIELD_COUNT] = {0}, new[SMAPS_FIELD_COUNT] = {0};
    if (before)
        mapping_values(&diff->before->mappings, before, old);
    if (after)
        mapping_values(&diff->after->mappings, after, new);
    struct mapping_change change = {
        .status = !before  ? MATCH_NEW
                  : !after ? MATCH_GONE
                           : MATCH_SAME,
        .before = before,
        .after = after,
        .pss_change = difference(old[SMAPS_PSS], new[SMAPS_PSS]),
        .rss_change = difference(old[SMAPS_RSS], new[SMAPS_RSS]),
        .size_change = difference(old[SMAPS_SIZE], new[SMAPS_SIZE]),
        .swap_change = difference(old[SMAPS_SWAP], new[SMAPS_SWAP]),
        .hugetlb_change = difference(old[SMAPS_PRIVATE_HUGETLB] + old[SMAPS_SHARED_HUGETLB],
                                     new[SMAPS_PRIVATE_HUGETLB] + new[SMAPS_SHARED_HUGETLB]),
    };
    if (change.status == MATCH_SAME && !change.pss_change && !change.rss_change &&
        !change.size_change && !change.swap_change && !change.hugetlb_change)
        return true;
    change.beyond_noise = change.status != MATCH_SAME || change.size_change ||
                          exceeds_noise(change.pss_change, change.noise_bytes) ||
                          exceeds_noise(change.rss_change, change.noise_bytes) ||
                          exceeds_noise(change.swap_change, change.noise_bytes) ||
                          exceeds_noise(change.hugetlb_change, change.noise_bytes);
    struct mapping_change *slot =
        ARRAY_PUSH(diff->mappings, diff->mapping_count, diff->mapping_capacity);
    if (!slot)
        return false;
    *slot = change;
    return true;
}

/* Both lists are in address order. Equal starts are one mapping if they map the same; so are equal
 * ends (memory from mmap grows downward). Where neither is so, the one that ends first has no match
 * further on: whatever comes behind the other begins after it. */
static bool diff_mappings(struct snapshot_diff *diff, const struct process *before,
                          const struct process *after)
{
    const struct mapping *a = diff->before->mappings.mappings + before->first_mapping;
    const struct mapping *b = diff->after->mappings.mappings + after->first_mapping;
    size_t i = 0, j = 0;
    while (i < before->mapping_count || j < after->mapping_count) {
        bool ok;
        if (i < before->mapping_count && j < after->mapping_count &&
            (a[i].start == b[j].start || a[i].end == b[j].end) && same_object(diff, &a[i], &b[j])) {
            ok = add_mapping(diff, &a[i], &b[j]);
            i++;
            j++;
        } else if (j == after->mapping_count ||
                   (i < before->mapping_count && a[i].end <= b[j].end)) {
            ok = add_mapping(diff, &a[i++], NULL);
        } else {
            ok = add_mapping(diff, NULL, &b[j++]);
        }
        if (!ok)
            return false;
    }
    return true;
}

static int64_t amount_difference(struct amount before, struct amount after)
{
    return difference(before.known ? before.bytes : 0, after.known ? after.bytes : 0);
}

static int by_rss_change(const void *a, const void *b)
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

static bool is_beyond_noise(const struct snapshot_diff *diff, const struct process_change *change)
{
    for (size_t i = 0; i < change->mapping_count; i++)
        if (diff->mappings[change->first_mapping + i].beyond_noise)
            return true;
    return change->status != MATCH_SAME ||
           exceeds_noise(change->change_bytes, change->noise_bytes) ||
           exceeds_noise(change->rss_change, change->noise_bytes) ||
           exceeds_noise(change->swap_change, change->noise_bytes) ||
           exceeds_noise(change->hugetlb_change, change->noise_bytes);
}

static bool add_process(struct snapshot_diff *diff, const struct process *before,
                        const struct process *after)
{
    static const struct process nothing = {0};
    if (!(before && in_scope(&diff->scope, diff->before, before)) &&
        !(after && in_scope(&diff->scope, diff->after, after)))
        return true;
    struct process_change *change =
        ARRAY_PUSH(diff->processes, diff->process_count, diff->process_capacity);
    if (!change)
        return false;
    change->status = !before ? MATCH_NEW : !after ? MATCH_GONE : MATCH_SAME;
    if (before)
        process_usage_compute(diff->before, before, &change->before);
    if (after)
        process_usage_compute(diff->after, after, &change->after);
    /* PSS where both sides have it (or there is no other side), else RSS. */
    bool by_pss = (!before || change->before.pss.known) && (!after || change->after.pss.known);
    change->change_bytes = by_pss ? amount_difference(change->before.pss, change->after.pss)
                                  : amount_difference(change->before.rss, change->after.rss);
    change->rss_change = amount_difference(change->before.rss, change->after.rss);
    change->swap_change = amount_difference(change->before.swap, change->after.swap);
    change->hugetlb_change = amount_difference(change->before.hugetlb, change->after.hugetlb);
    const struct process *old = before ? before : &nothing, *new = after ? after : &nothing;
    change->minor_faults_change = difference(old->minor_faults, new->minor_faults);
    change->major_faults_change = difference(old->major_faults, new->major_faults);
    change->first_mapping = diff->mapping_count;
    size_t first = diff->mapping_count, index = diff->process_count - 1;
    /* A process that could not be read on one side would show all its mappings as gone. */
    bool comparable = (!before || before->mapping_count) && (!after || after->mapping_count);
    if (comparable && !diff_mappings(diff, old, new))
        return false;
    diff->processes[index].mapping_count = diff->mapping_count - first;
    diff->processes[index].beyond_noise = is_beyond_noise(diff, &diff->processes[index]);
    if (diff->mapping_count > first)
        qsort(diff->mappings + first, diff->mapping_count - first, sizeof *diff->mappings,
              by_rss_change);
    return true;
}

/* From stat, or from the journal's record of the process. */
static bool has_start_time(const struct process *process)
{
    return (process->files & PROCESS_STAT) || (process->has_outcome && process->start_time_ticks);
}

static bool same_process(const struct snapshot_diff *diff, const struct process *before,
                         const struct process *after)
{
    if (before->pid != after->pid || !diff->same_boot)
        return false;
    return !has_start_time(before) || !has_start_time(after) ||
           before->start_time_ticks == after->start_time_ticks;
}

static int by_change(const void *a, const void *b)
{
    const struct process_change *left = a, *right = b;
    int order = compare_magnitudes(left->change_bytes, right->change_bytes);
    if (!order)
        order = compare_magnitudes(left->rss_change, right->rss_change);
    if (order)
        return order;
    uint64_t left_pid = (left->after.process ? left->after : left->before).process->pid;
    uint64_t right_pid = (right->after.process ? right->after : right->before).process->pid;
    return left_pid < right_pid ? -1 : left_pid > right_pid;
}

bool diff_processes(struct snapshot_diff *diff, struct failure *why)
{
    const struct process *a = diff->before->processes, *b = diff->after->processes;
    size_t i = 0, j = 0, before_count = diff->before->process_count;
    size_t after_count = diff->after->process_count;
    while (i < before_count || j < after_count) {
        bool ok;
        if (i < before_count && j < after_count && same_process(diff, &a[i], &b[j])) {
            ok = add_process(diff, &a[i], &b[j]);
            i++;
            j++;
        } else if (j == after_count || (i < before_count && a[i].pid <= b[j].pid)) {
            ok = add_process(diff, &a[i++], NULL);
        } else {
            ok = add_process(diff, NULL, &b[j++]);
        }
        if (!ok)
            return DIFF_OUT_OF_MEMORY(why);
    }
    if (diff->process_count)
        qsort(diff->processes, diff->process_count, sizeof *diff->processes, by_change);
    return true;
}
