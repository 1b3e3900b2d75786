#include "analyzer/account/set_growth.h"

#include "analyzer/parse/system/meminfo.h"

struct amount available_memory(const struct snapshot *snapshot)
{
    struct amount available = AMOUNT_UNKNOWN;
    if (snapshot->system.now.has_meminfo)
        available.known =
            field_get(&snapshot->system.now.meminfo, MEMINFO_MEM_AVAILABLE, &available.bytes);
    return available;
}

struct set_growth set_growth_of(const struct set_sharing *set, struct amount available)
{
    struct set_growth growth = {.available = available};
    if (!set->address_spaces)
        return growth;
    uint64_t own = set->uss_bytes;
    if (set->address_spaces == 1)
        own = subtract_to_zero(own, set->fate[FATE_CACHE].low);
    own = add_saturating(own, set->page_tables.known ? set->page_tables.bytes : 0);
    own = add_saturating(own, set->kernel_stacks.known ? set->kernel_stacks.bytes : 0);
    growth.one_more = amount_of(own / set->address_spaces);
    if (available.known && growth.one_more.bytes)
        growth.fit = amount_of(available.bytes / growth.one_more.bytes);
    return growth;
}
