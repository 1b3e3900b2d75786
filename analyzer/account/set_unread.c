#include "analyzer/account/set_unread.h"

#include "analyzer/account/stretch_tally.h"

bool process_rollup_tells(const struct process *process)
{
    const uint32_t needed = SMAPS_BIT(SMAPS_RSS) | SMAPS_BIT(SMAPS_PSS) |
                            SMAPS_BIT(SMAPS_PRIVATE_CLEAN) | SMAPS_BIT(SMAPS_PRIVATE_DIRTY);
    return (process->files & PROCESS_ROLLUP) && (process->rollup.present & needed) == needed;
}

struct byte_range private_swap(uint32_t present, const uint64_t *smaps_bytes)
{
    uint64_t swap = smaps_bytes[SMAPS_SWAP], swap_pss = smaps_bytes[SMAPS_SWAP_PSS];
    if (!(present & SMAPS_BIT(SMAPS_SWAP_PSS)))
        return (struct byte_range){0, swap};
    if (swap_pss >= swap)
        return (struct byte_range){swap_pss == swap ? swap : 0, swap_pss};
    return (struct byte_range){0, least(swap, add_saturating(swap_pss, 1024))};
}

/* Of the rollup, what is in no mapping that was read. */
static void rollup_rest(const struct process *process, uint64_t rest[SMAPS_FIELD_COUNT])
{
    for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++)
        rest[field] = subtract_to_zero(process->rollup.bytes[field],
                                       process->mapping_count ? process->smaps.bytes[field] : 0);
}

static void widen(struct byte_range *range, uint64_t bytes)
{
    range->high = add_saturating(range->high, bytes);
}

/* Private pages are in nobody else's mappings, whatever these are. */
static void add_rollup(const struct process *process, struct set_sharing *set)
{
    uint64_t rest[SMAPS_FIELD_COUNT];
    rollup_rest(process, rest);
    uint64_t own = add_saturating(rest[SMAPS_PRIVATE_CLEAN], rest[SMAPS_PRIVATE_DIRTY]);
    uint64_t shared = add_saturating(rest[SMAPS_SHARED_CLEAN], rest[SMAPS_SHARED_DIRTY]);
    uint64_t huge = rest[SMAPS_PRIVATE_HUGETLB];
    const struct byte_range at_least = {add_saturating(own, huge), 0};
    set->uss_bytes = add_saturating(set->uss_bytes, own);
    range_add(&set->footprint, at_least);
    range_add(&set->last_mapped, at_least);
    set->fate[FATE_HUGE].low = add_saturating(set->fate[FATE_HUGE].low, huge);
    uint64_t anonymous = smaps_anonymous_part(rest[SMAPS_ANONYMOUS], own, shared).low;
    set->fate[FATE_FREE].low = add_saturating(set->fate[FATE_FREE].low, anonymous);
    set->pss.low = add_saturating(set->pss.low, rest[SMAPS_PSS]);
    widen(&set->pss, add_saturating(rest[SMAPS_PSS], 1024));
    set->unread_shared_pss_bytes =
        add_saturating(set->unread_shared_pss_bytes, subtract_to_zero(rest[SMAPS_PSS], own));
    range_add(&set->swap, private_swap(process->rollup.present, rest));
}

/* A figure of the mappings that were read, or of all by status. */
static uint64_t whole(const struct process_usage *usage, struct amount figure,
                      enum status_size counter)
{
    return most(figure.bytes, usage->process->status_size[counter].bytes);
}

/* Of these at most, some are what the mappings of other members call shared: no longer with others. */
static void add_missing(uint64_t missing, uint64_t shared, struct set_sharing *set)
{
    widen(&set->footprint, missing);
    widen(&set->last_mapped, missing);
    widen(&set->with_others, missing);
    set->with_others.low = subtract_to_zero(set->with_others.low, shared);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        widen(&set->fate[fate], missing);
}

void set_unread_add(const struct process_usage *usage, bool alone, struct set_sharing *set)
{
    const struct process *process = usage->process;
    bool has_mappings = process->mapping_count;
    uint64_t known = has_mappings ? process->smaps.bytes[SMAPS_RSS] : 0;
    uint64_t swapped = has_mappings ? process->smaps.bytes[SMAPS_SWAP] : 0;
    struct amount all = process_rss_at_most(usage);
    uint64_t rss = subtract_to_zero(all.bytes, known);
    uint64_t missing = add_saturating(rss, whole(usage, usage->hugetlb, STATUS_HUGETLB_PAGES));
    set->unread++;
    set->unread_unbounded = set->unread_unbounded || !all.known;
    set->rss_bytes = add_saturating(set->rss_bytes, rss);
    add_missing(missing, all.known ? missing : UINT64_MAX, set);
    if (alone && process_rollup_tells(process)) {
        add_rollup(process, set);
        return;
    }
    widen(&set->pss, rss);
    widen(&set->swap, subtract_to_zero(whole(usage, usage->swap, STATUS_VM_SWAP), swapped));
}
