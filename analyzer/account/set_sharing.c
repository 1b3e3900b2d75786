#include "analyzer/account/set_sharing.h"

#include <stdlib.h>

#include "analyzer/account/process_usage.h"
#include "analyzer/account/set_members.h"
#include "analyzer/account/sharing_bounds.h"

/* What one set has in one stretch. */
struct tally {
    struct shared_sum base, huge;
    uint64_t anon_bytes, file_bytes; /* shared pages of either sort, at most */
};

struct stretch_work {
    const struct set_members *members;
    struct tally *tallies; /* one a set, and one of all others */
    uint32_t *touched;     /* sets that have a part in the stretch */
    uint32_t touched_count;
};

static uint64_t sum_fields(const uint64_t *value, enum smaps_field a, enum smaps_field b)
{
    return add_saturating(value[a], value[b]);
}

static struct byte_range minus(struct byte_range whole, struct byte_range part)
{
    return (struct byte_range){subtract_to_zero(whole.low, part.high),
                               subtract_to_zero(whole.high, part.low)};
}

/* Pages without a file among `bytes` of one sort, when the other sort has `others` of the mapping. */
static struct byte_range anonymous_part(uint64_t anonymous, uint64_t bytes, uint64_t others)
{
    return (struct byte_range){subtract_to_zero(anonymous, others), least(anonymous, bytes)};
}

/* Private pages: the set maps them, and nobody else does. */
static void add_private(const struct set_members *members, uint32_t set_number,
                        struct set_sharing *set, const struct mapping *mapping, bool has_anonymous)
{
    const struct snapshot *snapshot = members->stretches->snapshot;
    uint64_t value[SMAPS_FIELD_COUNT];
    mapping_values(&snapshot->mappings, mapping, value);
    uint64_t own = sum_fields(value, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY);
    uint64_t shared = sum_fields(value, SMAPS_SHARED_CLEAN, SMAPS_SHARED_DIRTY);
    uint64_t huge = value[SMAPS_PRIVATE_HUGETLB];
    set->uss_bytes = add_saturating(set->uss_bytes, own);
    set->rss_bytes = add_saturating(set->rss_bytes, value[SMAPS_RSS]);
    range_add(&set->footprint, range_of(add_saturating(own, huge)));
    range_add(&set->last_mapped, range_of(add_saturating(own, huge)));
    range_add(&set->fate[FATE_HUGE], range_of(huge));
    struct byte_range anon = anonymous_part(value[SMAPS_ANONYMOUS], own, shared);
    if (!has_anonymous)
        anon = (struct byte_range){0, mapping->permissions & SMAPS_SHARED ? 0 : own};
    if (own)
        page_fate_add(set->fate, set_file_fate(members, mapping->object, set_number), range_of(own),
                      anon.high, own - anon.low);
    uint64_t swap = value[SMAPS_SWAP], swap_pss = value[SMAPS_SWAP_PSS];
    set->swap.low = add_saturating(set->swap.low, swap_pss == swap ? swap : 0);
    set->swap.high =
        add_saturating(set->swap.high, swap_pss < swap ? least(swap, swap_pss + 1024) : swap_pss);
}

static void add_unit(struct shared_sum *sum, uint64_t rss_bytes)
{
    if (!rss_bytes)
        return;
    sum->units++;
    sum->largest_bytes = most(sum->largest_bytes, rss_bytes);
}

/* Pages that KSM joined: one of them may be mapped at any number of places of one mapping, so each of
 * these is a unit of its own, and no unit is large. */
static void add_merged(struct shared_sum *sum, uint64_t rss_bytes)
{
    if (rss_bytes)
        sum->units += 2;
}

/* All parts that one process has in a stretch: one unit where they do not overlap. */
static void add_process(const struct snapshot *snapshot, const struct stretch_part *parts,
                        size_t count, struct tally *tally)
{
    uint64_t end = 0, base_bytes = 0, huge_bytes = 0, twice_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mapping *mapping = &snapshot->mappings.mappings[parts[i].mapping];
        uint64_t size = subtract_to_zero(mapping->end, mapping->start);
        twice_bytes =
            add_saturating(twice_bytes, least(subtract_to_zero(end, parts[i].start), size));
        end = most(end, add_saturating(parts[i].start, size));
    }
    for (size_t i = 0; i < count; i++) {
        const struct mapping *mapping = &snapshot->mappings.mappings[parts[i].mapping];
        uint64_t value[SMAPS_FIELD_COUNT];
        mapping_values(&snapshot->mappings, mapping, value);
        uint64_t own = sum_fields(value, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY);
        uint64_t shared = sum_fields(value, SMAPS_SHARED_CLEAN, SMAPS_SHARED_DIRTY);
        uint64_t huge = value[SMAPS_SHARED_HUGETLB];
        bool known =
            snapshot->processes[parts[i].process].smaps.present & SMAPS_BIT(SMAPS_ANONYMOUS);
        struct byte_range anon = anonymous_part(value[SMAPS_ANONYMOUS], shared, own);
        if (!known)
            anon = (struct byte_range){0, mapping->permissions & SMAPS_SHARED ? 0 : shared};
        tally->anon_bytes = add_saturating(tally->anon_bytes, anon.high);
        tally->file_bytes = add_saturating(tally->file_bytes, shared - anon.low);
        tally->base.rss_bytes = add_saturating(tally->base.rss_bytes, shared);
        tally->base.pss_bytes =
            add_saturating(tally->base.pss_bytes, subtract_to_zero(value[SMAPS_PSS], own));
        tally->base.mappings += shared != 0;
        tally->huge.rss_bytes = add_saturating(tally->huge.rss_bytes, huge);
        tally->huge.pss_unknown = true;
        if (mapping_may_be_merged(snapshot, mapping)) {
            add_merged(&tally->base, shared);
            shared = 0;
        }
        if (twice_bytes) {
            add_unit(&tally->base, shared);
            add_unit(&tally->huge, huge);
        }
        base_bytes = add_saturating(base_bytes, shared);
        huge_bytes = add_saturating(huge_bytes, huge);
    }
    if (!twice_bytes) {
        add_unit(&tally->base, base_bytes);
        add_unit(&tally->huge, huge_bytes);
        return;
    }
    /* It maps so many different ones at least: what is mapped twice lies where mappings overlap. */
    tally->base.largest_bytes =
        most(tally->base.largest_bytes, subtract_to_zero(base_bytes, twice_bytes));
    tally->huge.largest_bytes =
        most(tally->huge.largest_bytes, subtract_to_zero(huge_bytes, twice_bytes));
}

static void fill_tallies(const struct shared_stretch *stretch, struct stretch_work *work)
{
    const struct set_members *members = work->members;
    for (size_t first = 0, end; first < stretch->count; first = end) {
        uint32_t set = members->set_of_space[stretch->parts[first].process];
        struct tally *tally = &work->tallies[set == NO_SET ? members->sets : set];
        for (end = first + 1; end < stretch->count; end++)
            if (stretch->parts[end].process != stretch->parts[first].process)
                break;
        if (!tally->huge.pss_unknown)
            work->touched[work->touched_count++] = set == NO_SET ? members->sets : set;
        add_process(members->stretches->snapshot, stretch->parts + first, end - first, tally);
    }
}

/* The sums of all, and whose unit is the largest and the second set's largest. */
struct all_tallies {
    struct shared_sum sum;
    uint32_t largest_set;
    uint64_t second_bytes;
};

static void add_to_all(struct all_tallies *all, const struct shared_sum *sum, uint32_t set)
{
    all->sum.rss_bytes = add_saturating(all->sum.rss_bytes, sum->rss_bytes);
    all->sum.pss_bytes = add_saturating(all->sum.pss_bytes, sum->pss_bytes);
    all->sum.mappings += sum->mappings;
    all->sum.units += sum->units;
    all->sum.pss_unknown = all->sum.pss_unknown || sum->pss_unknown;
    if (sum->largest_bytes > all->sum.largest_bytes) {
        all->second_bytes = all->sum.largest_bytes;
        all->sum.largest_bytes = sum->largest_bytes;
        all->largest_set = set;
    } else {
        all->second_bytes = most(all->second_bytes, sum->largest_bytes);
    }
}

static struct shared_sum all_but(const struct all_tallies *all, const struct shared_sum *sum,
                                 uint32_t set)
{
    return (struct shared_sum){
        .rss_bytes = subtract_to_zero(all->sum.rss_bytes, sum->rss_bytes),
        .pss_bytes = subtract_to_zero(all->sum.pss_bytes, sum->pss_bytes),
        .mappings = all->sum.mappings - sum->mappings,
        .units = all->sum.units - sum->units,
        .largest_bytes = all->largest_set == set ? all->second_bytes : all->sum.largest_bytes,
        .pss_unknown = all->sum.pss_unknown,
    };
}

static struct byte_range add_answer(struct set_sharing *set,
                                    const struct sharing_question *question)
{
    struct sharing_answer answer = sharing_bounds(question);
    range_add(&set->footprint, answer.footprint);
    range_add(&set->last_mapped, answer.last_mapped);
    struct byte_range others = minus(answer.footprint, answer.last_mapped);
    if (question->out.units == 0 && question->closed && !answer.contradicted)
        others = range_of(0);
    range_add(&set->with_others, others);
    return answer.last_mapped;
}

static void add_stretch(const struct shared_stretch *stretch, struct stretch_work *work,
                        struct set_sharing *results)
{
    const struct set_members *members = work->members;
    const struct snapshot *snapshot = members->stretches->snapshot;
    const struct mapped_object *object = &snapshot->mappings.objects[stretch->object];
    struct all_tallies base = {.largest_set = NO_SET}, huge = {.largest_set = NO_SET};
    uint64_t anon_bytes = 0;
    for (uint32_t i = 0; i < work->touched_count; i++) {
        const struct tally *tally = &work->tallies[work->touched[i]];
        add_to_all(&base, &tally->base, work->touched[i]);
        add_to_all(&huge, &tally->huge, work->touched[i]);
        anon_bytes = add_saturating(anon_bytes, tally->anon_bytes);
    }
    struct sharing_question question = {.closed = stretch->closed,
                                        .page_bytes = members->page_bytes};
    /* Copies that private mappings made may be more than the file's part. */
    question.most_bytes =
        object_has_inode(object) && !anon_bytes ? stretch->size_bytes : UINT64_MAX;
    for (uint32_t i = 0; i < work->touched_count; i++) {
        uint32_t number = work->touched[i];
        const struct tally *tally = &work->tallies[number];
        if (number == members->sets)
            continue;
        question.in = tally->base;
        question.out = all_but(&base, &tally->base, number);
        struct byte_range lost = add_answer(&results[number], &question);
        page_fate_add(results[number].fate, set_file_fate(members, stretch->object, number), lost,
                      tally->anon_bytes, tally->file_bytes);
        struct sharing_question of_huge = question;
        of_huge.most_bytes = UINT64_MAX;
        of_huge.in = tally->huge;
        of_huge.out = all_but(&huge, &tally->huge, number);
        if (tally->huge.rss_bytes)
            range_add(&results[number].fate[FATE_HUGE], add_answer(&results[number], &of_huge));
    }
    for (uint32_t i = 0; i < work->touched_count; i++)
        work->tallies[work->touched[i]] = (struct tally){0};
    work->touched_count = 0;
}

static void add_mappings(const struct set_members *members, struct set_sharing *results)
{
    const struct snapshot *snapshot = members->stretches->snapshot;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        uint32_t number = members->set_of_space[i];
        if (number == NO_SET)
            continue;
        bool has_anonymous = process->smaps.present & SMAPS_BIT(SMAPS_ANONYMOUS);
        for (size_t j = 0; j < process->mapping_count; j++)
            add_private(members, number, &results[number],
                        &snapshot->mappings.mappings[process->first_mapping + j], has_anonymous);
    }
}

/* The sums of PSS bound the whole, too, and the rollup rounds them once a process only. */
static void cap(struct set_sharing *set)
{
    uint64_t huge = set->fate[FATE_HUGE].high;
    set->last_mapped.high = most(set->last_mapped.low,
                                 least(set->last_mapped.high, add_saturating(set->pss.high, huge)));
    set->footprint.low = least(set->footprint.high, most(set->footprint.low, set->pss.low));
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        set->fate[fate].high =
            most(set->fate[fate].low, least(set->fate[fate].high, set->last_mapped.high));
}

struct set_sharing *set_sharing_compute(const struct shared_stretches *stretches,
                                        const uint32_t *set_of, uint32_t sets, struct failure *why)
{
    struct set_members members = {0};
    struct set_sharing *results = calloc((size_t)sets + 1, sizeof *results);
    struct stretch_work work = {.members = &members};
    work.tallies = calloc((size_t)sets + 1, sizeof *work.tallies);
    work.touched = calloc((size_t)sets + 1, sizeof *work.touched);
    bool ok = results && work.tallies && work.touched &&
              set_members_find(stretches, set_of, sets, &members);
    if (ok) {
        struct stretch_cursor cursor = {0};
        struct shared_stretch stretch;
        add_mappings(&members, results);
        while (shared_stretches_next(stretches, &cursor, &stretch)) {
            fill_tallies(&stretch, &work);
            add_stretch(&stretch, &work, results);
        }
        set_members_count(&members, set_of, results);
        for (uint32_t i = 0; i < sets; i++)
            cap(&results[i]);
    }
    set_members_deinit(&members);
    free(work.tallies);
    free(work.touched);
    if (ok)
        return results;
    free(results);
    failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    return NULL;
}

const char *range_grade(struct byte_range range)
{
    return range.low == range.high ? "exact" : "bounded";
}
