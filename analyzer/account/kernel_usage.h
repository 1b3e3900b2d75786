/* Kernel memory by cause: vmalloc areas grouped by caller, module and type, slab caches with
 * their aliases, modules. What is held by processes and pools: kernel_report.h. */
#pragma once

#include "analyzer/account/vmalloc_owner.h"
#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

struct vmalloc_group {
    const char *caller, *module; /* borrowed from the snapshot; module may be NULL */
    enum vmalloc_type type;
    enum vmalloc_owner owner;
    enum vmalloc_memory memory; /* of all its areas */
    uint64_t areas;
    uint64_t size_bytes; /* address space */
    uint64_t bytes;      /* pages that the areas own; 0 for ioremap and borrowed pages */
};

/* The areas that the code of one module made. */
struct vmalloc_module {
    const char *module; /* borrowed */
    uint64_t areas, bytes, size_bytes;
};

/* Does the kernel count a cache in SReclaimable? */
enum slab_reclaim { SLAB_RECLAIM_UNKNOWN, SLAB_RECLAIMABLE, SLAB_UNRECLAIMABLE };

struct slab_usage {
    const struct slab_cache *cache; /* borrowed */
    uint64_t bytes;                 /* slabs x pages per slab x page size */
    uint64_t active_bytes;          /* active objects x object size */
    uint64_t loss_bytes;            /* bytes - active_bytes */
    enum slab_reclaim reclaim;
    uint32_t *aliases; /* string ids, owned: other caches merged into it */
    size_t alias_count;
};

/* How it is known that a module takes `allocated` and no more. */
enum module_proof {
    MODULE_NOT_PROVEN,
    MODULE_HAS_AREA,   /* every module has an area of exactly its pages          */
    MODULE_SUM_AGREES, /* the areas of all modules sum to the pages of all       */
    MODULE_PROOF_COUNT
};

const char *module_proof_word(enum module_proof proof); /* static */

struct module_usage {
    const char *name;
    struct amount size;       /* what lsmod shows */
    struct amount core, init; /* /sys/module/NAME */
    struct amount allocated;  /* its size in whole pages, without guard page: at least this */
    bool seen_in_vmallocinfo; /* MODULE_HAS_AREA */
    struct amount vmalloc;    /* what its code took by vmalloc besides; needs vmallocinfo */
};

struct kernel_usage {
    uint64_t page_bytes;
    bool has_vmalloc, has_slab, has_modules;
    struct vmalloc_group *vmalloc; /* by bytes, largest first */
    size_t vmalloc_count;
    uint64_t vmalloc_bytes, vmalloc_areas;
    uint64_t owner_bytes[OWNER_COUNT], owner_areas[OWNER_COUNT];
    struct vmalloc_type_sum {
        uint64_t areas, size_bytes, bytes;
    } types[VMALLOC_TYPE_COUNT];
    struct vmalloc_module *vmalloc_modules; /* by bytes, largest first */
    size_t vmalloc_module_count;
    struct slab_usage *slab; /* by bytes, largest first */
    size_t slab_count;
    uint64_t slab_bytes, slab_loss_bytes;
    struct module_usage *modules; /* by size, largest first */
    size_t module_count;
    uint64_t module_bytes;           /* sum of sizes */
    uint64_t module_allocated_bytes; /* sum of allocated */
    uint64_t module_largest_area_bytes, module_largest_bytes;
    enum module_proof module_proof;
};

/* Fails when memory runs out, or when pages cannot be counted because their size is not known.
 * Free with kernel_usage_deinit(). */
bool kernel_usage_compute(const struct snapshot *snapshot, struct kernel_usage *out,
                          struct failure *why);
void kernel_usage_deinit(struct kernel_usage *usage);
