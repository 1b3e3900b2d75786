#include "analyzer/account/page_set_figures.h"

#include <stdlib.h>

#include "analyzer/account/process_usage.h"
#include "analyzer/account/set_members.h"
#include "analyzer/model/shared_address_space.h"

struct figures_work {
    const struct page_sharing *sharing;
    const struct snapshot *snapshot;
    struct set_members members;
    struct set_sharing *results;
    uint32_t *touched; /* sets of the user's that have a process in the set of pages */
    uint32_t touched_count;
    uint64_t *met; /* by set of the user's: number of the set of pages that it was met in, + 1 */
    bool alone;    /* all processes of the set of pages are in one of them */
};

/* Bounds go, and counting begins at nothing. */
static void begin_set(struct set_sharing *set)
{
    set->by_pages = true;
    set->footprint = set->last_mapped = set->with_others = range_of(0);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        set->fate[fate] = range_of(0);
}

static void choose_sets(struct figures_work *work, const uint32_t *set_of, uint32_t sets)
{
    const struct snapshot *snapshot = work->snapshot;
    for (uint32_t i = 0; i < sets; i++)
        begin_set(&work->results[i]);
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        struct process_usage usage;
        if (set_of[i] == NO_SET)
            continue;
        process_usage_compute(snapshot, process, &usage);
        if (process_usage_has_none(&usage))
            continue;
        size_t first = process->address_space ? process->address_space - 1 : i;
        if (!process_pages_known(snapshot, &snapshot->processes[first]) ||
            work->members.set_of_space[first] != set_of[i])
            work->results[set_of[i]].by_pages = false;
    }
}

static void find_touched(struct figures_work *work, uint32_t number)
{
    const struct page_set *set = &work->sharing->sets.sets[number];
    work->touched_count = 0;
    work->alone = true;
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t process = work->sharing->sets.members[set->first_member + i];
        uint32_t here = work->members.set_of_space[process];
        if (here == NO_SET) {
            work->alone = false;
        } else if (work->met[here] != (uint64_t)number + 1) {
            work->met[here] = (uint64_t)number + 1;
            work->touched[work->touched_count++] = here;
        }
    }
    work->alone = work->alone && work->touched_count == 1;
}

static struct file_fate fate_of(const struct figures_work *work, const struct page_share *share,
                                uint32_t set)
{
    if (share->kind == OBJECT_HUGETLB)
        return (struct file_fate){FATE_HUGE, LIFE_STAYS};
    if (share->object != SHARE_NO_OBJECT)
        return set_file_fate(&work->members, share->object, set);
    if (share->kind == OBJECT_SHMEM)
        return (struct file_fate){FATE_SHMEM, LIFE_NOT_KNOWN};
    if (share->kind == OBJECT_FILE)
        return (struct file_fate){FATE_CACHE, LIFE_STAYS};
    return (struct file_fate){FATE_FREE, LIFE_ENDS};
}

static void add_pages(struct figures_work *work, const struct page_share *share)
{
    uint64_t bytes = multiply_saturating(share->pages, work->sharing->page_bytes);
    for (uint32_t i = 0; i < work->touched_count; i++) {
        struct set_sharing *set = &work->results[work->touched[i]];
        range_add(&set->footprint, range_of(bytes));
        if (!work->alone || (share->flags & SHARE_OTHERS)) {
            range_add(&set->with_others, range_of(bytes));
            continue;
        }
        range_add(&set->last_mapped, range_of(bytes));
        page_fate_add(set->fate, fate_of(work, share, work->touched[i]), range_of(bytes), 0, bytes);
    }
}

static void add_slots(struct figures_work *work, const struct page_share *share)
{
    uint64_t bytes = multiply_saturating(share->pages, work->sharing->page_bytes);
    for (uint32_t i = 0; work->alone && i < work->touched_count; i++)
        range_add(&work->results[work->touched[i]].swap, range_of(bytes));
}

/* Rows stand in the order of their sets. */
static void go_through(struct figures_work *work, const struct page_shares *shares,
                       void (*add)(struct figures_work *, const struct page_share *))
{
    for (size_t i = 0; i < shares->count; i++) {
        if (i == 0 || shares->rows[i].set != shares->rows[i - 1].set)
            find_touched(work, shares->rows[i].set);
        add(work, &shares->rows[i]);
    }
}

/* Who else has a slot is known only when everybody was read; smaps tells of those that nobody has. */
static void bound_swap(const struct page_sharing *sharing, const struct set_sharing *bounds,
                       struct set_sharing *set)
{
    if (!sharing->all_read)
        set->swap.low = least(bounds->swap.low, set->swap.high);
}

static void compute(struct figures_work *work, uint32_t sets, const struct set_sharing *bounds)
{
    for (uint32_t i = 0; i < sets; i++)
        work->results[i].swap = range_of(0);
    go_through(work, &work->sharing->pages, add_pages);
    go_through(work, &work->sharing->slots, add_slots);
    for (uint32_t i = 0; i < sets; i++) {
        if (work->results[i].by_pages)
            bound_swap(work->sharing, &bounds[i], &work->results[i]);
        else
            work->results[i] = bounds[i];
    }
}

bool page_set_figures(const struct page_sharing *sharing, const struct shared_stretches *stretches,
                      const uint32_t *set_of, uint32_t sets, struct set_sharing *results,
                      struct failure *why)
{
    struct figures_work work = {
        .sharing = sharing, .snapshot = stretches->snapshot, .results = results};
    struct set_sharing *bounds = calloc((size_t)sets + 1, sizeof *bounds);
    work.touched = calloc((size_t)sets + 1, sizeof *work.touched);
    work.met = calloc((size_t)sets + 1, sizeof *work.met);
    bool ok = bounds && work.touched && work.met &&
              set_members_find(stretches, set_of, sets, &work.members);
    if (ok) {
        for (uint32_t i = 0; i < sets; i++)
            bounds[i] = results[i];
        choose_sets(&work, set_of, sets);
        compute(&work, sets, bounds);
        set_members_deinit(&work.members);
    }
    free(bounds);
    free(work.touched);
    free(work.met);
    return ok || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}
