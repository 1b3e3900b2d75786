#include "analyzer/account/kernel_usage.h"

#include <stdlib.h>

#include "analyzer/account/kernel_parts.h"

bool kernel_usage_compute(const struct snapshot *snapshot, struct kernel_usage *out,
                          struct failure *why)
{
    const struct system_state *system = &snapshot->system;
    struct kernel_usage usage = {0};
    if (!snapshot_page_size(snapshot, &usage.page_bytes) &&
        (system->has_vmallocinfo || system->has_slabinfo))
        return failure_set(why, FAILURE_UNSUPPORTED, 0,
                           "the page size is not known, so pages cannot be counted in bytes");
    bool ok = (!system->has_vmallocinfo || kernel_list_vmalloc(snapshot, &usage)) &&
              (!system->has_slabinfo || kernel_list_slab(snapshot, &usage)) &&
              (!system->has_modules || kernel_list_modules(snapshot, &usage));
    if (!ok) {
        kernel_usage_deinit(&usage);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    *out = usage;
    return true;
}

void kernel_usage_deinit(struct kernel_usage *usage)
{
    for (size_t i = 0; i < usage->slab_count; i++)
        free(usage->slab[i].aliases);
    free(usage->vmalloc);
    free(usage->vmalloc_modules);
    free(usage->slab);
    free(usage->modules);
    *usage = (struct kernel_usage){0};
}
