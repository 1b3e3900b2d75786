#include "analyzer/account/reading_error.h"

#include "analyzer/base/checked_math.h"

/* Absurd figures must not make absurd tolerances: 1 GiB hides no real counter. */
#define DRIFT_MAX_BYTES (UINT64_C(1) << 30)

void reading_error_find(const struct snapshot *snapshot, struct reading_error *out)
{
    const struct zoneinfo *zoneinfo = &snapshot->system.now.zoneinfo;
    struct reading_error error = {.cpus = 1, .zones = 1};
    uint64_t drift_pages = 0;
    snapshot_page_size(snapshot, &error.page_bytes);
    for (size_t i = 0; i < zoneinfo->count; i++) {
        const struct zone *zone = &zoneinfo->zones[i];
        if (zone->pcp_cpus > error.cpus)
            error.cpus = zone->pcp_cpus;
        drift_pages =
            add_saturating(drift_pages, multiply_saturating(zone->pcp_cpus, zone->stat_threshold));
    }
    if (zoneinfo->count)
        error.zones = zoneinfo->count;
    error.drift_bytes = multiply_saturating(drift_pages, error.page_bytes);
    if (error.drift_bytes > DRIFT_MAX_BYTES)
        error.drift_bytes = DRIFT_MAX_BYTES;
    *out = error;
}

uint64_t reading_moved(const struct snapshot *snapshot, enum meminfo_field field)
{
    const struct system_state *system = &snapshot->system;
    uint64_t low, high, value;
    if (!system->now.has_meminfo || !field_get(&system->now.meminfo, field, &low))
        return 0;
    high = low;
    for (size_t i = 0; i < system->sample_count; i++) {
        if (!system->samples[i].has_meminfo ||
            !field_get(&system->samples[i].meminfo, field, &value))
            continue;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    return high - low;
}
