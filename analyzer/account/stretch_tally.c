#include "analyzer/account/stretch_tally.h"

static uint64_t sum_fields(const uint64_t *value, enum smaps_field a, enum smaps_field b)
{
    return add_saturating(value[a], value[b]);
}

struct byte_range smaps_anonymous_part(uint64_t anonymous, uint64_t bytes, uint64_t others)
{
    return (struct byte_range){subtract_to_zero(anonymous, others), least(anonymous, bytes)};
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

void stretch_tally_add_process(const struct snapshot *snapshot, const struct stretch_part *parts,
                               size_t count, struct stretch_tally *tally)
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
        uint32_t present = snapshot->processes[parts[i].process].smaps.present;
        struct byte_range anon = smaps_anonymous_part(value[SMAPS_ANONYMOUS], shared, own);
        if (!(present & SMAPS_BIT(SMAPS_ANONYMOUS)))
            anon = (struct byte_range){0, mapping->permissions & SMAPS_SHARED ? 0 : shared};
        tally->anon_bytes = add_saturating(tally->anon_bytes, anon.high);
        tally->file_bytes = add_saturating(tally->file_bytes, shared - anon.low);
        tally->base.rss_bytes = add_saturating(tally->base.rss_bytes, shared);
        tally->base.pss_bytes =
            add_saturating(tally->base.pss_bytes, subtract_to_zero(value[SMAPS_PSS], own));
        tally->base.mappings += shared != 0;
        tally->base.pss_unknown = tally->base.pss_unknown || !(present & SMAPS_BIT(SMAPS_PSS));
        tally->huge.rss_bytes = add_saturating(tally->huge.rss_bytes, huge);
        tally->huge.pss_unknown = true;
        if (mapping_may_be_merged(snapshot, mapping)) {
            add_merged(&tally->base, shared);
            tally->repeated_bytes = add_saturating(tally->repeated_bytes, shared / 2);
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
    tally->repeated_bytes =
        add_saturating(tally->repeated_bytes, least(twice_bytes, base_bytes / 2));
    /* It maps so many different ones at least: what is mapped twice lies where mappings overlap. */
    tally->base.largest_bytes =
        most(tally->base.largest_bytes, subtract_to_zero(base_bytes, twice_bytes));
    tally->huge.largest_bytes =
        most(tally->huge.largest_bytes, subtract_to_zero(huge_bytes, twice_bytes));
}
