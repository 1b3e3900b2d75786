/* What this kernel's own counters leave out. */
#include "analyzer/account/ledger_suspects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

/* Page structs are 64 bytes on every 64-bit machine, and 32 to 40 on the others. */
#define PAGE_STRUCT_BYTES 64

/* Of the largest sites most are user pages; behind these none is worth a name. */
#define CALL_SITES_LOOKED_AT 64
#define CALL_SITES_MAX       4

static bool prints(const struct suspect_search *search, enum meminfo_field field)
{
    uint64_t value;
    return field_get(&search->snapshot->system.now.meminfo, field, &value);
}

void suspect_uncounted(struct suspect_search *search)
{
    const struct system_terms *terms = search->terms;
    if (!terms->vmalloc.known)
        suspect_add(search, "vmalloc", SUSPECT_UNCOUNTED, UINT64_MAX,
                    "collect as root: vmallocinfo is refused to others",
                    "no vmallocinfo in the bundle, and VmallocUsed does not count pages here");
    if (!terms->pcp.known)
        suspect_add(search, "pcp", SUSPECT_UNCOUNTED, UINT64_MAX,
                    "collect zoneinfo together with meminfo", "no zoneinfo in the bundle");
    suspect_add(search, "percpu", SUSPECT_CAPACITY, terms->percpu_high_bytes - terms->percpu_bytes,
                "boot log line 'percpu: Embedded N pages/cpu'",
                "part of Percpu that may lie inside MemTotal: the first chunk's size is not known");
}

/* A higher table maps 512 lower ones if address spaces are densely used, and each process has a few
 * at the top. Kernels that print Balloon count all levels. */
void suspect_page_tables(struct suspect_search *search)
{
    const struct system_terms *terms = search->terms;
    uint64_t processes = 0;
    if (!terms->page_tables.known || prints(search, MEMINFO_BALLOON) || !terms->page_bytes)
        return;
    for (size_t i = 0; i < search->snapshot->process_count; i++)
        processes += !process_is_kernel_thread(&search->snapshot->processes[i]);
    uint64_t top = multiply_saturating(processes, 4 * terms->page_bytes);
    suspect_add(search, "page_tables_upper", SUSPECT_CAPACITY,
                add_saturating(terms->page_tables.bytes / 512, top),
                "nothing on the machine tells it; newer kernels count all levels",
                "upper levels that this kernel may not count: PageTables / 512 and up to 4 pages "
                "for each of %" PRIu64 " processes; more where mappings are sparse",
                processes);
}

void suspect_zero_page(struct suspect_search *search)
{
    const struct system_sample *now = &search->snapshot->system.now;
    uint64_t made;
    int64_t size;
    if (!now->has_vmstat || !field_get(&now->vmstat, VMSTAT_THP_ZERO_PAGE_ALLOC, &made) || !made ||
        !figure_number(search->snapshot, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
                       &size) ||
        size <= 0)
        return;
    suspect_add(search, "huge_zero_page", SUSPECT_CAPACITY, (uint64_t)size,
                "kpageflags: ZERO_PAGE; it is given back when nobody uses it",
                "vmstat: thp_zero_page_alloc %" PRIu64 "; one page of %" PRId64 " bytes", made,
                size);
}

/* SLUB's kmalloc of more than two pages is in SUnreclaim since 5.4, as are the fields asked for
 * here or later ones. SLAB has caches of all sizes. */
void suspect_large_kmalloc(struct suspect_search *search)
{
    const struct slabinfo *slabinfo = &search->snapshot->system.slabinfo;
    if (!search->snapshot->system.has_slabinfo || prints(search, MEMINFO_FILE_HUGE_PAGES) ||
        prints(search, MEMINFO_SEC_PAGE_TABLES) || prints(search, MEMINFO_ZSWAP))
        return;
    for (size_t i = 0; i < slabinfo->count; i++)
        if (strncmp(slabinfo->caches[i].name, "size-", 5) == 0 ||
            (strncmp(slabinfo->caches[i].name, "kmalloc-", 8) == 0 &&
             slabinfo->caches[i].object_bytes > UINT64_C(65536)))
            return;
    suspect_add(search, "large_kmalloc", SUSPECT_POSSIBLE, UINT64_MAX,
                "nothing on the machine tells it; newer kernels count it as slab",
                "kmalloc of more than two pages: in no cache of slabinfo, and in no field of this "
                "meminfo");
}

/* What was added since boot needs page structs, which later kernels count as nr_memmap_pages. */
void suspect_hot_added_memmap(struct suspect_search *search)
{
    const struct amount boot = search->snapshot->system.details.boot_present;
    const struct physical_memory *physical = &search->ledger->physical;
    uint64_t page = search->terms->page_bytes;
    if (!boot.known || !physical->present.known || !page || search->terms->memmap.known)
        return;
    uint64_t added = subtract_to_zero(physical->present.bytes, boot.bytes);
    suspect_add(search, "memmap_hot_added", SUSPECT_CAPACITY,
                multiply_saturating(added / page, PAGE_STRUCT_BYTES),
                "memory blocks that came online after boot",
                "%" PRIu64 " bytes of memory more than at boot, %d bytes for each page struct",
                added, PAGE_STRUCT_BYTES);
}

/* Call sites whose memory other lines hold: user pages, page cache, slab, page tables, stacks. */
static bool counted_elsewhere(const struct snapshot *snapshot, struct slice place)
{
    static const char *const own[] = {"mm/page_alloc.c", "mm/page_frag_cache.c", "mm/mempool.c",
                                      "mm/dmapool.c"};
    static const char *const others[] = {"mm/",
                                         "fs/",
                                         "block/",
                                         "kernel/fork.c",
                                         "kernel/module/",
                                         "kernel/bpf/",
                                         "include/linux/mm.h",
                                         "include/asm-generic/pgalloc.h",
                                         "arch/x86/mm/pgtable.c"};
    const struct vmallocinfo *areas = &snapshot->system.vmallocinfo;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (slice_starts(place, slice_of(own[i])))
            return false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (slice_starts(place, slice_of(others[i])))
            return true;
    for (size_t i = 0; i < areas->count; i++) { /* vmalloc is charged to its caller */
        char function[80];
        snprintf(function, sizeof function, "func:%s", areas->areas[i].caller);
        function[strcspn(function, "+.")] = 0;
        if (slice_ends(place, slice_of(function)))
            return true;
    }
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    const struct allocation_site *const *left = a, *const *right = b;
    if ((*left)->bytes != (*right)->bytes)
        return (*left)->bytes > (*right)->bytes ? -1 : 1;
    return *left < *right ? -1 : *left > *right;
}

/* Sites that take whole pages; kmalloc of whole pages cannot be told from them. */
void suspect_call_sites(struct suspect_search *search)
{
    const struct system_details *details = &search->snapshot->system.details;
    uint64_t page = search->terms->page_bytes;
    size_t count = 0, named = 0;
    if (!details->site_count || !page)
        return;
    const struct allocation_site **sites = malloc(details->site_count * sizeof *sites);
    if (!sites)
        return;
    for (size_t i = 0; i < details->site_count; i++)
        if (details->sites[i].calls && details->sites[i].bytes / details->sites[i].calls >= page &&
            details->sites[i].bytes % page == 0)
            sites[count++] = &details->sites[i];
    if (count)
        qsort(sites, count, sizeof *sites, by_bytes);
    for (size_t i = 0; i < count && i < CALL_SITES_LOOKED_AT && named < CALL_SITES_MAX; i++) {
        struct slice place = snapshot_text(search->snapshot, sites[i]->place);
        char id[48];
        if (counted_elsewhere(search->snapshot, place))
            continue;
        snprintf(id, sizeof id, "call_site.%zu", ++named);
        suspect_add(search, id, SUSPECT_MEASURED, sites[i]->bytes,
                    "allocinfo again later: does it grow? kmalloc of whole pages is slab already",
                    "allocinfo: %.*s has %" PRIu64 " bytes in %" PRIu64 " allocations",
                    (int)(place.length_bytes < 100 ? place.length_bytes : 100), place.at,
                    sites[i]->bytes, sites[i]->calls);
    }
    free(sites);
}
