#include "analyzer/account/page_usage.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/model/shared_address_space.h"

uint64_t page_run_pss(const struct page_run *run, uint64_t page_bytes)
{
    uint64_t unit = page_bytes << PAGE_PSS_SHIFT;
    if (!page_is_resident(run->attributes) || (run->attributes & PAGES_FLAG_HUGE))
        return 0;
    return multiply_saturating(run->mapcount > 1 ? unit / run->mapcount : unit, run->pages);
}

/* `pss` counts in units meanwhile. */
static void add_run(const struct page_run *run, uint64_t page_bytes, struct page_usage *usage)
{
    uint64_t bytes = multiply_saturating(run->pages, page_bytes);
    if (!page_is_resident(run->attributes))
        return;
    if (run->attributes & PAGES_FLAG_HUGE) {
        usage->huge = add_saturating(usage->huge, bytes);
        return;
    }
    usage->rss = add_saturating(usage->rss, bytes);
    if (run->mapcount <= 1)
        usage->uss = add_saturating(usage->uss, bytes);
    usage->pss = add_saturating(usage->pss, page_run_pss(run, page_bytes));
    if (run->attributes & PAGES_FLAG_KSM)
        usage->merged = add_saturating(usage->merged, bytes);
    if (run->attributes & PAGES_FLAG_THP)
        usage->thp = add_saturating(usage->thp, bytes);
}

static void add_swap(const struct page_sharing *sharing, struct page_usage *usages)
{
    for (size_t i = 0; i < sharing->slots.count; i++) {
        const struct page_share *share = &sharing->slots.rows[i];
        const struct page_set *set = &sharing->sets.sets[share->set];
        uint64_t bytes = multiply_saturating(share->pages, sharing->page_bytes);
        for (uint32_t j = 0; j < set->count; j++) {
            struct page_usage *usage = &usages[sharing->sets.members[set->first_member + j]];
            usage->swap = add_saturating(usage->swap, bytes);
            usage->swap_pss = add_saturating(usage->swap_pss, bytes / set->count);
        }
    }
}

static void add_mappings(const struct snapshot *snapshot, struct page_usage *usages)
{
    const struct page_store *store = &snapshot->pages;
    for (size_t i = 0; i < store->mapping_count; i++) {
        const struct page_mapping *mapping = &store->mappings[i];
        struct page_usage *usage = &usages[mapping->process];
        usage->special = add_saturating(usage->special,
                                        multiply_saturating(mapping->special, store->page_bytes));
        usage->device =
            add_saturating(usage->device, multiply_saturating(mapping->device, store->page_bytes));
        usage->unread =
            add_saturating(usage->unread, multiply_saturating(mapping->unread, store->page_bytes));
    }
}

struct page_usage *page_usage_compute(const struct page_sharing *sharing,
                                      const struct snapshot *snapshot, struct failure *why)
{
    const struct page_store *store = &snapshot->pages;
    struct page_usage *usages = calloc(snapshot->process_count + 1, sizeof *usages);
    if (!usages) {
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < store->frames.count; i++) {
        const struct page_run *run = &store->frames.runs[i];
        add_run(run, store->page_bytes, &usages[store->mappings[run->mapping].process]);
    }
    add_mappings(snapshot, usages);
    add_swap(sharing, usages);
    for (size_t i = 0; i < snapshot->process_count; i++) {
        usages[i].pss >>= PAGE_PSS_SHIFT;
        usages[i].known = process_pages_known(snapshot, &snapshot->processes[i]);
        if (process_repeats_address_space(snapshot, i))
            usages[i] = usages[snapshot->processes[i].address_space - 1];
    }
    return usages;
}

static void add_total(struct page_total *total, const struct page_share *share, uint64_t page_bytes)
{
    total->once = add_saturating(total->once, multiply_saturating(share->pages, page_bytes));
    total->mapped = add_saturating(total->mapped, multiply_saturating(share->times, page_bytes));
}

void page_totals_compute(const struct page_sharing *sharing, struct page_totals *out)
{
    uint64_t page_bytes = sharing->page_bytes;
    *out = (struct page_totals){0};
    for (size_t i = 0; i < sharing->pages.count; i++) {
        const struct page_share *share = &sharing->pages.rows[i];
        add_total(&out->kinds[share->kind], share, page_bytes);
        add_total(&out->resident, share, page_bytes);
        if (share->flags & SHARE_MERGED)
            add_total(&out->merged, share, page_bytes);
        if (share->flags & SHARE_THP)
            add_total(&out->thp, share, page_bytes);
    }
    for (size_t i = 0; i < sharing->slots.count; i++)
        add_total(&out->swap, &sharing->slots.rows[i], page_bytes);
}
