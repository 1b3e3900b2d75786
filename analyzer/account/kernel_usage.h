/* Kernel memory by cause: vmalloc areas grouped by caller, module and type, slab caches with
 * their aliases, modules. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

enum vmalloc_owner { /* what a caller stands for */
                     OWNER_STACKS,
                     OWNER_MODULES,
                     OWNER_BPF,
                     OWNER_PERCPU,
                     OWNER_OTHER,
                     OWNER_COUNT
};

/* The caller's name decides, without ".isra.0" and the like. */
enum vmalloc_owner vmalloc_owner_of(const struct vmalloc_area *area);
const char *vmalloc_owner_word(enum vmalloc_owner owner); /* static */

struct vmalloc_group {
    const char *caller, *module; /* borrowed from the snapshot; module may be NULL */
    enum vmalloc_type type;
    enum vmalloc_owner owner;
    uint64_t areas;
    uint64_t size_bytes; /* address space */
    uint64_t bytes;      /* pages that the areas own; 0 for ioremap and borrowed pages */
};

struct slab_usage {
    const struct slab_cache *cache; /* borrowed */
    uint64_t bytes;                 /* slabs x pages per slab x page size */
    uint64_t active_bytes;          /* active objects x object size */
    uint32_t *aliases;              /* string ids, owned: other caches merged into it */
    size_t alias_count;
};

struct module_usage {
    const char *name;
    struct amount size;       /* what lsmod shows */
    struct amount core, init; /* /sys/module/NAME */
    struct amount allocated;  /* its size in whole pages, without guard page */
    bool seen_in_vmallocinfo; /* an area of exactly these pages is there: verified */
};

struct kernel_usage {
    uint64_t page_bytes;
    bool has_vmalloc, has_slab, has_modules;
    struct vmalloc_group *vmalloc; /* by bytes, largest first */
    size_t vmalloc_count;
    uint64_t vmalloc_bytes, vmalloc_areas;
    uint64_t owner_bytes[OWNER_COUNT];
    struct vmalloc_type_sum {
        uint64_t areas, size_bytes, bytes;
    } types[VMALLOC_TYPE_COUNT];
    struct slab_usage *slab; /* by bytes, largest first */
    size_t slab_count;
    uint64_t slab_bytes;
    struct module_usage *modules; /* by size, largest first */
    size_t module_count;
    uint64_t module_bytes; /* sum of sizes */
};

/* Fails only when memory runs out. Free with kernel_usage_deinit(). */
bool kernel_usage_compute(const struct snapshot *snapshot, struct kernel_usage *out,
                          struct failure *why);
void kernel_usage_deinit(struct kernel_usage *usage);
