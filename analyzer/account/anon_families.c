#include "analyzer/account/anon_families.h"

#include <stdlib.h>

#include "analyzer/account/anon_family_fold.h"
#include "analyzer/account/anon_kin.h"
#include "analyzer/account/sharing_bounds.h"
#include "analyzer/base/array.h"

struct family_part {
    uint32_t family, part;
};

/* A stretch at hand. */
struct stretch_work {
    const struct snapshot *snapshot;
    struct anon_kin kin;
    struct shared_stretch stretch;
    struct family_part *parts; /* by family, then as in the stretch */
    size_t capacity;
    struct shared_sum all; /* of all parts */
    uint64_t page_bytes;
};

static int by_family(const void *a, const void *b)
{
    const struct family_part *left = a, *right = b;
    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;
    return left->part < right->part ? -1 : left->part > right->part;
}

static const struct mapping *mapping_of(const struct stretch_work *work, uint32_t part)
{
    return &work->snapshot->mappings.mappings[work->stretch.parts[part].mapping];
}

static uint64_t own_bytes(const uint64_t *value)
{
    return add_saturating(value[SMAPS_PRIVATE_CLEAN], value[SMAPS_PRIVATE_DIRTY]);
}

/* Each part is a unit. KSM may have put one page at any number of places of a mapping, so that such a one is
 * more than one, and none is large. */
static void add_shared(const struct stretch_work *work, const struct mapping *mapping,
                       const uint64_t *value, struct shared_sum *sum)
{
    uint64_t shared = add_saturating(value[SMAPS_SHARED_CLEAN], value[SMAPS_SHARED_DIRTY]);
    if (!shared)
        return;
    sum->rss_bytes = add_saturating(sum->rss_bytes, shared);
    sum->pss_bytes =
        add_saturating(sum->pss_bytes, subtract_to_zero(value[SMAPS_PSS], own_bytes(value)));
    sum->mappings++;
    if (mapping_may_be_merged(work->snapshot, mapping)) {
        sum->units += 2;
        return;
    }
    sum->units++;
    sum->largest_bytes = most(sum->largest_bytes, shared);
}

static void add_to_member(struct family_member *member, const uint64_t *value)
{
    const struct family_sums sums = {value[SMAPS_RSS], value[SMAPS_PSS], own_bytes(value),
                                     value[SMAPS_SWAP]};
    member->mappings++;
    family_sums_add(&member->sums, &sums);
}

static struct family_member *member_of(struct anon_families *families, size_t first,
                                       uint32_t process)
{
    if (families->member_count > first &&
        families->members[families->member_count - 1].process == process)
        return &families->members[families->member_count - 1];
    struct family_member *added =
        ARRAY_PUSH(families->members, families->member_count, families->member_capacity);
    if (added)
        added->process = process;
    return added;
}

/* A page lies at one address, so nobody else maps it where nobody else of the stretch maps anything.
 * Else all others of the stretch may map it; how large each of these is does not matter then. */
static struct byte_range resident_once(const struct stretch_work *work,
                                       const struct anon_family *family,
                                       const struct shared_sum *shared, size_t parts)
{
    struct sharing_question question = {.in = *shared,
                                        .page_bytes = work->page_bytes,
                                        .most_bytes = UINT64_MAX,
                                        .closed = work->stretch.closed};
    if (anon_kin_parts_between(&work->kin, family->start, family->end) != parts)
        question.out = (struct shared_sum){
            .rss_bytes = subtract_to_zero(work->all.rss_bytes, shared->rss_bytes),
            .pss_bytes = subtract_to_zero(work->all.pss_bytes, shared->pss_bytes),
            .mappings = work->all.mappings - shared->mappings,
            .units = work->all.units - shared->units,
        };
    struct byte_range resident = sharing_bounds(&question).footprint;
    range_add(&resident, range_of(family->sums.uss_bytes));
    return resident;
}

static void sum_members(struct anon_families *families, struct anon_family *family)
{
    for (size_t i = 0; i < family->member_count; i++) {
        const struct family_member *member = &families->members[family->first_member + i];
        family_sums_add(&family->sums, &member->sums);
        family->members_hash =
            (family->members_hash ^ (member->process + UINT64_C(1))) * UINT64_C(0x9e3779b97f4a7c15);
        family->members_hash ^= family->members_hash >> 29;
    }
}

/* Parts of one family of the stretch; no family if all are one process's. The largest part names it. */
static bool add_family(struct stretch_work *work, const struct family_part *parts, size_t count,
                       struct anon_families *families)
{
    struct anon_family family = {
        .start = UINT64_MAX, .places = 1, .first_member = families->member_count};
    struct shared_sum shared = {0};
    uint64_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mapping *mapping = mapping_of(work, parts[i].part);
        struct family_member *member =
            member_of(families, family.first_member, work->stretch.parts[parts[i].part].process);
        uint64_t value[SMAPS_FIELD_COUNT];
        if (!member)
            return false;
        mapping_values(&work->snapshot->mappings, mapping, value);
        add_to_member(member, value);
        add_shared(work, mapping, value, &shared);
        family.start = least(family.start, mapping->start);
        family.end = most(family.end, mapping->end);
        if (i == 0 || value[SMAPS_RSS] > largest) {
            family.object = mapping->object;
            largest = value[SMAPS_RSS];
        }
    }
    family.member_count = (uint32_t)(families->member_count - family.first_member);
    if (family.member_count < 2 || !shared.rss_bytes) {
        families->member_count = family.first_member;
        return true;
    }
    sum_members(families, &family);
    family.resident = resident_once(work, &family, &shared, count);
    struct anon_family *added = ARRAY_PUSH(families->families, families->count, families->capacity);
    if (added)
        *added = family;
    return added != NULL;
}

static bool find_parts(struct stretch_work *work)
{
    size_t count = work->stretch.count;
    if (!anon_kin_find(&work->kin, &work->stretch))
        return false;
    if (work->capacity < work->kin.capacity) {
        free(work->parts);
        work->capacity = 0;
        work->parts = calloc(work->kin.capacity, sizeof *work->parts);
        if (!work->parts)
            return false;
        work->capacity = work->kin.capacity;
    }
    work->all = (struct shared_sum){0};
    for (uint32_t i = 0; i < count; i++) {
        uint64_t value[SMAPS_FIELD_COUNT];
        mapping_values(&work->snapshot->mappings, mapping_of(work, i), value);
        add_shared(work, mapping_of(work, i), value, &work->all);
        work->parts[i] = (struct family_part){work->kin.family_of[i], i};
    }
    qsort(work->parts, count, sizeof *work->parts, by_family);
    return true;
}

static bool add_stretch(struct stretch_work *work, struct anon_families *families)
{
    const struct mapped_object *object = &work->snapshot->mappings.objects[work->stretch.object];
    if (work->stretch.count < 2 || object_has_inode(object) ||
        object_kind_of(work->snapshot, object) == OBJECT_SPECIAL)
        return true;
    if (!find_parts(work))
        return false;
    for (size_t first = 0, end; first < work->stretch.count; first = end) {
        for (end = first + 1; end < work->stretch.count; end++)
            if (work->parts[end].family != work->parts[first].family)
                break;
        if (!add_family(work, work->parts + first, end - first, families))
            return false;
    }
    return true;
}

bool anon_families_compute(const struct shared_stretches *stretches, struct anon_families *out,
                           struct failure *why)
{
    struct anon_families families = {.all_mappers_read = stretches->all_mappers_read};
    struct stretch_work work = {.snapshot = stretches->snapshot};
    struct stretch_cursor cursor = {0};
    if (!snapshot_page_size(work.snapshot, &work.page_bytes))
        work.page_bytes = 1;
    bool ok = anon_kin_init(work.snapshot, &work.kin);
    while (ok && shared_stretches_next(stretches, &cursor, &work.stretch))
        ok = add_stretch(&work, &families);
    anon_kin_deinit(&work.kin);
    free(work.parts);
    if (!ok) {
        anon_families_deinit(&families);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    anon_families_fold(work.snapshot, &families);
    *out = families;
    return true;
}

void anon_families_deinit(struct anon_families *families)
{
    free(families->families);
    free(families->members);
    *families = (struct anon_families){0};
}
