#include "analyzer/account/page_sets.h"

#include "analyzer/base/array.h"

#define FIRST_BUCKETS 1024u

static bool grow(struct page_sets *sets)
{
    size_t wanted = sets->bucket_count ? sets->bucket_count * 2 : FIRST_BUCKETS;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    for (size_t i = 0; i < sets->count; i++) {
        size_t at = sets->sets[i].hash & (wanted - 1);
        while (buckets[at])
            at = (at + 1) & (wanted - 1);
        buckets[at] = (uint32_t)i + 1;
    }
    free(sets->buckets);
    sets->buckets = buckets;
    sets->bucket_count = wanted;
    return true;
}

/* Both have their processes once each, so that as many, all of them met, are the same. */
static bool same(const struct page_sets *sets, const struct page_set *set,
                 const struct page_segment *segment)
{
    if (set->hash != segment->hash || set->count != segment->process_count)
        return false;
    for (uint32_t i = 0; i < set->count; i++)
        if (segment->met[sets->members[set->first_member + i]] != segment->number)
            return false;
    return true;
}

static int ascending(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static bool add(struct page_sets *sets, const struct page_segment *segment)
{
    struct page_set *set = ARRAY_PUSH(sets->sets, sets->count, sets->capacity);
    if (!set)
        return false;
    *set = (struct page_set){segment->hash, sets->member_count, segment->process_count};
    qsort(segment->processes, segment->process_count, sizeof *segment->processes, ascending);
    for (uint32_t i = 0; i < segment->process_count; i++) {
        uint32_t *member = ARRAY_PUSH(sets->members, sets->member_count, sets->member_capacity);
        if (!member)
            return false;
        *member = segment->processes[i];
    }
    return true;
}

bool page_sets_find(struct page_sets *sets, const struct page_segment *segment, uint32_t *set)
{
    if (sets->count * 2 >= sets->bucket_count && !grow(sets))
        return false;
    size_t at = segment->hash & (sets->bucket_count - 1);
    for (; sets->buckets[at]; at = (at + 1) & (sets->bucket_count - 1)) {
        *set = sets->buckets[at] - 1;
        if (same(sets, &sets->sets[*set], segment))
            return true;
    }
    *set = (uint32_t)sets->count;
    if (!add(sets, segment))
        return false;
    sets->buckets[at] = *set + 1;
    return true;
}

void page_sets_deinit(struct page_sets *sets)
{
    free(sets->sets);
    free(sets->members);
    free(sets->buckets);
    *sets = (struct page_sets){0};
}
