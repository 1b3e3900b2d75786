#include "analyzer/compare/diff_group.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_parts.h"
#include "analyzer/model/shared_address_space.h"

/* A group as one snapshot has it. */
struct named_side {
    const char *name;
    uint32_t group; /* index into process_groups.groups */
};

/* The rows of both snapshots' groups, by index. */
struct row_index {
    size_t *before, *after;
};

static int compare_names(const void *a, const void *b)
{
    const struct named_side *left = a, *right = b;
    return left->name && right->name ? strcmp(left->name, right->name) : 0;
}

static struct named_side *sorted_names(const struct process_groups *groups)
{
    struct named_side *names = calloc(groups->count + (size_t)1, sizeof *names);
    for (uint32_t i = 0; names && i < groups->count; i++)
        names[i] = (struct named_side){groups->groups[i].name, i};
    if (names && groups->count)
        qsort(names, groups->count, sizeof *names, compare_names);
    return names;
}

static bool match_names(struct diff_groups *out, const struct row_index *index)
{
    AUTO_FREE struct named_side *a = sorted_names(&out->before);
    AUTO_FREE struct named_side *b = sorted_names(&out->after);
    size_t i = 0, j = 0;
    if (!a || !b)
        return false;
    while (i < out->before.count || j < out->after.count) {
        int order = i == out->before.count  ? 1
                    : j == out->after.count ? -1
                                            : compare_names(&a[i], &b[j]);
        struct group_change *row = ARRAY_PUSH(out->rows, out->count, out->capacity);
        if (!row)
            return false;
        row->name = order <= 0 ? a[i].name : b[j].name;
        if (order <= 0)
            index->before[a[i++].group] = out->count - 1;
        if (order >= 0)
            index->after[b[j++].group] = out->count - 1;
    }
    return true;
}

/* What the other side of a process does not have is left out of both, so that the change is one. */
static void add_side(const struct snapshot *snapshot, const struct process_usage *usage,
                     const struct process_change *change, struct group_side *side)
{
    const struct amount amount = change->by_pss ? usage->pss : usage->rss;
    side->processes++;
    if (process_repeats_address_space(snapshot, (size_t)(usage->process - snapshot->processes)))
        return;
    if (change->has_change)
        side->bytes = add_saturating(side->bytes, amount.bytes);
    if (change->has_rss)
        side->rss_bytes = add_saturating(side->rss_bytes, usage->rss.bytes);
    if (change->has_swap)
        side->swap_bytes = add_saturating(side->swap_bytes, usage->swap.bytes);
}

static struct group_change *row_of(struct diff_groups *out, const struct process_groups *groups,
                                   const size_t *index, const struct snapshot *snapshot,
                                   const struct process *process)
{
    uint32_t group = process ? groups->set_of[process - snapshot->processes] : NO_SET;
    return group == NO_SET ? NULL : &out->rows[index[group]];
}

static void add_process(const struct snapshot_diff *diff, const struct process_change *change,
                        const struct row_index *index, struct diff_groups *out)
{
    const struct process_usage *old = &change->before, *new = &change->after;
    struct group_change *before =
        row_of(out, &out->before, index->before, diff->before, old->process);
    struct group_change *after = row_of(out, &out->after, index->after, diff->after, new->process);
    if (before) {
        add_side(diff->before, old, change, &before->before);
        before->noise_bytes = add_saturating(before->noise_bytes, change->noise_bytes);
        before->beyond_noise |= change->beyond_noise;
    }
    if (after) {
        add_side(diff->after, new, change, &after->after);
        after->beyond_noise |= change->beyond_noise;
    }
    if (after && after != before)
        after->noise_bytes = add_saturating(after->noise_bytes, change->noise_bytes);
}

static int by_change(const void *a, const void *b)
{
    const struct group_change *left = a, *right = b;
    int order = compare_magnitudes(left->change_bytes, right->change_bytes);
    if (!order)
        order = compare_magnitudes(left->rss_change, right->rss_change);
    return order ? order : strcmp(left->name, right->name);
}

/* Groups without a process in scope are left out. */
static void finish_rows(struct diff_groups *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        struct group_change row = out->rows[i];
        if (!row.before.processes && !row.after.processes)
            continue;
        row.change_bytes = difference(row.before.bytes, row.after.bytes);
        row.rss_change = difference(row.before.rss_bytes, row.after.rss_bytes);
        row.swap_change = difference(row.before.swap_bytes, row.after.swap_bytes);
        out->rows[kept++] = row;
    }
    out->count = kept;
    if (kept)
        qsort(out->rows, kept, sizeof *out->rows, by_change);
}

static struct set_sharing *held_once(const struct snapshot *snapshot,
                                     const struct process_groups *groups, struct failure *why)
{
    struct shared_stretches stretches;
    if (!shared_stretches_compute(snapshot, &stretches, why))
        return NULL;
    struct set_sharing *held = set_sharing_compute(&stretches, groups->set_of, groups->count, why);
    shared_stretches_deinit(&stretches);
    return held;
}

static bool add_held(const struct snapshot_diff *diff, const struct row_index *index,
                     struct diff_groups *out, struct failure *why)
{
    if (!diff->scope.group || diff->scope.pid_count)
        return true;
    out->held_before = held_once(diff->before, &out->before, why);
    out->held_after = out->held_before ? held_once(diff->after, &out->after, why) : NULL;
    if (!out->held_after)
        return false;
    for (uint32_t i = 0; i < out->before.count; i++)
        out->rows[index->before[i]].held_before = &out->held_before[i];
    for (uint32_t i = 0; i < out->after.count; i++)
        out->rows[index->after[i]].held_after = &out->held_after[i];
    return true;
}

bool diff_groups_compute(const struct snapshot_diff *diff, const char *how, struct diff_groups *out,
                         struct failure *why)
{
    struct diff_groups groups = {.how = how};
    bool ok = process_groups_compute(diff->before, how, &groups.before, why) &&
              process_groups_compute(diff->after, how, &groups.after, why);
    AUTO_FREE size_t *before = calloc(groups.before.count + (size_t)1, sizeof *before);
    AUTO_FREE size_t *after = calloc(groups.after.count + (size_t)1, sizeof *after);
    const struct row_index index = {before, after};
    ok = ok && ((before && after && match_names(&groups, &index)) || DIFF_OUT_OF_MEMORY(why));
    if (!ok || !before || !after || !add_held(diff, &index, &groups, why)) {
        diff_groups_deinit(&groups);
        return false;
    }
    for (size_t i = 0; i < diff->process_count; i++)
        add_process(diff, &diff->processes[i], &index, &groups);
    finish_rows(&groups);
    *out = groups;
    return true;
}

void diff_groups_deinit(struct diff_groups *groups)
{
    process_groups_deinit(&groups->before);
    process_groups_deinit(&groups->after);
    free(groups->held_before);
    free(groups->held_after);
    free(groups->rows);
    *groups = (struct diff_groups){0};
}
