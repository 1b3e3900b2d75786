#include "analyzer/account/machine_size.h"

#include "analyzer/parse/system/meminfo.h"

static struct amount figure(const struct snapshot *snapshot, enum meminfo_field field)
{
    uint64_t bytes;
    bool known = field_get(&snapshot->system.now.meminfo, field, &bytes);
    return known ? amount_of(bytes) : AMOUNT_UNKNOWN;
}

struct machine_size machine_size_of(const struct snapshot *snapshot)
{
    return (struct machine_size){.memory = figure(snapshot, MEMINFO_MEM_TOTAL),
                                 .swap = figure(snapshot, MEMINFO_SWAP_TOTAL)};
}
