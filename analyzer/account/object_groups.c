#include "analyzer/account/object_groups.h"

#include <stdlib.h>

#include "analyzer/account/sharing_bounds.h"
#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"

/* What one group has in the object at hand, of pages that more than one page table entry maps. */
struct tally {
    struct object_group row;
    struct shared_sum shared;
};

struct tallies {
    struct tally *of;  /* by group; one more for those in none */
    uint32_t *touched; /* groups that map the object */
    uint32_t touched_count;
};

/* Of several mappings the largest has at least the mean; each may map what the others map. A page that
 * KSM merged may be mapped any number of times by one mapping. */
static void add_units(struct shared_sum *sum, const struct object_sharer *sharer, uint64_t bytes)
{
    if (!bytes || !sharer->rounded_mappings)
        return;
    sum->mappings += sharer->rounded_mappings;
    if (sharer->may_be_merged) {
        sum->units += 2;
        return;
    }
    sum->units += sharer->rounded_mappings;
    sum->largest_bytes = most(sum->largest_bytes, bytes / sharer->rounded_mappings);
}

static void add_sharer(struct tally *tally, const struct object_sharer *sharer)
{
    struct object_group *row = &tally->row;
    uint64_t shared_bytes = subtract_to_zero(sharer->rss_bytes, sharer->uss_bytes);
    row->sharers++;
    row->rss_bytes = add_saturating(row->rss_bytes, sharer->rss_bytes);
    row->pss_bytes = add_saturating(row->pss_bytes, sharer->pss_bytes);
    row->uss_bytes = add_saturating(row->uss_bytes, sharer->uss_bytes);
    row->swap_bytes = add_saturating(row->swap_bytes, sharer->swap_bytes);
    row->hugetlb_bytes = add_saturating(row->hugetlb_bytes, sharer->hugetlb_bytes);
    tally->shared.rss_bytes = add_saturating(tally->shared.rss_bytes, shared_bytes);
    tally->shared.pss_bytes = add_saturating(
        tally->shared.pss_bytes, subtract_to_zero(sharer->pss_bytes, sharer->uss_bytes));
    add_units(&tally->shared, sharer, shared_bytes);
}

static void fill(const struct objects *objects, const struct object_usage *usage,
                 const struct process_groups *groups, struct tallies *tallies)
{
    for (size_t i = 0; i < usage->sharer_count; i++) {
        const struct object_sharer *sharer = &objects->sharers[usage->first_sharer + i];
        uint32_t group = groups->set_of[sharer->process];
        if (group == NO_SET)
            group = groups->count;
        if (!tallies->of[group].row.sharers)
            tallies->touched[tallies->touched_count++] = group;
        add_sharer(&tallies->of[group], sharer);
    }
}

static struct shared_sum sum_of_others(const struct tallies *tallies, uint32_t group)
{
    struct shared_sum sum = {0};
    for (uint32_t i = 0; i < tallies->touched_count; i++) {
        const struct shared_sum *other = &tallies->of[tallies->touched[i]].shared;
        if (tallies->touched[i] == group)
            continue;
        sum.rss_bytes = add_saturating(sum.rss_bytes, other->rss_bytes);
        sum.pss_bytes = add_saturating(sum.pss_bytes, other->pss_bytes);
        sum.mappings += other->mappings;
        sum.units += other->units;
        sum.largest_bytes = most(sum.largest_bytes, other->largest_bytes);
    }
    return sum;
}

static void bound(struct object_group *row, const struct sharing_question *question)
{
    struct sharing_answer answer = sharing_bounds(question);
    row->footprint = answer.footprint;
    row->last_mapped = answer.last_mapped;
    row->with_others =
        (struct byte_range){subtract_to_zero(answer.footprint.low, answer.last_mapped.high),
                            subtract_to_zero(answer.footprint.high, answer.last_mapped.low)};
    if (question->closed && !question->out.units && !answer.contradicted)
        row->with_others = range_of(0);
    range_add(&row->footprint, range_of(row->uss_bytes));
    range_add(&row->last_mapped, range_of(row->uss_bytes));
}

static bool push_rows(struct object_groups *rows, const struct tallies *tallies,
                      const struct process_groups *groups, size_t usage,
                      struct sharing_question question)
{
    for (uint32_t i = 0; i < tallies->touched_count; i++) {
        uint32_t group = tallies->touched[i];
        if (group == groups->count)
            continue;
        struct object_group *row = ARRAY_PUSH(rows->rows, rows->count, rows->capacity);
        if (!row)
            return false;
        *row = tallies->of[group].row;
        row->usage = usage;
        row->group = group;
        question.in = tallies->of[group].shared;
        question.out = sum_of_others(tallies, group);
        bound(row, &question);
    }
    return true;
}

bool object_groups_compute(const struct snapshot *snapshot, const struct objects *objects,
                           const size_t *chosen, size_t count, const struct process_groups *groups,
                           struct object_groups *out, struct failure *why)
{
    AUTO_FREE struct tally *of = calloc((size_t)groups->count + 1, sizeof *of);
    AUTO_FREE uint32_t *touched = calloc((size_t)groups->count + 1, sizeof *touched);
    struct tallies tallies = {.of = of, .touched = touched};
    struct sharing_question question = {.most_bytes = UINT64_MAX};
    *out = (struct object_groups){0};
    if (!snapshot_page_size(snapshot, &question.page_bytes) || !question.page_bytes)
        question.page_bytes = 1;
    bool ok = of && touched;
    for (size_t i = 0; ok && i < count; i++) {
        const struct object_usage *usage = &objects->usages[chosen[i]];
        fill(objects, usage, groups, &tallies);
        question.closed = object_has_inode(&snapshot->mappings.objects[usage->object]) &&
                          object_is_closed(snapshot, objects, usage);
        ok = push_rows(out, &tallies, groups, chosen[i], question);
        for (uint32_t j = 0; j < tallies.touched_count; j++)
            of[touched[j]] = (struct tally){0};
        tallies.touched_count = 0;
    }
    if (ok)
        return true;
    object_groups_deinit(out);
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void object_groups_deinit(struct object_groups *rows)
{
    free(rows->rows);
    *rows = (struct object_groups){0};
}
