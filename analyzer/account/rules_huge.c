/* Rules of huge pages and of compressed memory. */
#include "analyzer/account/rule_table.h"

#include <string.h>

#include "analyzer/account/rule_functions.h"
#include "analyzer/base/checked_math.h"

/* Pages of the pools that are neither in use nor promised; false when no pool is known. */
static bool idle_bytes(const struct rule_input *in, uint64_t *idle, uint64_t *pool)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t total, free_pages, reserved, size;
    bool any = false;
    *idle = *pool = 0;
    for (size_t i = 0; i < system->pool_count; i++) {
        const struct huge_page_pool *one = &system->pools[i];
        if (one->node >= 0 || !one->total.known || !one->free.known)
            continue;
        uint64_t pages = subtract_to_zero(one->free.bytes, one->reserved.bytes);
        *idle = add_saturating(*idle, multiply_saturating(pages, one->page_bytes));
        *pool = add_saturating(*pool, multiply_saturating(one->total.bytes, one->page_bytes));
        any = true;
    }
    if (any || !rule_meminfo(in, MEMINFO_HUGE_PAGES_TOTAL, &total) ||
        !rule_meminfo(in, MEMINFO_HUGE_PAGES_FREE, &free_pages) ||
        !rule_meminfo(in, MEMINFO_HUGE_PAGES_RSVD, &reserved) ||
        !rule_meminfo(in, MEMINFO_HUGE_PAGE_SIZE, &size))
        return any;
    *idle = multiply_saturating(subtract_to_zero(free_pages, reserved), size);
    *pool = multiply_saturating(total, size);
    return true;
}

void rule_hugepages_idle(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result)
{
    uint64_t idle, pool;
    if (!idle_bytes(in, &idle, &pool)) {
        rule_impossible(result, "no huge page pool in meminfo or /sys");
        return;
    }
    rule_judge_share(in, rule, result, "idle", idle);
    rule_bytes(result, "pools", pool);
}

void rule_thp_split(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result)
{
    uint64_t huge;
    if (!in->has_terms || !in->terms.lru.known) {
        rule_impossible(result, "no LRU sums");
        return;
    }
    rule_judge_share(in, rule, result, "on the lists without owner", in->terms.lru_unowned_bytes);
    if (rule_meminfo(in, MEMINFO_ANON_HUGE_PAGES, &huge))
        rule_bytes(result, "AnonHugePages", huge);
}

void rule_thp_bloat(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result)
{
    const char *enabled = figure_text(in->snapshot, "sys/kernel/mm/transparent_hugepage/enabled");
    int64_t empty_ptes;
    uint64_t huge, anon, available;
    if (!enabled ||
        !figure_number(in->snapshot, "sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none",
                       &empty_ptes) ||
        !rule_meminfo(in, MEMINFO_ANON_HUGE_PAGES, &huge) ||
        !rule_meminfo(in, MEMINFO_ANON_PAGES, &anon) || !rule_available_bytes(in, &available)) {
        rule_impossible(result, "no settings of transparent huge pages, or no MemAvailable");
        return;
    }
    rule_bytes(result, "AnonHugePages", huge);
    rule_percent(result, "of AnonPages", huge, anon);
    rule_number(result, "max_ptes_none", empty_ptes < 0 ? 0 : (uint64_t)empty_ptes);
    rule_bytes(result, "MemAvailable", available);
    rule_judge(result, strstr(enabled, "[always]") && empty_ptes > 0 &&
                           rule_share_above(huge, anon, rule->limit) &&
                           !rule_share_above(available, in->mem_total_bytes, rule->second));
}

/* Original over used, in per cent, of all zram devices and of zswap together. */
void rule_compression(const struct rule_input *in, const struct rule *rule,
                      struct rule_result *result)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t original = 0, used = 0, zswap, zswapped;
    bool any = system->zram_count > 0;
    for (size_t i = 0; i < system->zram_count; i++) {
        original = add_saturating(original, system->zrams[i].stat.original_bytes);
        used = add_saturating(used, system->zrams[i].stat.used_bytes);
    }
    if (rule_meminfo(in, MEMINFO_ZSWAP, &zswap) && rule_meminfo(in, MEMINFO_ZSWAPPED, &zswapped)) {
        original = add_saturating(original, zswapped);
        used = add_saturating(used, zswap);
        any = true;
    }
    if (!any) {
        rule_impossible(result, "no zram device and no zswap");
        return;
    }
    rule_bytes(result, "stored", original);
    rule_bytes(result, "memory for it", used);
    rule_percent(result, "of what is stored", used, original);
    rule_judge(result,
               used > rule->floor_mib << 20 && !rule_share_above(original, used, rule->limit));
}
