#include "analyzer/account/page_sharing.h"

#include <stdlib.h>

#include "analyzer/account/process_usage.h"
#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"

#define FIRST_BUCKETS 1024u

struct sharing_work {
    const struct snapshot *snapshot;
    struct page_sharing *sharing;
};

static uint64_t hash_of(const struct page_share *share)
{
    uint64_t hash = (uint64_t)share->set << 32 | share->object;
    hash = (hash ^ (uint64_t)share->kind << 8 ^ share->flags) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static bool same(const struct page_share *a, const struct page_share *b)
{
    return a->set == b->set && a->object == b->object && a->kind == b->kind && a->flags == b->flags;
}

static bool grow(struct page_shares *shares)
{
    size_t wanted = shares->bucket_count ? shares->bucket_count * 2 : FIRST_BUCKETS;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    for (size_t i = 0; i < shares->count; i++) {
        size_t at = hash_of(&shares->rows[i]) & (wanted - 1);
        while (buckets[at])
            at = (at + 1) & (wanted - 1);
        buckets[at] = (uint32_t)i + 1;
    }
    free(shares->buckets);
    shares->buckets = buckets;
    shares->bucket_count = wanted;
    return true;
}

static bool add(struct page_shares *shares, const struct page_share *part)
{
    if (shares->count * 2 >= shares->bucket_count && !grow(shares))
        return false;
    size_t at = hash_of(part) & (shares->bucket_count - 1);
    for (; shares->buckets[at]; at = (at + 1) & (shares->bucket_count - 1))
        if (same(&shares->rows[shares->buckets[at] - 1], part))
            break;
    if (!shares->buckets[at]) {
        struct page_share *row = ARRAY_PUSH(shares->rows, shares->count, shares->capacity);
        if (!row)
            return false;
        *row = *part;
        shares->buckets[at] = (uint32_t)shares->count;
        return true;
    }
    struct page_share *row = &shares->rows[shares->buckets[at] - 1];
    row->pages = add_saturating(row->pages, part->pages);
    row->times = add_saturating(row->times, part->times);
    return true;
}

/* What a resident page is, by its flags first: a private mapping of a file has copies, too. */
static void tell_object(const struct snapshot *snapshot, const struct page_run *run,
                        struct page_share *share)
{
    uint32_t mapping = snapshot->pages.mappings[run->mapping].mapping;
    share->object = SHARE_NO_OBJECT;
    share->kind = OBJECT_ANON;
    if (run->attributes & PAGES_FLAG_HUGE)
        share->kind = OBJECT_HUGETLB;
    if (run->attributes & PAGES_FLAG_ANON)
        return;
    if (mapping) {
        share->object = snapshot->mappings.mappings[mapping - 1].object;
        if (share->kind != OBJECT_HUGETLB)
            share->kind =
                (uint8_t)object_kind_of(snapshot, &snapshot->mappings.objects[share->object]);
    } else if (share->kind != OBJECT_HUGETLB) {
        share->kind = run->attributes & PAGES_FLAG_SWAPBACKED ? OBJECT_SHMEM : OBJECT_FILE;
    }
}

/* Page tables of the pool's pages may be shared, and are then counted once for all who map them. */
static bool has_moved(const struct page_segment *segment)
{
    if (segment->mapcount_least != segment->mapcount_most)
        return true;
    return segment->mapcount_most < segment->times && segment->mapcount_most < PAGE_MAPCOUNT_MAX &&
           !(segment->run->attributes & PAGES_FLAG_HUGE);
}

static bool add_pages(void *context, const struct page_segment *segment, struct failure *why)
{
    struct sharing_work *work = context;
    struct page_share share = {.pages = segment->pages,
                               .times = multiply_saturating(segment->pages, segment->times)};
    if (!page_is_resident(segment->run->attributes))
        return true;
    if (work->snapshot->pages.has_mapcounts && has_moved(segment))
        work->sharing->moved_pages = add_saturating(work->sharing->moved_pages, segment->pages);
    if (segment->mapcount_least > segment->times)
        share.flags |= SHARE_OTHERS;
    if (segment->run->attributes & PAGES_FLAG_KSM)
        share.flags |= SHARE_MERGED;
    if (segment->run->attributes & PAGES_FLAG_THP)
        share.flags |= SHARE_THP;
    tell_object(work->snapshot, segment->run, &share);
    return (page_sets_find(&work->sharing->sets, segment, &share.set) &&
            add(&work->sharing->pages, &share)) ||
           failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

/* How often a slot is in use by whom else no file tells. */
static bool add_slots(void *context, const struct page_segment *segment, struct failure *why)
{
    struct sharing_work *work = context;
    struct page_share share = {.pages = segment->pages,
                               .times = multiply_saturating(segment->pages, segment->times),
                               .object = SHARE_NO_OBJECT,
                               .kind = OBJECT_ANON};
    return (page_sets_find(&work->sharing->sets, segment, &share.set) &&
            add(&work->sharing->slots, &share)) ||
           failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

static int by_set(const void *a, const void *b)
{
    const struct page_share *left = a, *right = b;
    if (left->set != right->set)
        return left->set < right->set ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->object != right->object)
        return left->object < right->object ? -1 : 1;
    return left->flags - right->flags;
}

/* Rows move, so nothing can be looked up afterwards. */
static void put_in_order(struct page_shares *shares)
{
    if (shares->count)
        qsort(shares->rows, shares->count, sizeof *shares->rows, by_set);
    free(shares->buckets);
    shares->buckets = NULL;
    shares->bucket_count = 0;
}

bool process_pages_known(const struct snapshot *snapshot, const struct process *process)
{
    if (!(process->files & PROCESS_PAGES) || (process->files & PROCESS_PAGES_CUT))
        return false;
    for (size_t i = 0; i < process->page_mapping_count; i++)
        if (snapshot->pages.mappings[process->first_page_mapping + i].unread)
            return false;
    return true;
}

static bool all_pages_read(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        struct process_usage usage;
        process_usage_compute(snapshot, process, &usage);
        if (!process_usage_has_none(&usage) && !process_pages_known(snapshot, process))
            return false;
    }
    return true;
}

bool page_sharing_compute(const struct snapshot *snapshot, struct page_sharing *out,
                          struct failure *why)
{
    const struct page_store *store = &snapshot->pages;
    struct page_sharing sharing = {.page_bytes = store->page_bytes};
    struct sharing_work work = {snapshot, &sharing};
    if (!page_sweep(&store->frames, store->mappings, snapshot->process_count, add_pages, &work,
                    why) ||
        !page_sweep(&store->slots, store->mappings, snapshot->process_count, add_slots, &work,
                    why)) {
        page_sharing_deinit(&sharing);
        return false;
    }
    put_in_order(&sharing.pages);
    put_in_order(&sharing.slots);
    sharing.all_read = all_pages_read(snapshot);
    *out = sharing;
    return true;
}

void page_sharing_deinit(struct page_sharing *sharing)
{
    page_sets_deinit(&sharing->sets);
    free(sharing->pages.rows);
    free(sharing->pages.buckets);
    free(sharing->slots.rows);
    free(sharing->slots.buckets);
    *sharing = (struct page_sharing){0};
}
