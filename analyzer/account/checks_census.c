/* Identities between the census of page frames (kpageflags) and the kernel's counters: two ways to
 * count the same pages that share nothing but the pages. */
#include "analyzer/account/check_rules.h"

#include "analyzer/base/checked_math.h"

/* Frames are looked at one after the other, for seconds: so many pages may change their use
 * meanwhile on an idle machine. What a busy one changes is in the readings of meminfo. */
#define CENSUS_SKEW_PAGES 1024

/* Pages of a class in bytes; false, and the check is answered, when there is no census. */
static bool census_bytes(const struct check_input *in, struct identity_check *check,
                         enum page_class class, uint64_t *bytes)
{
    const struct system_details *details = &in->snapshot->system.details;
    *bytes = multiply_saturating(details->census.pages[class], details->census.page_bytes);
    if (!details->has_census)
        return check_impossible(check, "no census of page frames (collect with --page-census)");
    if (details->census.is_cut)
        return check_impossible(check, "the census was cut before its end");
    return true;
}

static void tolerate_census(const struct check_input *in, struct identity_check *check,
                            enum meminfo_field moved)
{
    check_tolerate_drift(in, check, 1);
    check_tolerate_moved(in, check, moved);
    check_tolerate(
        check, LEFT_EITHER_WAY,
        multiply_saturating(CENSUS_SKEW_PAGES, in->snapshot->system.details.census.page_bytes),
        "%u pages that change while frames are read", CENSUS_SKEW_PAGES);
}

/* Until 4.4 only the first page of a free block has the flag. */
bool check_census_free(const struct check_input *in, struct identity_check *check)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t counted, free_bytes, unaccepted = 0, blocks = 0;
    if (!census_bytes(in, check, PAGE_CLASS_FREE, &counted))
        return false;
    if (!check_vmstat_bytes(in, VMSTAT_NR_FREE_PAGES, &free_bytes))
        return check_impossible(check, "no nr_free_pages, or the page size is not known");
    for (size_t i = 0; i < system->buddyinfo.count; i++)
        for (unsigned order = 0; order < system->buddyinfo.zones[i].order_count; order++)
            blocks = add_saturating(blocks, system->buddyinfo.zones[i].blocks[order]);
    uint64_t heads = multiply_saturating(blocks, in->page_bytes);
    if (counted < free_bytes / 2 && counted <= add_saturating(heads, heads / 2))
        return check_impossible(check, "this kernel marks the first page of a free block only");
    check_meminfo_get(in, MEMINFO_UNACCEPTED, &unaccepted);
    tolerate_census(in, check, MEMINFO_MEM_FREE);
    check_tolerate_pages(
        in, check, multiply_saturating(multiply_saturating(in->cpus, in->zones), PCP_BATCH_PAGES),
        "in batches: 64 a CPU and zone");
    return check_compare(check, counted, subtract_to_zero(free_bytes, unaccepted),
                         "pages on per-CPU lists have no flag and are in neither",
                         "free memory changed while frames were read");
}

bool check_census_slab(const struct check_input *in, struct identity_check *check)
{
    const struct slabinfo *slabinfo = &in->snapshot->system.slabinfo;
    uint64_t counted, pages = 0;
    if (!census_bytes(in, check, PAGE_CLASS_SLAB, &counted))
        return false;
    if (!in->snapshot->system.has_slabinfo || !in->page_bytes)
        return check_impossible(check, "no slabinfo (only root may read it), or no page size");
    for (size_t i = 0; i < slabinfo->count; i++)
        pages = add_saturating(pages, multiply_saturating(slabinfo->caches[i].slabs,
                                                          slabinfo->caches[i].pages_per_slab));
    tolerate_census(in, check, MEMINFO_SLAB);
    return check_compare(check, counted, multiply_saturating(pages, in->page_bytes),
                         "large kmalloc has no flag and is in no cache; slabs come and go",
                         "less on the left: slabs smaller than slabinfo says, as memory is "
                         "fragmented; else slabs changed while frames were read");
}

bool check_census_tables(const struct check_input *in, struct identity_check *check)
{
    uint64_t counted, tables;
    if (!census_bytes(in, check, PAGE_CLASS_PAGETABLE, &counted))
        return false;
    if (!check_meminfo_get(in, MEMINFO_PAGE_TABLES, &tables))
        return check_impossible(check, "no PageTables");
    if (!counted && tables)
        return check_impossible(check, "this kernel marks no page tables (before 4.18)");
    tolerate_census(in, check, MEMINFO_PAGE_TABLES);
    return check_compare(check, counted, tables, "one mark a page that is counted",
                         "page tables changed while frames were read");
}

bool check_census_huge(const struct check_input *in, struct identity_check *check)
{
    uint64_t counted;
    if (!census_bytes(in, check, PAGE_CLASS_HUGETLB, &counted))
        return false;
    if (!in->has_terms || !in->terms.hugetlb.known)
        return check_impossible(check, "no Hugetlb, and no huge page pool");
    return check_compare(check, counted, in->terms.hugetlb.bytes, "both count whole huge pages",
                         "a pool was resized while frames were read");
}

bool check_census_lru(const struct check_input *in, struct identity_check *check)
{
    uint64_t anon, shmem, file;
    if (!census_bytes(in, check, PAGE_CLASS_ANON, &anon) ||
        !census_bytes(in, check, PAGE_CLASS_SHMEM, &shmem) ||
        !census_bytes(in, check, PAGE_CLASS_FILE, &file))
        return false;
    if (!in->has_terms || !in->terms.lru.known)
        return check_impossible(check, "no LRU sums");
    tolerate_census(in, check, MEMINFO_ACTIVE);
    check_tolerate_moved(in, check, MEMINFO_INACTIVE);
    check_tolerate_pages(in, check,
                         multiply_saturating(in->cpus, LRU_BATCH_KINDS * LRU_BATCH_PAGES),
                         "on their way to the lists: 5 x 31 a CPU");
    return check_compare(check, add_saturating(add_saturating(anon, shmem), file),
                         in->terms.lru.bytes, "pages on their way to the lists have no flag yet",
                         "memory was allocated or freed while frames were read");
}
