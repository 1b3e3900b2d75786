#include "analyzer/account/ledger_spread.h"

#include <stdlib.h>

#include "analyzer/account/ledger_lines.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/parse/system/meminfo.h"

struct range {
    uint64_t low, high;
};

struct ranges {
    int64_t residual_low, residual_high;
    struct range mem_total, lines[LEDGER_LINES_MAX], beside[LEDGER_BESIDE_MAX];
};

static void widen(struct range *range, uint64_t bytes)
{
    range->low = bytes < range->low ? bytes : range->low;
    range->high = bytes > range->high ? bytes : range->high;
}

static void start(const struct ledger *ledger, struct ranges *ranges)
{
    ranges->residual_low = ledger->residual_low_bytes;
    ranges->residual_high = ledger->residual_high_bytes;
    ranges->mem_total = (struct range){ledger->mem_total_bytes, ledger->mem_total_bytes};
    for (size_t i = 0; i < ledger->line_count; i++)
        ranges->lines[i] = (struct range){ledger->lines[i].bytes, ledger->lines[i].bytes};
    for (size_t i = 0; i < ledger->beside_count; i++)
        ranges->beside[i] = (struct range){ledger->beside[i].bytes, ledger->beside[i].bytes};
}

/* Per-CPU lists are corrected by MemFree (docs/accounting.md, 4.1): with the zoneinfo of another
 * moment they would move as MemFree does. */
static bool is_of_zones(const struct ledger_line *line)
{
    return strcmp(line->id, "pcp") == 0;
}

static const struct ledger_beside *find_beside(const struct ledger *ledger, const char *id)
{
    for (size_t i = 0; i < ledger->beside_count; i++)
        if (strcmp(ledger->beside[i].id, id) == 0)
            return &ledger->beside[i];
    return NULL;
}

/* As if the per-CPU lists had been those of the ledger, where the reading has none of its own. */
static void widen_residual(const struct ledger *ledger, const struct ledger *reading,
                           bool has_zones, struct ranges *ranges)
{
    const struct ledger_line *pcp = ledger_find(ledger, "pcp");
    const struct ledger_line *made_up = ledger_find(reading, "pcp");
    int64_t residual = reading->residual_bytes;
    if (!has_zones && pcp && made_up)
        residual += to_signed(made_up->bytes) - to_signed(pcp->bytes);
    if (residual < ranges->residual_low)
        ranges->residual_low = residual;
    if (residual > ranges->residual_high)
        ranges->residual_high = residual;
}

/* A reading without a file of its own is completed by those of proc/, whose figures then stand
 * still. */
static void add_reading(const struct snapshot *snapshot, const struct system_sample *sample,
                        const struct ledger_sources *sources, const struct ledger *ledger,
                        struct ledger *scratch, struct ranges *ranges)
{
    struct snapshot moment = *snapshot; /* borrows */
    struct system_sample *now = &moment.system.now;
    struct system_terms terms;
    *scratch = (struct ledger){0};
    *now = *sample;
    if (!now->has_zoneinfo) {
        now->zoneinfo = snapshot->system.now.zoneinfo;
        now->has_zoneinfo = snapshot->system.now.has_zoneinfo;
    }
    if (!now->has_vmstat) {
        now->vmstat = snapshot->system.now.vmstat;
        now->has_vmstat = snapshot->system.now.has_vmstat;
    }
    if (!ledger_build(&moment, now, sources, scratch, &terms, NULL))
        return;
    mem_available_compute(now, &terms, &scratch->available);
    ledger_add_parts(&moment, &terms, scratch);
    widen(&ranges->mem_total, scratch->mem_total_bytes);
    widen_residual(ledger, scratch, sample->has_zoneinfo, ranges);
    for (size_t i = 0; i < ledger->line_count; i++) {
        const struct ledger_line *line = ledger_find(scratch, ledger->lines[i].id);
        if (line && (sample->has_zoneinfo || !is_of_zones(line)))
            widen(&ranges->lines[i], line->bytes);
    }
    for (size_t i = 0; i < ledger->beside_count; i++) {
        const struct ledger_beside *figure = find_beside(scratch, ledger->beside[i].id);
        if (figure)
            widen(&ranges->beside[i], figure->bytes);
    }
}

static void take_widths(const struct ledger *ledger, const struct ranges *ranges,
                        struct ledger_spread *out)
{
    out->mem_total_bytes = ranges->mem_total.high - ranges->mem_total.low;
    out->residual_bytes = (uint64_t)ranges->residual_high - (uint64_t)ranges->residual_low;
    for (size_t i = 0; i < ledger->line_count; i++)
        out->line_bytes[i] = add_saturating(ranges->lines[i].high - ranges->lines[i].low,
                                            ledger->lines[i].noise_bytes);
    for (size_t i = 0; i < ledger->beside_count; i++)
        out->beside_bytes[i] = ranges->beside[i].high - ranges->beside[i].low;
}

/* What is left of Shmem moves as Shmem does, and is off by what its other parts are off by; the owners
 * themselves were read once. */
static void spread_rest_of_shmem(const struct ledger *ledger, struct ledger_spread *out)
{
    const struct ledger_line *whole = ledger_find(ledger, "user.shmem");
    const struct ledger_line *rest = ledger_find(ledger, "user.shmem.other");
    if (!whole || !rest)
        return;
    uint64_t spread = out->line_bytes[whole - ledger->lines];
    for (size_t i = 0; i < ledger->line_count; i++)
        if (ledger->lines[i].parent == whole - ledger->lines)
            spread = add_saturating(spread, ledger->lines[i].noise_bytes);
    out->line_bytes[rest - ledger->lines] = spread;
}

static bool compute_with(const struct snapshot *snapshot, const struct kernel_usage *kernel,
                         const struct ledger *ledger, struct ledger_spread *out,
                         struct failure *why)
{
    const struct system_state *system = &snapshot->system;
    struct ledger_sources sources = {.kernel = kernel};
    AUTO_FREE struct ledger *scratch = malloc(sizeof *scratch);
    AUTO_FREE struct ranges *ranges = calloc(1, sizeof *ranges);
    if (!scratch || !ranges)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    sources.vmalloc_used.known =
        field_get(&system->now.meminfo, MEMINFO_VMALLOC_USED, &sources.vmalloc_used.bytes);
    start(ledger, ranges);
    add_reading(snapshot, &system->now, &sources, ledger, scratch, ranges);
    for (size_t i = 0; i < system->sample_count; i++)
        add_reading(snapshot, &system->samples[i], &sources, ledger, scratch, ranges);
    take_widths(ledger, ranges, out);
    spread_rest_of_shmem(ledger, out);
    return true;
}

bool ledger_spread_compute(const struct snapshot *snapshot, const struct ledger *ledger,
                           struct ledger_spread *out, struct failure *why)
{
    struct kernel_usage kernel = {0};
    struct failure missing = {0};
    *out = (struct ledger_spread){0};
    /* Without a page size there is no usage, as in the ledger itself. */
    if (!kernel_usage_compute(snapshot, &kernel, &missing) && missing.kind != FAILURE_UNSUPPORTED)
        return failure_set(why, missing.kind, missing.position, "%s", missing.message);
    bool ok = compute_with(snapshot, &kernel, ledger, out, why);
    kernel_usage_deinit(&kernel);
    return ok;
}
