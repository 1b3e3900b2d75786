#include "analyzer/account/mem_available.h"

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"

/* What the kernel keeps back: the largest reserve that a zone holds for allocations which could
 * also be served elsewhere, and its high watermark, at most the whole zone.
 * Source: mm/page_alloc.c:calculate_totalreserve_pages(). */
static uint64_t total_reserve_pages(const struct zoneinfo *zoneinfo)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < zoneinfo->count; i++) {
        const struct zone *zone = &zoneinfo->zones[i];
        uint64_t reserve = 0;
        uint64_t most = zone->has_managed ? zone->managed_pages : zone->present_pages;
        for (unsigned j = 0; j < zone->protection_count; j++)
            if (zone->protection[j] > reserve)
                reserve = zone->protection[j];
        reserve = add_saturating(reserve, zone->high_pages);
        sum = add_saturating(sum, reserve < most ? reserve : most);
    }
    return sum;
}

static uint64_t low_watermark_pages(const struct zoneinfo *zoneinfo)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < zoneinfo->count; i++)
        sum = add_saturating(sum, zoneinfo->zones[i].low_pages);
    return sum;
}

/* All but half of it, or all but the low watermark: some must stay for the system to work. */
static uint64_t usable_pages(uint64_t pages, uint64_t low_pages)
{
    return pages - (pages / 2 < low_pages ? pages / 2 : low_pages);
}

struct inputs {
    uint64_t free, file, reclaimable, low, reserve; /* pages, as the kernel computes */
};

static bool find_inputs(const struct system_sample *sample, uint64_t page_bytes, struct inputs *in)
{
    uint64_t active, inactive;
    if (!sample->has_zoneinfo || !page_bytes ||
        !field_get(&sample->meminfo, MEMINFO_MEM_FREE, &in->free) ||
        !field_get(&sample->meminfo, MEMINFO_ACTIVE_FILE, &active) ||
        !field_get(&sample->meminfo, MEMINFO_INACTIVE_FILE, &inactive))
        return false;
    if (!field_get(&sample->meminfo, MEMINFO_K_RECLAIMABLE, &in->reclaimable) &&
        !field_get(&sample->meminfo, MEMINFO_S_RECLAIMABLE, &in->reclaimable))
        return false;
    in->free /= page_bytes;
    in->file = add_saturating(active, inactive) / page_bytes;
    in->reclaimable /= page_bytes;
    in->low = low_watermark_pages(&sample->zoneinfo);
    in->reserve = total_reserve_pages(&sample->zoneinfo);
    return true;
}

static uint64_t available_pages(const struct inputs *in, uint64_t reserve)
{
    uint64_t sum = add_saturating(in->free, usable_pages(in->file, in->low));
    return subtract_to_zero(add_saturating(sum, usable_pages(in->reclaimable, in->low)), reserve);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* Kernels whose VmallocUsed is address space (to 4.3) kept back the low watermark only when they
 * began to print the field; all later ones, and RHEL 7, all reserves. Where the field is printed it
 * tells which of the two it is. */
static bool is_first_form(const struct system_terms *terms, const struct inputs *in,
                          struct amount printed)
{
    if (terms->vmalloc_used != VMALLOC_USED_ADDRESS_SPACE)
        return false;
    uint64_t pages = printed.bytes / terms->page_bytes;
    return !printed.known || distance(pages, available_pages(in, in->low)) <=
                                 distance(pages, available_pages(in, in->reserve));
}

void mem_available_compute(const struct system_sample *sample, const struct system_terms *terms,
                           struct mem_available *out)
{
    struct inputs in;
    uint64_t printed;
    *out = (struct mem_available){0};
    if (field_get(&sample->meminfo, MEMINFO_MEM_AVAILABLE, &printed))
        out->printed = amount_of(printed);
    if (!find_inputs(sample, terms->page_bytes, &in))
        return;
    bool first = is_first_form(terms, &in, out->printed);
    out->computed = amount_of(
        multiply_saturating(available_pages(&in, first ? in.low : in.reserve), terms->page_bytes));
    out->formula = first ? "MemFree + file lists + SReclaimable - low watermarks (zoneinfo)"
                         : "MemFree + file lists + SReclaimable - reserves (zoneinfo)";
}
