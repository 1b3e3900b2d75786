#include "analyzer/account/kernel_pools.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"

/* Few drivers export DMA buffers; what is beyond this many names goes into one row. */
#define EXPORTERS_MAX 32

static const char *const kind_words[] = {
#define POOL_WORD(constant, word) [POOL_##constant] = word,
    POOL_KINDS(POOL_WORD)
#undef POOL_WORD
};

const char *pool_kind_word(enum pool_kind kind)
{
    return kind_words[kind];
}

/* What the functions below fill. A row that could not be added clears `ok`. */
struct pool_list {
    const struct snapshot *snapshot;
    const struct system_terms *terms;
    struct kernel_pools *pools;
    bool ok;
};

static struct kernel_pool *add_pool(struct pool_list *list, enum pool_kind kind, const char *name,
                                    struct amount size, const char *line, const char *source)
{
    struct kernel_pools *pools = list->pools;
    struct kernel_pool *pool = ARRAY_PUSH(pools->rows, pools->count, pools->capacity);
    if (!pool) {
        list->ok = false;
        return NULL;
    }
    pool->kind = kind;
    pool->size = size;
    pool->line = line;
    pool->source = source;
    snprintf(pool->name, sizeof pool->name, "%s", name);
    return pool;
}

static struct amount in_bytes(struct amount pages, uint64_t page_bytes)
{
    return pages.known && page_bytes ? amount_of(multiply_saturating(pages.bytes, page_bytes))
                                     : AMOUNT_UNKNOWN;
}

static struct amount meminfo_bytes(const struct pool_list *list, enum meminfo_field field)
{
    uint64_t value;
    return field_get(&list->snapshot->system.now.meminfo, field, &value) ? amount_of(value)
                                                                         : AMOUNT_UNKNOWN;
}

static void add_percpu(struct pool_list *list)
{
    const struct system_terms *terms = list->terms;
    if (!terms->percpu.known && terms->percpu_high_bytes == 0)
        return;
    add_pool(list, POOL_PERCPU, "inside MemTotal", amount_of(terms->percpu_bytes), "percpu",
             "Percpu without the first chunk");
    if (terms->percpu.known)
        add_pool(list, POOL_PERCPU, "first chunk, outside MemTotal",
                 amount_of(subtract_to_zero(terms->percpu.bytes, terms->percpu_bytes)), "",
                 "meminfo Percpu - what is inside");
}

static void add_free_lists(struct pool_list *list)
{
    const struct zoneinfo *zoneinfo = &list->snapshot->system.now.zoneinfo;
    for (size_t i = 0; i < zoneinfo->count; i++) {
        const struct zone *zone = &zoneinfo->zones[i];
        char name[64];
        if (!zone->pcp_cpus || !list->terms->page_bytes)
            continue;
        snprintf(name, sizeof name, "node %u %s", zone->node, zone->name);
        struct kernel_pool *pool =
            add_pool(list, POOL_FREE_LIST, name,
                     amount_of(multiply_saturating(zone->pcp_pages, list->terms->page_bytes)),
                     "pcp", "zoneinfo: pagesets count");
        if (pool) {
            pool->count = amount_of(zone->pcp_cpus);
            pool->count_of = "CPUs";
        }
    }
}

/* Charged amounts: the data behind them lies in slab in part, else in pages that no counter has. */
static void add_sockets(struct pool_list *list)
{
    static const struct socket_row {
        const char *protocol, *value;
        bool in_pages;
    } rows[] = {
        {"TCP",   "mem",    true },
        {"UDP",   "mem",    true },
        {"FRAG",  "memory", false},
        {"FRAG6", "memory", false}
    };
    const struct sockstat *sockstat = &list->snapshot->system.sockstat;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value, sockets;
        if (!sockstat_get(sockstat, rows[i].protocol, rows[i].value, &value) ||
            (rows[i].in_pages && !list->terms->page_bytes))
            continue;
        struct kernel_pool *pool = add_pool(
            list, POOL_SOCKETS, rows[i].protocol,
            amount_of(rows[i].in_pages ? multiply_saturating(value, list->terms->page_bytes)
                                       : value),
            "slab, residual", rows[i].in_pages ? "sockstat mem" : "sockstat memory");
        if (pool && sockstat_get(sockstat, rows[i].protocol, "inuse", &sockets)) {
            pool->count = amount_of(sockets);
            pool->count_of = "sockets";
        }
    }
}

static void add_compressed(struct pool_list *list)
{
    const struct system_state *system = &list->snapshot->system;
    for (size_t i = 0; i < system->zram_count; i++) {
        const struct zram_device *zram = &system->zrams[i];
        char name[64];
        struct slice text = snapshot_text(list->snapshot, zram->name);
        snprintf(name, sizeof name, "%.*s",
                 (int)(text.length_bytes < sizeof name ? text.length_bytes : sizeof name), text.at);
        struct kernel_pool *pool = add_pool(list, POOL_ZRAM, name, amount_of(zram->stat.used_bytes),
                                            "zspages", "mm_stat mem_used_total");
        if (pool) {
            pool->original = amount_of(zram->stat.original_bytes);
            pool->compressed = amount_of(zram->stat.compressed_bytes);
        }
    }
    struct amount zswap = meminfo_bytes(list, MEMINFO_ZSWAP);
    struct kernel_pool *pool = NULL;
    if (zswap.known)
        pool = add_pool(list, POOL_ZSWAP, "pool", zswap,
                        list->terms->zswap_pool.known ? "zswap" : "zspages", "meminfo Zswap");
    if (pool)
        pool->original = meminfo_bytes(list, MEMINFO_ZSWAPPED);
}

/* pages_shared are what is kept, pages_sharing the further places that map them. */
static void add_ksm(struct pool_list *list)
{
    int64_t shared, sharing;
    if (!figure_number(list->snapshot, "sys/kernel/mm/ksm/pages_shared", &shared) || shared < 0 ||
        !figure_number(list->snapshot, "sys/kernel/mm/ksm/pages_sharing", &sharing) ||
        sharing < 0 || !list->terms->page_bytes)
        return;
    uint64_t page = list->terms->page_bytes;
    struct kernel_pool *pool = add_pool(list, POOL_KSM, "merged pages",
                                        amount_of(multiply_saturating((uint64_t)shared, page)),
                                        "user.anon", "ksm pages_shared");
    if (pool)
        pool->original = amount_of(
            multiply_saturating(add_saturating((uint64_t)shared, (uint64_t)sharing), page));
}

static void add_huge_pages(struct pool_list *list)
{
    const struct system_state *system = &list->snapshot->system;
    for (size_t i = 0; i < system->pool_count; i++) {
        const struct huge_page_pool *pool = &system->pools[i];
        char name[64];
        int length = snprintf(name, sizeof name, "%" PRIu64 " KiB", pool->page_bytes / 1024);
        if (pool->node >= 0)
            snprintf(name + length, sizeof name - (size_t)length, ", on node %d", pool->node);
        struct kernel_pool *row =
            add_pool(list, POOL_HUGE_PAGES, name, in_bytes(pool->total, pool->page_bytes),
                     "hugetlb", "hugepages: nr_hugepages x size");
        if (!row)
            return;
        row->on_node = pool->node >= 0;
        row->free = in_bytes(pool->free, pool->page_bytes);
        row->reserved = in_bytes(pool->reserved, pool->page_bytes);
        row->surplus = in_bytes(pool->surplus, pool->page_bytes);
        row->count = pool->total;
        row->count_of = "pages";
    }
    uint64_t size;
    if (system->pool_count || !field_get(&system->now.meminfo, MEMINFO_HUGE_PAGE_SIZE, &size))
        return;
    char name[64];
    snprintf(name, sizeof name, "%" PRIu64 " KiB", size / 1024);
    struct amount total = meminfo_bytes(list, MEMINFO_HUGE_PAGES_TOTAL);
    struct kernel_pool *row = add_pool(list, POOL_HUGE_PAGES, name, in_bytes(total, size),
                                       "hugetlb", "meminfo HugePages_Total x Hugepagesize");
    if (!row)
        return;
    row->free = in_bytes(meminfo_bytes(list, MEMINFO_HUGE_PAGES_FREE), size);
    row->reserved = in_bytes(meminfo_bytes(list, MEMINFO_HUGE_PAGES_RSVD), size);
    row->surplus = in_bytes(meminfo_bytes(list, MEMINFO_HUGE_PAGES_SURP), size);
    row->count = total;
    row->count_of = "pages";
}

static void add_cma(struct pool_list *list)
{
    struct amount total = meminfo_bytes(list, MEMINFO_CMA_TOTAL);
    struct kernel_pool *pool = NULL;
    if (total.known)
        pool = add_pool(list, POOL_CMA, "all areas", total, "free, user, residual",
                        "meminfo CmaTotal");
    if (pool)
        pool->free = meminfo_bytes(list, MEMINFO_CMA_FREE);
}

static struct kernel_pool *exporter_row(struct pool_list *list, const char *exporter)
{
    struct kernel_pools *pools = list->pools;
    size_t rows = 0;
    for (size_t i = 0; i < pools->count; i++) {
        if (pools->rows[i].kind != POOL_DMA_BUF)
            continue;
        if (strncmp(pools->rows[i].name, exporter, sizeof pools->rows[i].name - 1) == 0)
            return &pools->rows[i];
        if (++rows == EXPORTERS_MAX)
            return &pools->rows[i];
    }
    const char *name = rows == EXPORTERS_MAX - 1 ? "other exporters" : exporter;
    struct kernel_pool *row = add_pool(list, POOL_DMA_BUF, name, amount_of(0),
                                       "user.shmem, residual", "sys/kernel/dmabuf/buffers");
    if (row) {
        row->count = amount_of(0);
        row->count_of = "buffers";
    }
    return row;
}

static void add_dma_buffers(struct pool_list *list)
{
    static const struct slice folder = {"sys/kernel/dmabuf/buffers/", 26};
    const struct figure_table *figures = &list->snapshot->system.details.figures;
    for (size_t i = 0; i < figures->count && list->ok; i++) {
        const struct figure *figure = &figures->rows[i];
        struct slice path = snapshot_text(list->snapshot, figure->path);
        char name_path[128];
        if (!slice_starts(path, folder) || !slice_ends(path, SLICE("/size")) ||
            !figure->is_number || figure->number < 0)
            continue;
        snprintf(name_path, sizeof name_path, "%.*s/exporter_name",
                 (int)(path.length_bytes - 5 < 64 ? path.length_bytes - 5 : 64), path.at);
        const char *exporter = figure_text(list->snapshot, name_path);
        struct kernel_pool *row = exporter_row(list, exporter ? exporter : "unknown");
        if (!row)
            return;
        row->size.bytes = add_saturating(row->size.bytes, (uint64_t)figure->number);
        row->count.bytes++;
    }
}

static void add_balloons(struct pool_list *list)
{
    const struct system_details *details = &list->snapshot->system.details;
    for (size_t i = 0; i < details->balloon_count; i++) {
        const struct balloon *balloon = &details->balloons[i];
        add_pool(list, POOL_BALLOON, balloon_driver_word(balloon->driver), balloon->bytes,
                 !balloon->knows_place   ? NULL
                 : balloon->inside_total ? "balloon"
                                         : "",
                 balloon->source);
    }
}

static void add_gpu(struct pool_list *list)
{
    if (list->terms->gpu_active.known)
        add_pool(list, POOL_GPU, "in use", list->terms->gpu_active, "gpu_active",
                 "meminfo GPUActive");
    if (list->terms->gpu_reclaim.known)
        add_pool(list, POOL_GPU, "reclaimable", list->terms->gpu_reclaim, "gpu_reclaim",
                 "meminfo GPUReclaim");
}

bool kernel_pools_compute(const struct snapshot *snapshot, const struct system_terms *terms,
                          struct kernel_pools *out, struct failure *why)
{
    static void (*const adders[])(struct pool_list *) = {
        add_percpu,     add_free_lists, add_sockets,     add_compressed, add_ksm,
        add_huge_pages, add_cma,        add_dma_buffers, add_balloons,   add_gpu};
    struct kernel_pools pools = {0};
    struct pool_list list = {.snapshot = snapshot, .terms = terms, .pools = &pools, .ok = true};
    for (size_t i = 0; i < sizeof adders / sizeof adders[0]; i++)
        adders[i](&list);
    if (!list.ok) {
        kernel_pools_deinit(&pools);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    *out = pools;
    return true;
}

void kernel_pools_deinit(struct kernel_pools *pools)
{
    free(pools->rows);
    *pools = (struct kernel_pools){0};
}
