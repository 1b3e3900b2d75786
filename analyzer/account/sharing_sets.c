#include "analyzer/account/sharing_sets.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/account/sharing_bounds.h"
#include "analyzer/account/stretch_tally.h"
#include "analyzer/base/array.h"

/* What the processes of one stretch have there: of base pages, or of huge pages. */
struct stretch_sum {
    struct shared_sum all;
    uint64_t least_bytes;    /* RSS of the process that has the least */
    bool repeats;            /* a process may map a page twice */
    uint64_t repeated_bytes; /* that are mapped twice and by one process alone, at most */
};

static void note_process(struct stretch_sum *sum, const struct shared_sum *with)
{
    sum->least_bytes = least(sum->least_bytes, with->rss_bytes - sum->all.rss_bytes);
    sum->repeats = sum->repeats || with->units - sum->all.units > 1;
    sum->all = *with;
}

/* Sums one process's parts, which begin at `first`; how many these are. */
static size_t sum_process(const struct snapshot *snapshot, const struct shared_stretch *stretch,
                          size_t first, struct stretch_sum *base, struct stretch_sum *huge)
{
    struct stretch_tally tally = {.base = base->all, .huge = huge->all};
    size_t end = first + 1;
    while (end < stretch->count && stretch->parts[end].process == stretch->parts[first].process)
        end++;
    stretch_tally_add_process(snapshot, stretch->parts + first, end - first, &tally);
    note_process(base, &tally.base);
    base->repeated_bytes = add_saturating(base->repeated_bytes, tally.repeated_bytes);
    note_process(huge, &tally.huge);
    return end - first;
}

/* All of k processes map a page unless one does not: of D pages, each lacks D - RSS. */
static struct byte_range mapped_by_all(const struct stretch_sum *sum, uint32_t processes,
                                       struct byte_range distinct, bool closed)
{
    struct byte_range exactly = {0, least(sum->least_bytes, distinct.high)};
    if (closed && !sum->repeats)
        exactly.low =
            subtract_to_zero(sum->all.rss_bytes, multiply_saturating(distinct.high, processes - 1));
    exactly.low = least(exactly.low, exactly.high);
    return exactly;
}

struct set_index {
    uint32_t *buckets; /* set + 1 */
    size_t bucket_count;
};

static uint64_t hash_of(const uint32_t *processes, size_t count, enum object_kind kind)
{
    uint64_t hash = (uint64_t)kind + 1;
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ processes[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

static uint64_t hash_of_set(const struct sharing_sets *sets, const struct sharing_set *set)
{
    return hash_of(sets->processes + set->first_process, set->count, set->kind);
}

static bool grow_index(const struct sharing_sets *sets, struct set_index *index)
{
    size_t wanted = index->bucket_count ? index->bucket_count * 2 : 256;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    for (size_t i = 0; i < sets->count; i++) {
        size_t at = hash_of_set(sets, &sets->sets[i]) & (wanted - 1);
        while (buckets[at])
            at = (at + 1) & (wanted - 1);
        buckets[at] = (uint32_t)i + 1;
    }
    free(index->buckets);
    index->buckets = buckets;
    index->bucket_count = wanted;
    return true;
}

/* The set of the last `count` processes, which then stay only if it is new. NULL: out of memory. */
static struct sharing_set *set_of_last(struct sharing_sets *sets, struct set_index *index,
                                       uint32_t count, enum object_kind kind)
{
    if (sets->count * 2 >= index->bucket_count && !grow_index(sets, index))
        return NULL;
    size_t first = sets->process_count - count;
    size_t at = hash_of(sets->processes + first, count, kind) & (index->bucket_count - 1);
    for (; index->buckets[at]; at = (at + 1) & (index->bucket_count - 1)) {
        struct sharing_set *set = &sets->sets[index->buckets[at] - 1];
        if (set->kind != kind || set->count != count ||
            memcmp(sets->processes + set->first_process, sets->processes + first,
                   count * sizeof *sets->processes) != 0)
            continue;
        sets->process_count = first;
        return set;
    }
    struct sharing_set *set = ARRAY_PUSH(sets->sets, sets->count, sets->capacity);
    if (!set)
        return NULL;
    *set = (struct sharing_set){.first_process = first, .count = count, .kind = kind};
    index->buckets[at] = (uint32_t)sets->count;
    return set;
}

static bool push_processes(struct sharing_sets *sets, const struct shared_stretch *stretch,
                           uint32_t *count)
{
    *count = 0;
    for (size_t i = 0; i < stretch->count; i++) {
        if (i && stretch->parts[i].process == stretch->parts[i - 1].process)
            continue;
        uint32_t *slot = ARRAY_PUSH(sets->processes, sets->process_count, sets->process_capacity);
        if (!slot)
            return false;
        *slot = stretch->parts[i].process;
        ++*count;
    }
    return true;
}

static bool add_sum(struct sharing_sets *sets, struct set_index *index,
                    const struct shared_stretch *stretch, const struct stretch_sum *sum,
                    enum object_kind kind, uint64_t page_bytes)
{
    uint32_t count;
    if (!sum->all.rss_bytes)
        return true;
    if (!push_processes(sets, stretch, &count))
        return false;
    if (count < 2) { /* the others were not read */
        sets->process_count -= count;
        return true;
    }
    struct sharing_set *set = set_of_last(sets, index, count, kind);
    if (!set)
        return false;
    struct sharing_question question = {.in = sum->all,
                                        .closed = stretch->closed,
                                        .page_bytes = page_bytes,
                                        .most_bytes = UINT64_MAX};
    struct sharing_answer answer = sharing_bounds(&question);
    bool closed = stretch->closed && !answer.contradicted;
    /* Where others may map it, each page may be of one of these and of somebody else. */
    answer.footprint.low = closed ? subtract_to_zero(answer.footprint.low, sum->repeated_bytes) : 0;
    range_add(&set->distinct, answer.footprint);
    range_add(&set->exactly, mapped_by_all(sum, count, answer.footprint, closed));
    set->stretches++;
    return true;
}

static bool add_stretch(struct sharing_sets *sets, struct set_index *index,
                        const struct snapshot *snapshot, const struct shared_stretch *stretch,
                        uint64_t page_bytes)
{
    struct stretch_sum base = {.least_bytes = UINT64_MAX}, huge = {.least_bytes = UINT64_MAX};
    for (size_t i = 0; i < stretch->count;)
        i += sum_process(snapshot, stretch, i, &base, &huge);
    enum object_kind kind = object_kind_of(snapshot, &snapshot->mappings.objects[stretch->object]);
    if (kind == OBJECT_HEAP || kind == OBJECT_STACK)
        kind = OBJECT_ANON;
    return add_sum(sets, index, stretch, &base, kind, page_bytes) &&
           add_sum(sets, index, stretch, &huge, OBJECT_HUGETLB, 1);
}

static int by_high(const void *a, const void *b)
{
    const struct sharing_set *left = a, *right = b;
    if (left->exactly.high != right->exactly.high)
        return left->exactly.high > right->exactly.high ? -1 : 1;
    if (left->distinct.high != right->distinct.high)
        return left->distinct.high > right->distinct.high ? -1 : 1;
    return left->first_process < right->first_process ? -1
                                                      : left->first_process > right->first_process;
}

bool sharing_sets_compute(const struct shared_stretches *stretches, struct sharing_sets *out,
                          struct failure *why)
{
    struct sharing_sets sets = {.all_mappers_read = stretches->all_mappers_read};
    struct set_index index = {0};
    struct stretch_cursor cursor = {0};
    struct shared_stretch stretch;
    uint64_t page_bytes;
    if (!snapshot_page_size(stretches->snapshot, &page_bytes))
        page_bytes = 1;
    bool ok = true;
    while (ok && shared_stretches_next(stretches, &cursor, &stretch))
        ok = add_stretch(&sets, &index, stretches->snapshot, &stretch, page_bytes);
    free(index.buckets);
    if (ok) {
        if (sets.count)
            qsort(sets.sets, sets.count, sizeof *sets.sets, by_high);
        *out = sets;
        return true;
    }
    sharing_sets_deinit(&sets);
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void sharing_sets_deinit(struct sharing_sets *sets)
{
    free(sets->sets);
    free(sets->processes);
    *sets = (struct sharing_sets){0};
}
