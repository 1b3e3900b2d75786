#include "analyzer/account/page_sharing_sets.h"

#include <stdlib.h>

#include "analyzer/account/byte_range.h"
#include "analyzer/base/array.h"

/* Members of a set as 64 bits, so that most sets are seen to hold another one not. */
static uint64_t shadow_of(const struct sharing_sets *sets, const struct sharing_set *set)
{
    uint64_t shadow = 0;
    for (uint32_t i = 0; i < set->count; i++)
        shadow |= UINT64_C(1) << (sets->processes[set->first_process + i] % 64);
    return shadow;
}

/* Both in the order of processes. */
static bool holds(const struct sharing_sets *sets, const struct sharing_set *whole,
                  const struct sharing_set *part)
{
    const uint32_t *of_whole = sets->processes + whole->first_process;
    const uint32_t *of_part = sets->processes + part->first_process;
    uint32_t at = 0;
    for (uint32_t i = 0; i < part->count; i++, at++) {
        while (at < whole->count && of_whole[at] < of_part[i])
            at++;
        if (at == whole->count || of_whole[at] != of_part[i])
            return false;
    }
    return true;
}

/* Pages that two or more of a set map, and only these: those of all sets that lie in it. */
static bool add_parts(struct sharing_sets *sets)
{
    uint64_t *shadows = calloc(sets->count + 1, sizeof *shadows);
    if (!shadows)
        return false;
    for (size_t i = 0; i < sets->count; i++)
        shadows[i] = shadow_of(sets, &sets->sets[i]);
    for (size_t i = 0; i < sets->count; i++) {
        struct sharing_set *whole = &sets->sets[i];
        for (size_t j = 0; j < sets->count; j++) {
            const struct sharing_set *part = &sets->sets[j];
            if (part->kind == whole->kind && part->count <= whole->count &&
                !(shadows[j] & ~shadows[i]) && holds(sets, whole, part))
                range_add(&whole->distinct, part->exactly);
        }
    }
    free(shadows);
    return true;
}

static bool begin_set(struct sharing_sets *sets, const struct page_sharing *sharing,
                      const struct page_share *share)
{
    const struct page_set *from = &sharing->sets.sets[share->set];
    struct sharing_set *set = ARRAY_PUSH(sets->sets, sets->count, sets->capacity);
    if (!set)
        return false;
    *set = (struct sharing_set){
        .first_process = sets->process_count, .count = from->count, .kind = share->kind};
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t *process =
            ARRAY_PUSH(sets->processes, sets->process_count, sets->process_capacity);
        if (!process)
            return false;
        *process = sharing->sets.members[from->first_member + i];
    }
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    const struct sharing_set *left = a, *right = b;
    if (left->exactly.high != right->exactly.high)
        return left->exactly.high > right->exactly.high ? -1 : 1;
    return left->first_process < right->first_process ? -1
                                                      : left->first_process > right->first_process;
}

/* Rows of one set and kind stand together. */
static bool collect(const struct page_sharing *sharing, struct sharing_sets *sets)
{
    const struct page_share *before = NULL;
    for (size_t i = 0; i < sharing->pages.count; i++) {
        const struct page_share *share = &sharing->pages.rows[i];
        if ((share->flags & SHARE_OTHERS) || sharing->sets.sets[share->set].count < 2)
            continue;
        if ((!before || before->set != share->set || before->kind != share->kind) &&
            !begin_set(sets, sharing, share))
            return false;
        before = share;
        struct sharing_set *set = &sets->sets[sets->count - 1];
        range_add(&set->exactly, range_of(multiply_saturating(share->pages, sharing->page_bytes)));
        set->stretches++;
    }
    return true;
}

bool page_sharing_sets(const struct page_sharing *sharing, struct sharing_sets *out,
                       struct failure *why)
{
    struct sharing_sets sets = {.all_mappers_read = sharing->all_read};
    if (!collect(sharing, &sets) || !add_parts(&sets)) {
        sharing_sets_deinit(&sets);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    if (sets.count)
        qsort(sets.sets, sets.count, sizeof *sets.sets, by_bytes);
    *out = sets;
    return true;
}
