/* Sums over one file or over all processes, for the inputs of explanations. */
#include "analyzer/account/explain_tables.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/text_cursor.h"

struct amount explained_pages(const struct snapshot *snapshot, uint64_t pages)
{
    uint64_t page_bytes;
    return snapshot_page_size(snapshot, &page_bytes)
               ? amount_of(multiply_saturating(pages, page_bytes))
               : AMOUNT_UNKNOWN;
}

/* ------------------------------------------------------------------ zoneinfo and buddyinfo */

#define ZONES_FIGURE(name, sum)                                                                    \
    static struct amount name(const struct snapshot *snapshot)                                     \
    {                                                                                              \
        const struct system_sample *now = &snapshot->system.now;                                   \
        return now->has_zoneinfo ? explained_pages(snapshot, sum(&now->zoneinfo))                  \
                                 : AMOUNT_UNKNOWN;                                                 \
    }

ZONES_FIGURE(zones_free, zoneinfo_free_pages)
ZONES_FIGURE(zones_count, zoneinfo_pcp_pages)
ZONES_FIGURE(zones_present, zoneinfo_present_pages)

static struct amount zones_managed(const struct snapshot *snapshot)
{
    const struct system_sample *now = &snapshot->system.now;
    uint64_t pages;
    return now->has_zoneinfo && zoneinfo_managed_pages(&now->zoneinfo, &pages)
               ? explained_pages(snapshot, pages)
               : AMOUNT_UNKNOWN;
}

static struct amount zones_low(const struct snapshot *snapshot)
{
    const struct system_sample *now = &snapshot->system.now;
    uint64_t pages = 0;
    for (size_t i = 0; i < now->zoneinfo.count; i++)
        pages = add_saturating(pages, now->zoneinfo.zones[i].low_pages);
    return now->has_zoneinfo ? explained_pages(snapshot, pages) : AMOUNT_UNKNOWN;
}

static struct amount buddy_free(const struct snapshot *snapshot)
{
    return snapshot->system.has_buddyinfo
               ? explained_pages(snapshot, buddyinfo_free_pages(&snapshot->system.buddyinfo))
               : AMOUNT_UNKNOWN;
}

/* ------------------------------------------------------------------ vmalloc, slab, modules */

static struct amount areas_of(const struct snapshot *snapshot, enum vmalloc_owner owner)
{
    const struct vmallocinfo *info = &snapshot->system.vmallocinfo;
    uint64_t pages = 0;
    for (size_t i = 0; i < info->count; i++)
        if (info->areas[i].has_pages &&
            (owner == OWNER_COUNT || vmalloc_owner_of(&info->areas[i]) == owner))
            pages = add_saturating(pages, info->areas[i].pages);
    return snapshot->system.has_vmallocinfo ? explained_pages(snapshot, pages) : AMOUNT_UNKNOWN;
}

#define AREAS_FIGURE(name, owner)                                                                  \
    static struct amount name(const struct snapshot *snapshot)                                     \
    {                                                                                              \
        return areas_of(snapshot, owner);                                                          \
    }

AREAS_FIGURE(areas_all, OWNER_COUNT)
AREAS_FIGURE(areas_stacks, OWNER_STACKS)
AREAS_FIGURE(areas_modules, OWNER_MODULES)
AREAS_FIGURE(areas_bpf, OWNER_BPF)
AREAS_FIGURE(areas_percpu, OWNER_PERCPU)
AREAS_FIGURE(areas_other, OWNER_OTHER)

static struct amount percpu_areas(const struct snapshot *snapshot)
{
    const struct vmallocinfo *info = &snapshot->system.vmallocinfo;
    uint64_t bytes = 0;
    for (size_t i = 0; i < info->count; i++)
        if (strncmp(info->areas[i].caller, "pcpu_get_vm_areas", 17) == 0)
            bytes = add_saturating(bytes, info->areas[i].size_bytes);
    return snapshot->system.has_vmallocinfo ? amount_of(bytes) : AMOUNT_UNKNOWN;
}

static struct amount slab_caches(const struct snapshot *snapshot)
{
    const struct slabinfo *slabinfo = &snapshot->system.slabinfo;
    uint64_t pages = 0;
    for (size_t i = 0; i < slabinfo->count; i++)
        pages = add_saturating(pages, multiply_saturating(slabinfo->caches[i].slabs,
                                                          slabinfo->caches[i].pages_per_slab));
    return snapshot->system.has_slabinfo ? explained_pages(snapshot, pages) : AMOUNT_UNKNOWN;
}

static struct amount module_sizes(const struct snapshot *snapshot)
{
    const struct modules *modules = &snapshot->system.modules;
    uint64_t bytes = 0;
    for (size_t i = 0; i < modules->count; i++)
        bytes = add_saturating(bytes, modules->modules[i].size_bytes);
    return snapshot->system.has_modules ? amount_of(bytes) : AMOUNT_UNKNOWN;
}

/* -------------------------------------------------------------------- huge pages and zram */

/* The size in "hugetlb.2048kB.used", in bytes; 0: any. */
static uint64_t pool_bytes_of(const char *name)
{
    const struct slice start = SLICE("hugetlb.");
    struct slice size = slice_of(name);
    uint64_t kib;
    if (!slice_starts(size, start))
        return 0;
    size = slice_skip(size, start.length_bytes);
    size.length_bytes = strspn(size.at, "0123456789");
    return parse_decimal(size, &kib) ? multiply_saturating(kib, 1024) : 0;
}

/* A figure of the pools of one size, or of all, over the whole machine. */
static struct amount pools_of(const struct snapshot *snapshot, uint64_t page_bytes, size_t offset)
{
    const struct system_state *system = &snapshot->system;
    struct amount sum = AMOUNT_UNKNOWN;
    for (size_t i = 0; i < system->pool_count; i++) {
        const struct huge_page_pool *pool = &system->pools[i];
        const struct amount *pages = (const void *)((const char *)pool + offset);
        if (pool->node >= 0 || !pages->known || (page_bytes && pool->page_bytes != page_bytes))
            continue;
        sum = amount_of(
            add_saturating(sum.bytes, multiply_saturating(pages->bytes, pool->page_bytes)));
    }
    return sum;
}

static bool from_pools(const struct snapshot *snapshot, const char *line, const char *name,
                       struct explained_input *input)
{
    static const struct {
        const char *name, *words;
        size_t offset;
    } rows[] = {
        {"hugepages:total",    "hugepages, nr_hugepages x size",
         offsetof(struct huge_page_pool, total)   },
        {"hugepages:free",     "hugepages, free_hugepages x size",
         offsetof(struct huge_page_pool, free)    },
        {"hugepages:reserved", "hugepages, resv_hugepages x size",
         offsetof(struct huge_page_pool, reserved)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        snprintf(input->name, sizeof input->name, "%s", rows[i].words);
        input->value = pools_of(snapshot, pool_bytes_of(line), rows[i].offset);
        return true;
    }
    return false;
}

static struct amount zram_used(const struct snapshot *snapshot)
{
    const struct system_state *system = &snapshot->system;
    uint64_t bytes = 0;
    for (size_t i = 0; i < system->zram_count; i++)
        bytes = add_saturating(bytes, system->zrams[i].stat.used_bytes);
    return system->zram_count ? amount_of(bytes) : AMOUNT_UNKNOWN;
}

/* ------------------------------------------------------------------------------ processes */

static struct amount first_chunk(const struct snapshot *snapshot)
{
    return snapshot->system.details.first_percpu_chunk;
}

static struct amount boot_present(const struct snapshot *snapshot)
{
    return snapshot->system.details.boot_present;
}

static struct amount iomem_ram(const struct snapshot *snapshot)
{
    const struct system_details *details = &snapshot->system.details;
    return details->has_iomem ? details->iomem.system_ram : AMOUNT_UNKNOWN;
}

static struct amount processes_pss(const struct snapshot *snapshot)
{
    struct process_totals totals;
    process_totals_compute(snapshot, &totals);
    return totals.pss_best;
}

static struct amount processes_swap_pss(const struct snapshot *snapshot)
{
    struct process_totals totals;
    process_totals_compute(snapshot, &totals);
    return totals.swap_pss;
}

static struct amount processes_page_tables(const struct snapshot *snapshot)
{
    struct process_totals totals;
    process_totals_compute(snapshot, &totals);
    return totals.page_tables;
}

static const struct {
    const char *name, *words;
    struct amount (*find)(const struct snapshot *snapshot);
} figures[] = {
    {"zoneinfo:free",            "zoneinfo, sum of pages free",             zones_free           },
    {"zoneinfo:count",           "zoneinfo, sum of count:",                 zones_count          },
    {"zoneinfo:present",         "zoneinfo, sum of present",                zones_present        },
    {"zoneinfo:managed",         "zoneinfo, sum of managed",                zones_managed        },
    {"zoneinfo:low",             "zoneinfo, sum of low",                    zones_low            },
    {"buddyinfo:free",           "buddyinfo, all blocks",                   buddy_free           },
    {"vmallocinfo:pages",        "vmallocinfo, sum of pages=",              areas_all            },
    {"vmallocinfo:stacks",       "vmallocinfo, stacks",                     areas_stacks         },
    {"vmallocinfo:modules",      "vmallocinfo, modules",                    areas_modules        },
    {"vmallocinfo:bpf",          "vmallocinfo, BPF",                        areas_bpf            },
    {"vmallocinfo:percpu",       "vmallocinfo, percpu bookkeeping",         areas_percpu         },
    {"vmallocinfo:other",        "vmallocinfo, other callers",              areas_other          },
    {"vmallocinfo:percpu_areas", "vmallocinfo, space of pcpu_get_vm_areas", percpu_areas         },
    {"slabinfo:sum",             "slabinfo, all caches",                    slab_caches          },
    {"modules:size",             "modules, sum of sizes",                   module_sizes         },
    {"zram:used",                "zram, mem_used_total",                    zram_used            },
    {"log:first_chunk",          "kernel log, first percpu chunk",          first_chunk          },
    {"log:present",              "kernel log, memory at boot",              boot_present         },
    {"iomem:ram",                "iomem, sum of System RAM",                iomem_ram            },
    {"processes:pss",            "processes, sum of PSS",                   processes_pss        },
    {"processes:swap_pss",       "processes, sum of SwapPss",               processes_swap_pss   },
    {"processes:page_tables",    "processes, sum of VmPTE",                 processes_page_tables},
};

static bool from_figures(const struct snapshot *snapshot, const char *name,
                         struct explained_input *input)
{
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (strcmp(figures[i].name, name) != 0)
            continue;
        snprintf(input->name, sizeof input->name, "%s", figures[i].words);
        input->value = figures[i].find(snapshot);
        return true;
    }
    return false;
}

bool explained_sum(const struct snapshot *snapshot, const char *line, const char *name,
                   struct explained_input *input)
{
    return from_pools(snapshot, line, name, input) || from_figures(snapshot, name, input);
}
