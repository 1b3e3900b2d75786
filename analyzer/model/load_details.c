/* Members that say more than counters: memory map, census. */
#include "analyzer/model/load_details.h"

bool load_iomem(struct loader *loader, const struct member_path *path, struct slice text,
                struct failure *why)
{
    (void)path;
    struct system_details *details = &loader->snapshot->system.details;
    bool is_hidden;
    if (!iomem_parse(text, &details->iomem, &is_hidden, why))
        return false;
    details->has_iomem = !is_hidden;
    return true;
}

bool load_census(struct loader *loader, const struct member_path *path, struct slice text,
                 struct failure *why)
{
    (void)path;
    struct system_details *details = &loader->snapshot->system.details;
    struct census parsed;
    if (!census_parse(text, &parsed, why))
        return false;
    census_deinit(&details->census);
    details->census = parsed;
    details->has_census = true;
    return true;
}
