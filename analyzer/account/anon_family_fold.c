#include "analyzer/account/anon_family_fold.h"

#include <stdlib.h>

#include "analyzer/account/object_cost.h"

void family_sums_add(struct family_sums *to, const struct family_sums *from)
{
    to->rss_bytes = add_saturating(to->rss_bytes, from->rss_bytes);
    to->pss_bytes = add_saturating(to->pss_bytes, from->pss_bytes);
    to->uss_bytes = add_saturating(to->uss_bytes, from->uss_bytes);
    to->swap_bytes = add_saturating(to->swap_bytes, from->swap_bytes);
}

static int by_members(const void *a, const void *b)
{
    const struct anon_family *left = a, *right = b;
    if (left->object != right->object)
        return left->object < right->object ? -1 : 1;
    if (left->member_count != right->member_count)
        return left->member_count < right->member_count ? -1 : 1;
    if (left->members_hash != right->members_hash)
        return left->members_hash < right->members_hash ? -1 : 1;
    return left->first_member < right->first_member ? -1 : left->first_member > right->first_member;
}

static bool same_family(const struct anon_families *families, const struct anon_family *a,
                        const struct anon_family *b)
{
    if (a->object != b->object || a->member_count != b->member_count ||
        a->members_hash != b->members_hash)
        return false;
    for (size_t i = 0; i < a->member_count; i++)
        if (families->members[a->first_member + i].process !=
            families->members[b->first_member + i].process)
            return false;
    return true;
}

/* Adds `other`, which the same processes have. */
static void join(struct anon_families *families, struct anon_family *family,
                 const struct anon_family *other)
{
    family->start = least(family->start, other->start);
    family->end = most(family->end, other->end);
    family->places += other->places;
    family_sums_add(&family->sums, &other->sums);
    range_add(&family->resident, other->resident);
    for (size_t i = 0; i < family->member_count; i++) {
        struct family_member *to = &families->members[family->first_member + i];
        const struct family_member *from = &families->members[other->first_member + i];
        to->mappings += from->mappings;
        family_sums_add(&to->sums, &from->sums);
    }
}

static int by_resident(const void *a, const void *b)
{
    const struct anon_family *left = a, *right = b;
    if (left->resident.high != right->resident.high)
        return left->resident.high > right->resident.high ? -1 : 1;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return left->first_member < right->first_member ? -1 : left->first_member > right->first_member;
}

static uint32_t first_started(const struct snapshot *snapshot, const struct anon_families *families,
                              const struct anon_family *family)
{
    const struct family_member *members = families->members + family->first_member;
    uint32_t first = members[0].process;
    for (size_t i = 1; i < family->member_count; i++)
        if (process_started_before(&snapshot->processes[members[i].process],
                                   &snapshot->processes[first]))
            first = members[i].process;
    return first;
}

void anon_families_fold(const struct snapshot *snapshot, struct anon_families *families)
{
    struct anon_family *all = families->families;
    size_t kept = 0;
    if (!families->count)
        return;
    qsort(all, families->count, sizeof *all, by_members);
    for (size_t i = 0; i < families->count; i++) {
        if (kept && same_family(families, &all[kept - 1], &all[i]))
            join(families, &all[kept - 1], &all[i]);
        else
            all[kept++] = all[i];
    }
    families->count = kept;
    for (size_t i = 0; i < kept; i++)
        all[i].owner = first_started(snapshot, families, &all[i]);
    qsort(all, kept, sizeof *all, by_resident);
}
