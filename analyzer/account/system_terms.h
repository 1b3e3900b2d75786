/* The terms of one reading of the system, each with the rule that picked its source. What a
 * kernel does not print stays unknown here; the ledger decides what that means. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

/* Where kernel stacks are counted, found by what is there. */
enum stack_place {
    STACKS_OWN_PAGES,  /* pages of their own: a line of the ledger      */
    STACKS_IN_VMALLOC, /* vmapped: inside the vmalloc line              */
    STACKS_IN_SLAB,    /* smaller than a page: a slab cache             */
    STACKS_UNSURE      /* no vmallocinfo: vmalloc is assumed            */
};

/* What VmallocUsed of this kernel is. */
enum vmalloc_used_meaning {
    VMALLOC_USED_ABSENT,
    VMALLOC_USED_ADDRESS_SPACE, /* up to 4.3: VmallocChunk is not 0 */
    VMALLOC_USED_ALWAYS_ZERO,   /* 4.4 to 5.2                       */
    VMALLOC_USED_PAGES          /* since 5.3                        */
};

struct system_terms {
    uint64_t page_bytes; /* 0: unknown; what is counted in pages is then unknown too */
    uint64_t mem_total_bytes;
    bool is_made_up; /* meminfo is a container's, and all other files are the machine's */
    struct amount free, pcp;
    int64_t
        free_skew_bytes; /* free pages of zoneinfo minus MemFree: pages that moved between the reads */
    struct amount anon, file_cache, shmem, buffers, swap_cache, lru;
    uint64_t swap_cache_mapped_bytes; /* counted in anon as well: taken off swap_cache */
    uint64_t lru_unowned_bytes;       /* on the LRU lists, but neither anon nor page cache */
    struct amount slab, slab_reclaimable, slab_unreclaimable;
    struct amount vmalloc;
    enum vmalloc_used_meaning vmalloc_used;
    struct amount vmalloc_used_bytes;
    bool vmalloc_from_areas;
    struct amount kernel_stack;
    uint64_t stack_areas_bytes; /* vmalloc areas that are stacks */
    enum stack_place stacks;
    struct amount page_tables, secondary_page_tables;
    struct amount percpu; /* as printed, with the first chunk */
    uint64_t percpu_low_bytes, percpu_bytes, percpu_high_bytes; /* part inside MemTotal */
    bool percpu_first_is_known; /* the boot log told the first chunk */
    struct amount hugetlb, zspages, zswap,
        zswap_pool; /* zswap: as printed; zswap_pool: what of it is not in zspages */
    struct amount bounce, writeback_tmp, quicklists, misc_reclaimable, hardware_corrupted;
    struct amount gpu_active, gpu_reclaim, memmap, balloon;
    struct amount balloon_outside; /* set with the lines: taken out of MemTotal */
};

/* `sample` is the reading; slabs, areas and pools come from `snapshot->system`. Fails without
 * MemTotal. */
bool system_terms_compute(const struct snapshot *snapshot, const struct system_sample *sample,
                          struct system_terms *out, struct failure *why);
