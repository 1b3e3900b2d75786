#include "analyzer/account/set_growth.h"

#include "analyzer/account/mem_available.h"

struct amount available_memory(const struct snapshot *snapshot)
{
    struct system_terms terms;
    struct mem_available available;
    if (!system_terms_compute(snapshot, &snapshot->system.now, &terms, NULL))
        return AMOUNT_UNKNOWN;
    mem_available_compute(&snapshot->system.now, &terms, &available);
    return available.printed.known ? available.printed : available.computed;
}

struct byte_range set_freed_at_once(const struct set_sharing *set)
{
    struct byte_range freed = set->fate[FATE_FREE];
    range_add(&freed, set->fate[FATE_HUGE]);
    freed.high = most(freed.low, least(freed.high, set->last_mapped.high));
    range_add(&freed, range_of(set->page_tables.known ? set->page_tables.bytes : 0));
    range_add(&freed, range_of(set->kernel_stacks.known ? set->kernel_stacks.bytes : 0));
    return freed;
}

struct set_growth set_growth_of(const struct set_sharing *set, struct amount available)
{
    struct set_growth growth = {.available = available};
    if (!set->address_spaces)
        return growth;
    uint64_t own = set->uss_bytes;
    if (set->address_spaces == 1)
        own = subtract_to_zero(own, set->fate[FATE_CACHE].low);
    uint64_t kept = add_saturating(set->page_tables.known ? set->page_tables.bytes : 0,
                                   set->kernel_stacks.known ? set->kernel_stacks.bytes : 0);
    uint64_t spaces = (uint64_t)set->address_spaces + set->unread_spaces;
    growth.one_more = amount_of(add_saturating(own / set->address_spaces, kept / spaces));
    if (available.known && growth.one_more.bytes)
        growth.fit = amount_of(available.bytes / growth.one_more.bytes);
    return growth;
}
