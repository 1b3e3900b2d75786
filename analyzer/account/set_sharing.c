#include "analyzer/account/set_sharing.h"

#include <stdlib.h>

#include "analyzer/account/process_usage.h"
#include "analyzer/account/set_members.h"
#include "analyzer/account/set_unread.h"
#include "analyzer/account/moved_memory.h"
#include "analyzer/account/sharing_bounds.h"
#include "analyzer/account/stretch_tally.h"

struct stretch_work {
    const struct set_members *members;
    struct stretch_tally *tallies; /* one a set, and one of all others */
    uint32_t *touched;             /* sets that have a part in the stretch */
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

/* Kernels before 4.4 print neither Private_Hugetlb nor Shared_Hugetlb: a mapping of large pages then has
 * as many as fit at most, and whose they are is not known. */
static void add_untold_huge(const struct set_members *members, struct set_sharing *set,
                            const uint64_t *value, uint32_t present)
{
    if (present & SMAPS_BIT(SMAPS_PRIVATE_HUGETLB) || members->page_bytes == 1 ||
        value[SMAPS_KERNEL_PAGE_SIZE] <= members->page_bytes)
        return;
    const struct byte_range at_most = {0, value[SMAPS_SIZE]};
    range_add(&set->footprint, at_most);
    range_add(&set->last_mapped, at_most);
    range_add(&set->with_others, at_most);
    range_add(&set->fate[FATE_HUGE], at_most);
}

/* Private pages: the set maps them, and nobody else does. */
static void add_private(const struct set_members *members, uint32_t set_number,
                        struct set_sharing *set, const struct mapping *mapping, uint32_t present)
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
    add_untold_huge(members, set, value, present);
    struct byte_range anon = smaps_anonymous_part(value[SMAPS_ANONYMOUS], own, shared);
    if (!(present & SMAPS_BIT(SMAPS_ANONYMOUS)))
        anon = (struct byte_range){0, mapping->permissions & SMAPS_SHARED ? 0 : own};
    if (own)
        page_fate_add(set->fate, set_file_fate(members, mapping->object, set_number), range_of(own),
                      anon.high, own - anon.low);
    range_add(&set->swap, private_swap(present, value));
}

static void fill_tallies(const struct shared_stretch *stretch, struct stretch_work *work)
{
    const struct set_members *members = work->members;
    for (size_t first = 0, end; first < stretch->count; first = end) {
        uint32_t set = members->set_of_space[stretch->parts[first].process];
        struct stretch_tally *tally = &work->tallies[set == NO_SET ? members->sets : set];
        for (end = first + 1; end < stretch->count; end++)
            if (stretch->parts[end].process != stretch->parts[first].process)
                break;
        if (!tally->huge.pss_unknown)
            work->touched[work->touched_count++] = set == NO_SET ? members->sets : set;
        stretch_tally_add_process(members->stretches->snapshot, stretch->parts + first, end - first,
                                  tally);
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
        const struct stretch_tally *tally = &work->tallies[work->touched[i]];
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
        const struct stretch_tally *tally = &work->tallies[number];
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
        work->tallies[work->touched[i]] = (struct stretch_tally){0};
    work->touched_count = 0;
}

/* All stretches; those of memory that moved are one. */
static bool add_stretches(struct stretch_work *work, struct set_sharing *results)
{
    const struct shared_stretches *stretches = work->members->stretches;
    struct moved_memory moved;
    struct stretch_cursor cursor = {0};
    struct shared_stretch stretch;
    if (!moved_memory_find(stretches, &moved))
        return false;
    while (shared_stretches_next(stretches, &cursor, &stretch)) {
        if (moved_memory_has(&moved, &stretch))
            continue;
        fill_tallies(&stretch, work);
        add_stretch(&stretch, work, results);
    }
    if (moved_memory_stretch(&moved, &stretch)) {
        fill_tallies(&stretch, work);
        add_stretch(&stretch, work, results);
    }
    moved_memory_deinit(&moved);
    return true;
}

static void add_mappings(const struct set_members *members, struct set_sharing *results)
{
    const struct snapshot *snapshot = members->stretches->snapshot;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        uint32_t number = members->set_of_space[i];
        if (number == NO_SET)
            continue;
        for (size_t j = 0; j < process->mapping_count; j++)
            add_private(members, number, &results[number],
                        &snapshot->mappings.mappings[process->first_mapping + j],
                        process->smaps.present);
    }
}

/* The sums of PSS bound the whole, too, and the rollup rounds them once a process only. Where only the
 * rollup was read, a process has often ended before the others were: then its part of a shared page is
 * in the PSS of these as well, and makes no lower bound. */
static void cap(struct set_sharing *set)
{
    uint64_t mapped = subtract_to_zero(set->pss.low, set->unread_shared_pss_bytes);
    uint64_t huge = set->fate[FATE_HUGE].high;
    set->last_mapped.high = most(set->last_mapped.low,
                                 least(set->last_mapped.high, add_saturating(set->pss.high, huge)));
    set->footprint.low = least(set->footprint.high, most(set->footprint.low, mapped));
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
    if (ok)
        ok = add_stretches(&work, results);
    if (ok) {
        add_mappings(&members, results);
        ok = set_members_count(&members, set_of, results, why);
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
