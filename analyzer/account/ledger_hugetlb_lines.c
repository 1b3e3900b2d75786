/* Pools of huge pages. */
#include "analyzer/account/ledger_lines.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"

static void add_pool(struct ledger *ledger, int parent, const struct huge_page_pool *pool)
{
    char id[48], label[64];
    uint64_t kib = pool->page_bytes / 1024;
    uint64_t free_pages = pool->free.known ? pool->free.bytes : 0;
    if (free_pages > pool->total.bytes)
        free_pages = pool->total.bytes;
    snprintf(id, sizeof id, "hugetlb.%llukB", (unsigned long long)kib);
    snprintf(label, sizeof label, "Huge pages of %llu KiB", (unsigned long long)kib);
    int line = ledger_add_line(ledger, parent, id, label,
                               multiply_saturating(pool->total.bytes, pool->page_bytes),
                               GRADE_EXACT, "hugepages: nr_hugepages x size");
    if (!pool->free.known)
        return;
    snprintf(id, sizeof id, "hugetlb.%llukB.used", (unsigned long long)kib);
    ledger_add_line(ledger, line, id, "In use",
                    multiply_saturating(pool->total.bytes - free_pages, pool->page_bytes),
                    GRADE_EXACT, "hugepages: (nr_hugepages - free_hugepages) x size");
    snprintf(id, sizeof id, "hugetlb.%llukB.free", (unsigned long long)kib);
    ledger_add_line(ledger, line, id, "Free, reserved included",
                    multiply_saturating(free_pages, pool->page_bytes), GRADE_EXACT,
                    "hugepages: free_hugepages x size");
}

/* Pools are shown as children only if they add up to the whole. */
void ledger_add_hugetlb(struct ledger *ledger, const struct system_state *system,
                        const struct system_sample *sample, const struct system_terms *terms)
{
    int parent = ledger_add_amount(ledger, -1, "hugetlb", "Huge pages (hugetlb)", terms->hugetlb,
                                   GRADE_EXACT, "meminfo Hugetlb, or sum over sizes of hugepages");
    if (parent < 0 || terms->hugetlb.bytes == 0)
        return;
    uint64_t sum = 0, size;
    for (size_t i = 0; i < system->pool_count; i++)
        if (system->pools[i].node < 0 && system->pools[i].total.known)
            sum = add_saturating(sum, multiply_saturating(system->pools[i].total.bytes,
                                                          system->pools[i].page_bytes));
    if (sum == terms->hugetlb.bytes) {
        for (size_t i = 0; i < system->pool_count; i++)
            if (system->pools[i].node < 0 && system->pools[i].total.known &&
                system->pools[i].total.bytes)
                add_pool(ledger, parent, &system->pools[i]);
        return;
    }
    struct huge_page_pool only = {.node = -1};
    if (field_get(&sample->meminfo, MEMINFO_HUGE_PAGE_SIZE, &size) &&
        field_get(&sample->meminfo, MEMINFO_HUGE_PAGES_TOTAL, &only.total.bytes) &&
        multiply_saturating(only.total.bytes, size) == terms->hugetlb.bytes) {
        only.page_bytes = size;
        only.free.known = field_get(&sample->meminfo, MEMINFO_HUGE_PAGES_FREE, &only.free.bytes);
        add_pool(ledger, parent, &only);
    }
}

static struct amount pages_to_bytes(struct amount pages, uint64_t page_bytes)
{
    return pages.known ? amount_of(multiply_saturating(pages.bytes, page_bytes)) : pages;
}

/* By size and node, as /sys has them. Reservations are known for the whole machine only. */
void ledger_list_pools(const struct system_state *system, struct ledger *ledger)
{
    for (size_t i = 0; i < system->pool_count && ledger->pool_count < LEDGER_POOLS_MAX; i++) {
        const struct huge_page_pool *pool = &system->pools[i];
        if (!pool->total.known)
            continue;
        struct ledger_pool *row = &ledger->pools[ledger->pool_count++];
        *row = (struct ledger_pool){.node = pool->node, .page_bytes = pool->page_bytes};
        row->total_bytes = multiply_saturating(pool->total.bytes, pool->page_bytes);
        row->free = pages_to_bytes(pool->free, pool->page_bytes);
        row->reserved = pages_to_bytes(pool->reserved, pool->page_bytes);
        row->surplus = pages_to_bytes(pool->surplus, pool->page_bytes);
        if (row->free.known)
            row->used = amount_of(subtract_to_zero(row->total_bytes, row->free.bytes));
    }
}
