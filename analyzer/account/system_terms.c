#include "analyzer/account/system_terms.h"

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/stack_size.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

/* Typical size of one CPU's part of the first percpu chunk (static + reserved + dynamic), which the
 * kernel takes before MemTotal is counted. Only a start value between proven bounds. */
#define FIRST_CHUNK_GUESS_BYTES (UINT64_C(256) << 10)

static struct amount meminfo_amount(const struct system_sample *sample, enum meminfo_field field)
{
    uint64_t value;
    return field_get(&sample->meminfo, field, &value) ? amount_of(value) : AMOUNT_UNKNOWN;
}

static struct amount vmstat_amount(const struct system_sample *sample, enum vmstat_field field,
                                   uint64_t page_bytes)
{
    uint64_t pages;
    if (!sample->has_vmstat || !page_bytes || !field_get(&sample->vmstat, field, &pages))
        return AMOUNT_UNKNOWN;
    return amount_of(multiply_saturating(pages, page_bytes));
}

static void find_free(const struct system_sample *sample, struct system_terms *terms)
{
    terms->free = meminfo_amount(sample, MEMINFO_MEM_FREE);
    if (!sample->has_zoneinfo || !terms->page_bytes)
        return;
    uint64_t page = terms->page_bytes, managed;
    terms->pcp = amount_of(multiply_saturating(zoneinfo_pcp_pages(&sample->zoneinfo), page));
    if (!terms->free.known)
        return;
    int64_t skew = to_signed(multiply_saturating(zoneinfo_free_pages(&sample->zoneinfo), page)) -
                   to_signed(terms->free.bytes);
    /* Some kernels count pages that are not yet initialised in MemTotal and MemFree, but not in
     * the zones: the same amount is then missing on both sides. */
    if (zoneinfo_managed_pages(&sample->zoneinfo, &managed))
        skew += to_signed(terms->mem_total_bytes) - to_signed(multiply_saturating(managed, page));
    terms->free_skew_bytes = skew;
    /* Free pages move between zone and per-CPU list in batches, all the time; together they are
     * steadier than each. So what the zones' count is off from MemFree is taken to be on (or
     * off) the lists, unless it is too much for that. */
    int64_t corrected = to_signed(terms->pcp.bytes) + skew;
    int64_t most = (INT64_C(1) << 20) + to_signed(terms->pcp.bytes);
    if (corrected >= 0 && skew <= most && skew >= -most)
        terms->pcp.bytes = (uint64_t)corrected;
}

/* Three sums are known of user memory: by LRU list, by owner, and their difference. Where the
 * owners have more, swap cache that is mapped was counted twice; where the lists have more,
 * pages stand there that nobody maps or caches (parts of huge pages, pinned pages). */
static void find_user(const struct system_sample *sample, struct system_terms *terms)
{
    struct amount cached = meminfo_amount(sample, MEMINFO_CACHED);
    terms->anon = meminfo_amount(sample, MEMINFO_ANON_PAGES);
    terms->shmem = meminfo_amount(sample, MEMINFO_SHMEM);
    terms->buffers = meminfo_amount(sample, MEMINFO_BUFFERS);
    terms->swap_cache = meminfo_amount(sample, MEMINFO_SWAP_CACHED);
    terms->file_cache = cached;
    if (cached.known && terms->shmem.known)
        terms->file_cache.bytes = subtract_to_zero(cached.bytes, terms->shmem.bytes);
    struct amount unevictable = meminfo_amount(sample, MEMINFO_UNEVICTABLE);
    terms->lru = amount_add(amount_add(meminfo_amount(sample, MEMINFO_ACTIVE),
                                       meminfo_amount(sample, MEMINFO_INACTIVE)),
                            unevictable.known ? unevictable : amount_of(0));
    struct amount isolated_anon = vmstat_amount(sample, VMSTAT_NR_ISOLATED_ANON, terms->page_bytes);
    struct amount isolated_file = vmstat_amount(sample, VMSTAT_NR_ISOLATED_FILE, terms->page_bytes);
    if (terms->lru.known && isolated_anon.known && isolated_file.known)
        terms->lru = amount_add(terms->lru, amount_add(isolated_anon, isolated_file));
    if (!terms->lru.known || !terms->anon.known || !cached.known)
        return;
    uint64_t owned = add_saturating(add_saturating(terms->anon.bytes, cached.bytes),
                                    add_saturating(terms->buffers.bytes, terms->swap_cache.bytes));
    if (terms->lru.bytes > owned) {
        terms->lru_unowned_bytes = terms->lru.bytes - owned;
        return;
    }
    uint64_t twice = owned - terms->lru.bytes;
    if (twice > terms->swap_cache.bytes)
        twice = terms->swap_cache.bytes;
    terms->swap_cache_mapped_bytes = twice;
}

/* VmallocChunk tells the generations apart: it is a real figure only where VmallocUsed is address
 * space; both are 0 where neither is computed. */
static void find_vmalloc(const struct snapshot *snapshot, const struct system_sample *sample,
                         struct system_terms *terms)
{
    struct amount chunk = meminfo_amount(sample, MEMINFO_VMALLOC_CHUNK);
    terms->vmalloc_used_bytes = meminfo_amount(sample, MEMINFO_VMALLOC_USED);
    if (!terms->vmalloc_used_bytes.known)
        terms->vmalloc_used = VMALLOC_USED_ABSENT;
    else if (chunk.known && chunk.bytes)
        terms->vmalloc_used = VMALLOC_USED_ADDRESS_SPACE;
    else if (terms->vmalloc_used_bytes.bytes == 0)
        terms->vmalloc_used = VMALLOC_USED_ALWAYS_ZERO;
    else
        terms->vmalloc_used = VMALLOC_USED_PAGES;

    const struct vmallocinfo *info = &snapshot->system.vmallocinfo;
    uint64_t pages = 0;
    for (size_t i = 0; i < info->count; i++) {
        const struct vmalloc_area *area = &info->areas[i];
        if (!area->has_pages)
            continue;
        pages = add_saturating(pages, area->pages);
        if (vmalloc_owner_of(area) == OWNER_STACKS)
            terms->stack_areas_bytes = add_saturating(
                terms->stack_areas_bytes, multiply_saturating(area->pages, terms->page_bytes));
    }
    if (snapshot->system.has_vmallocinfo && terms->page_bytes) {
        terms->vmalloc = amount_of(multiply_saturating(pages, terms->page_bytes));
        terms->vmalloc_from_areas = true;
    } else if (terms->vmalloc_used == VMALLOC_USED_PAGES) {
        terms->vmalloc = terms->vmalloc_used_bytes;
    }
}

/* The smallest KernelStack of all readings: threads that began after vmallocinfo was read have no
 * area in it. */
static uint64_t least_kernel_stack(const struct system_state *system, uint64_t bytes)
{
    uint64_t value;
    for (size_t i = 0; i <= system->sample_count; i++) {
        const struct system_sample *other =
            i < system->sample_count ? &system->samples[i] : &system->now;
        if (field_get(&other->meminfo, MEMINFO_KERNEL_STACK, &value) && value < bytes)
            bytes = value;
    }
    return bytes;
}

/* Such stacks come from a slab cache. Who may not read slabinfo does not see it; but threads can be
 * counted. With threads that are not seen a stack looks larger than it is, and nothing is decided. */
static bool is_stack_below_page(const struct snapshot *snapshot, const struct system_terms *terms)
{
    uint64_t unknown, threads = live_threads(snapshot, &unknown);
    return threads && terms->kernel_stack.bytes &&
           stack_bytes_nearest(terms->kernel_stack.bytes, threads) < terms->page_bytes;
}

static void find_stacks(const struct snapshot *snapshot, const struct system_sample *sample,
                        struct system_terms *terms)
{
    const struct slabinfo *slabinfo = &snapshot->system.slabinfo;
    terms->kernel_stack = meminfo_amount(sample, MEMINFO_KERNEL_STACK);
    terms->stacks = STACKS_OWN_PAGES;
    for (size_t i = 0; i < slabinfo->count; i++)
        if (strcmp(slabinfo->caches[i].name, "thread_stack") == 0 && slabinfo->caches[i].slabs)
            terms->stacks = STACKS_IN_SLAB;
    if (terms->stacks == STACKS_IN_SLAB || !terms->kernel_stack.known)
        return;
    if (terms->vmalloc_from_areas &&
        terms->stack_areas_bytes / 9 * 10 >=
            least_kernel_stack(&snapshot->system, terms->kernel_stack.bytes)) {
        terms->stacks = STACKS_IN_VMALLOC;
    } else if (!snapshot->system.has_slabinfo && is_stack_below_page(snapshot, terms)) {
        terms->stacks = STACKS_IN_SLAB;
    } else if (!terms->vmalloc_from_areas && terms->vmalloc.known &&
               terms->vmalloc.bytes >= terms->kernel_stack.bytes) {
        terms->stacks = STACKS_UNSURE;
    }
}

/* Percpu counts the first chunk, which lies outside MemTotal on nearly all machines. All later
 * chunks have an area "pcpu_get_vm_areas" each, so these bound what is inside; and the first
 * chunk is no larger than a later one. */
static void find_percpu(const struct snapshot *snapshot, const struct system_sample *sample,
                        struct system_terms *terms)
{
    const struct vmallocinfo *info = &snapshot->system.vmallocinfo;
    uint64_t areas_bytes = 0, largest = 0, nodes = 1, cpus = 1;
    terms->percpu = meminfo_amount(sample, MEMINFO_PERCPU);
    for (size_t i = 0; i < info->count; i++) {
        if (strncmp(info->areas[i].caller, "pcpu_get_vm_areas", 17) != 0)
            continue;
        areas_bytes = add_saturating(areas_bytes, info->areas[i].size_bytes);
        if (info->areas[i].size_bytes > largest)
            largest = info->areas[i].size_bytes;
    }
    for (size_t i = 0; i < sample->zoneinfo.count; i++) {
        const struct zone *zone = &sample->zoneinfo.zones[i];
        if (zone->pcp_cpus > cpus)
            cpus = zone->pcp_cpus;
        if (zone->node >= nodes)
            nodes = zone->node + UINT64_C(1);
    }
    uint64_t guess = multiply_saturating(cpus, FIRST_CHUNK_GUESS_BYTES);
    uint64_t high = terms->percpu.known ? terms->percpu.bytes : areas_bytes, low = 0;
    if (terms->vmalloc_from_areas) {
        if (areas_bytes < high)
            high = areas_bytes;
        low = terms->percpu.known
                  ? subtract_to_zero(terms->percpu.bytes, multiply_saturating(largest, nodes))
                  : 0;
        if (areas_bytes == 0 || low > high)
            low = high;
    }
    const struct amount first = snapshot->system.details.first_percpu_chunk;
    if (terms->percpu.known && first.known && first.bytes <= terms->percpu.bytes) {
        low = high = terms->percpu.bytes - first.bytes;
        terms->percpu_first_is_known = true;
    }
    uint64_t value = terms->percpu.known ? subtract_to_zero(terms->percpu.bytes, guess) : low;
    terms->percpu_low_bytes = low;
    terms->percpu_high_bytes = high;
    terms->percpu_bytes = value < low ? low : value > high ? high : value;
}

/* Hugetlb covers all sizes where it is printed; else the pools of /sys do, else the one size of
 * meminfo. */
static struct amount find_hugetlb(const struct snapshot *snapshot,
                                  const struct system_sample *sample)
{
    struct amount printed = meminfo_amount(sample, MEMINFO_HUGETLB);
    const struct system_state *system = &snapshot->system;
    uint64_t sum = 0, count, size;
    bool any = false;
    for (size_t i = 0; i < system->pool_count && !printed.known; i++) {
        if (system->pools[i].node >= 0 || !system->pools[i].total.known)
            continue;
        sum = add_saturating(
            sum, multiply_saturating(system->pools[i].total.bytes, system->pools[i].page_bytes));
        any = true;
    }
    if (printed.known)
        return printed;
    if (any)
        return amount_of(sum);
    if (field_get(&sample->meminfo, MEMINFO_HUGE_PAGES_TOTAL, &count) &&
        field_get(&sample->meminfo, MEMINFO_HUGE_PAGE_SIZE, &size))
        return amount_of(multiply_saturating(count, size));
    return AMOUNT_UNKNOWN;
}

/* Whether zswap's own setting names an allocator whose pages nr_zspages does not count. */
static bool zswap_is_not_zsmalloc(const struct snapshot *snapshot)
{
    const char *zpool = figure_text(snapshot, "sys/module/zswap/parameters/zpool");
    return zpool && *zpool && strcmp(zpool, "zsmalloc") != 0;
}

/* zsmalloc pages are counted in nr_zspages, whoever uses them; before that counter zram says it. A
 * zswap pool larger than nr_zspages cannot be made of them, whatever is set: the setting is of new
 * pools. Without Zswap (before 5.19) root sees the pool's size in debugfs; of zsmalloc it is
 * counted already. */
static void find_compressed(const struct snapshot *snapshot, const struct system_sample *sample,
                            struct system_terms *terms)
{
    const struct system_state *system = &snapshot->system;
    terms->zspages = vmstat_amount(sample, VMSTAT_NR_ZSPAGES, terms->page_bytes);
    terms->zswap = meminfo_amount(sample, MEMINFO_ZSWAP);
    if (!terms->zspages.known && system->zram_count) {
        terms->zspages = amount_of(0);
        for (size_t i = 0; i < system->zram_count; i++)
            terms->zspages =
                amount_add(terms->zspages, amount_of(system->zrams[i].stat.used_bytes));
    }
    int64_t debug_bytes;
    bool is_not_zsmalloc = zswap_is_not_zsmalloc(snapshot);
    if (!terms->zswap.known && is_not_zsmalloc &&
        figure_number(snapshot, "sys/kernel/debug/zswap/pool_total_size", &debug_bytes) &&
        debug_bytes >= 0)
        terms->zswap_pool = amount_of((uint64_t)debug_bytes);
    if (terms->zswap.known && (is_not_zsmalloc || terms->zswap.bytes > terms->zspages.bytes))
        terms->zswap_pool = terms->zswap;
}

static void find_rest(const struct system_sample *sample, struct system_terms *terms)
{
    terms->slab_reclaimable = meminfo_amount(sample, MEMINFO_S_RECLAIMABLE);
    terms->slab_unreclaimable = meminfo_amount(sample, MEMINFO_S_UNRECLAIM);
    terms->slab = amount_add(terms->slab_reclaimable, terms->slab_unreclaimable);
    if (!terms->slab.known)
        terms->slab = meminfo_amount(sample, MEMINFO_SLAB);
    terms->page_tables = meminfo_amount(sample, MEMINFO_PAGE_TABLES);
    terms->secondary_page_tables = meminfo_amount(sample, MEMINFO_SEC_PAGE_TABLES);
    terms->bounce = meminfo_amount(sample, MEMINFO_BOUNCE);
    terms->writeback_tmp = meminfo_amount(sample, MEMINFO_WRITEBACK_TMP);
    terms->quicklists = meminfo_amount(sample, MEMINFO_QUICKLISTS);
    terms->hardware_corrupted = meminfo_amount(sample, MEMINFO_HARDWARE_CORRUPTED);
    terms->gpu_active = meminfo_amount(sample, MEMINFO_GPU_ACTIVE);
    terms->gpu_reclaim = meminfo_amount(sample, MEMINFO_GPU_RECLAIM);
    terms->balloon = meminfo_amount(sample, MEMINFO_BALLOON);
    terms->memmap = vmstat_amount(sample, VMSTAT_NR_MEMMAP_PAGES, terms->page_bytes);
    struct amount reclaimable = meminfo_amount(sample, MEMINFO_K_RECLAIMABLE);
    if (reclaimable.known && terms->slab_reclaimable.known)
        terms->misc_reclaimable =
            amount_of(subtract_to_zero(reclaimable.bytes, terms->slab_reclaimable.bytes));
}

/* Plugged or ballooned between two reads: no container's limit is as close. */
#define PAGES_IN_TRANSIT 16384

/* A kernel counts pages in their zone before it counts them in MemTotal, but no more than a balloon
 * moves between two reads. */
static bool is_made_up(const struct system_sample *sample, const struct system_terms *terms)
{
    uint64_t managed;
    return sample->has_zoneinfo && terms->page_bytes &&
           zoneinfo_managed_pages(&sample->zoneinfo, &managed) &&
           subtract_to_zero(managed, PAGES_IN_TRANSIT) > terms->mem_total_bytes / terms->page_bytes;
}

bool system_terms_compute(const struct snapshot *snapshot, const struct system_sample *sample,
                          struct system_terms *out, struct failure *why)
{
    struct system_terms terms = {0};
    if (!sample->has_meminfo ||
        !field_get(&sample->meminfo, MEMINFO_MEM_TOTAL, &terms.mem_total_bytes)) {
        failure_set(why, FAILURE_MALFORMED, 0,
                    "not in this bundle, or unreadable: without MemTotal there is no ledger");
        return failure_in(why, "proc/meminfo");
    }
    snapshot_page_size(snapshot, &terms.page_bytes);
    terms.is_made_up = is_made_up(sample, &terms);
    find_free(sample, &terms);
    find_user(sample, &terms);
    find_vmalloc(snapshot, sample, &terms);
    find_stacks(snapshot, sample, &terms);
    find_percpu(snapshot, sample, &terms);
    find_rest(sample, &terms);
    terms.hugetlb = find_hugetlb(snapshot, sample);
    find_compressed(snapshot, sample, &terms);
    *out = terms;
    return true;
}
