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
    uint64_t *met;          /* by set of the user's: the visit that it was met in */
    uint64_t visit;         /* to a set of pages, or of slots; the first is 1 */
    bool alone;             /* all processes of the set of pages are in one of them */
    uint64_t *unread_bytes; /* by set of the user's: RSS of members whose pages are not all known */
};

#define KEEPS_BOUNDS UINT64_MAX /* in unread_bytes: nobody knows how much is missing */

/* Bounds go, and counting begins at nothing. */
static void begin_set(struct set_sharing *set)
{
    set->by_pages = true;
    set->footprint = set->last_mapped = set->with_others = range_of(0);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        set->fate[fate] = range_of(0);
}

/* A member whose pages are not all known may map as much more as its RSS. What several processes of
 * different sets have together belongs to none of them alone. */
static void count_unread(struct figures_work *work, size_t index, uint32_t number,
                         const struct process_usage *usage)
{
    const struct snapshot *snapshot = work->snapshot;
    size_t first = usage->process->address_space ? usage->process->address_space - 1 : index;
    bool known = process_pages_known(snapshot, &snapshot->processes[first]);
    bool divided = work->members.set_of_space[first] != number;
    uint64_t *unread = &work->unread_bytes[number];
    if (known)
        return;
    work->results[number].by_pages = false;
    struct amount rss = process_rss_at_most(usage);
    if (divided || !rss.known)
        *unread = KEEPS_BOUNDS;
    else
        *unread = add_saturating(*unread, add_saturating(rss.bytes, usage->hugetlb.bytes));
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
        count_unread(work, i, set_of[i], &usage);
    }
}

static void touch(struct figures_work *work, uint32_t set)
{
    if (work->met[set] == work->visit)
        return;
    work->met[set] = work->visit;
    work->touched[work->touched_count++] = set;
}

static void find_touched(struct figures_work *work, uint32_t number)
{
    const struct page_set *set = &work->sharing->sets.sets[number];
    work->visit++;
    work->touched_count = 0;
    work->alone = true;
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t process = work->sharing->sets.members[set->first_member + i];
        uint32_t here = work->members.set_of_space[process];
        if (here == NO_SET) {
            size_t count;
            const struct divided_space *rows =
                divided_spaces_of(&work->members.divided, process, &count);
            for (size_t j = 0; j < count; j++)
                touch(work, rows[j].set);
            work->alone = false;
        } else {
            touch(work, here);
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

static void add_last_mapped(struct figures_work *work, const struct page_share *share,
                            uint32_t number, struct byte_range bytes)
{
    struct set_sharing *set = &work->results[number];
    range_add(&set->last_mapped, bytes);
    page_fate_add(set->fate, fate_of(work, share, number), bytes, 0, bytes.high);
}

/* Whoever maps a page without having been read may be a member whose pages are not known. */
static void add_pages(struct figures_work *work, const struct page_share *share)
{
    uint64_t bytes = multiply_saturating(share->pages, work->sharing->page_bytes);
    for (uint32_t i = 0; i < work->touched_count; i++) {
        uint32_t number = work->touched[i];
        struct set_sharing *set = &work->results[number];
        bool maybe_member = work->alone && (share->flags & SHARE_OTHERS) && !set->by_pages;
        range_add(&set->footprint, range_of(bytes));
        if (!work->alone || (share->flags & SHARE_OTHERS))
            range_add(&set->with_others, (struct byte_range){maybe_member ? 0 : bytes, bytes});
        else
            add_last_mapped(work, share, number, range_of(bytes));
        if (maybe_member)
            add_last_mapped(work, share, number, (struct byte_range){0, bytes});
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

/* Who else has a slot is known only when everybody was read and none is hidden; smaps tells of those that
 * nobody has. */
static void bound_swap(const struct figures_work *work, const struct set_sharing *bounds,
                       struct set_sharing *set)
{
    if (!work->sharing->all_read || !work->members.stretches->all_mappers_read)
        set->swap.low = least(bounds->swap.low, set->swap.high);
}

/* The better of each bound, but for figures that moved between the two: then those of the pages. */
static void narrow(struct byte_range *range, uint64_t unread_bytes, struct byte_range bounds)
{
    range->high = add_saturating(range->high, unread_bytes);
    struct byte_range both = {most(range->low, bounds.low), least(range->high, bounds.high)};
    if (both.low <= both.high)
        *range = both;
}

/* Members whose pages are known are counted, and the others can only add. */
static void narrow_set(struct set_sharing *set, uint64_t unread_bytes,
                       const struct set_sharing *bounds)
{
    if (unread_bytes == KEEPS_BOUNDS || bounds->unread_unbounded) {
        *set = *bounds;
        return;
    }
    narrow(&set->footprint, unread_bytes, bounds->footprint);
    narrow(&set->last_mapped, unread_bytes, bounds->last_mapped);
    narrow(&set->with_others, unread_bytes, bounds->with_others);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        narrow(&set->fate[fate], unread_bytes, bounds->fate[fate]);
    set->swap = bounds->swap;
}

static void compute(struct figures_work *work, uint32_t sets, const struct set_sharing *bounds)
{
    for (uint32_t i = 0; i < sets; i++)
        work->results[i].swap = range_of(0);
    go_through(work, &work->sharing->pages, add_pages);
    go_through(work, &work->sharing->slots, add_slots);
    for (uint32_t i = 0; i < sets; i++) {
        if (work->results[i].by_pages)
            bound_swap(work, &bounds[i], &work->results[i]);
        else
            narrow_set(&work->results[i], work->unread_bytes[i], &bounds[i]);
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
    work.unread_bytes = calloc((size_t)sets + 1, sizeof *work.unread_bytes);
    bool ok = bounds && work.touched && work.met && work.unread_bytes &&
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
    free(work.unread_bytes);
    return ok || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}
