#include "analyzer/account/mapping_totals.h"

#include "analyzer/base/checked_math.h"

uint64_t mapping_copied_bytes(enum mapping_kind kind, const uint64_t value_bytes[SMAPS_FIELD_COUNT])
{
    return kind == MAPPING_PRIVATE_FILE ? value_bytes[SMAPS_ANONYMOUS] : 0;
}

static void add(struct mapping_sums *sums, const struct mapping_sums *one)
{
    sums->mappings += one->mappings;
    sums->size_bytes = add_saturating(sums->size_bytes, one->size_bytes);
    sums->rss_bytes = add_saturating(sums->rss_bytes, one->rss_bytes);
    sums->pss_bytes = add_saturating(sums->pss_bytes, one->pss_bytes);
    sums->uss_bytes = add_saturating(sums->uss_bytes, one->uss_bytes);
    sums->swap_bytes = add_saturating(sums->swap_bytes, one->swap_bytes);
    sums->hugetlb_bytes = add_saturating(sums->hugetlb_bytes, one->hugetlb_bytes);
    sums->copied_bytes = add_saturating(sums->copied_bytes, one->copied_bytes);
    sums->present |= one->present;
}

void mapping_totals_add(struct mapping_totals *totals, const struct snapshot *snapshot,
                        const struct process *process, const struct mapping_label *labels)
{
    for (size_t i = 0; i < process->mapping_count; i++) {
        uint64_t value[SMAPS_FIELD_COUNT];
        mapping_values(&snapshot->mappings,
                       &snapshot->mappings.mappings[process->first_mapping + i], value);
        struct mapping_sums one = {
            .mappings = 1,
            .size_bytes = value[SMAPS_SIZE],
            .rss_bytes = value[SMAPS_RSS],
            .pss_bytes = value[SMAPS_PSS],
            .uss_bytes = add_saturating(value[SMAPS_PRIVATE_CLEAN], value[SMAPS_PRIVATE_DIRTY]),
            .swap_bytes = value[SMAPS_SWAP],
            .hugetlb_bytes =
                add_saturating(value[SMAPS_PRIVATE_HUGETLB], value[SMAPS_SHARED_HUGETLB]),
            .copied_bytes = mapping_copied_bytes((enum mapping_kind)labels[i].kind, value),
            .present = process->smaps.present,
        };
        add(&totals->all, &one);
        add(&totals->kinds[labels[i].kind], &one);
        add(&totals->classes[labels[i].mapping_class], &one);
    }
}
