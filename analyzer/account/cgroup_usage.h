/* What each cgroup is charged, beside what its processes map. docs/accounting.md, section "Cgroups". */
#pragma once

#include "analyzer/account/cgroup_tree.h"

/* Figures of a cgroup. X(constant, JSON key) */
#define CGROUP_FIGURES(X)                                                                          \
    X(CHARGED, "charged")           /* memory.current, memory.usage_in_bytes                */     \
    X(ANON, "anon")                 /* mapped anonymous memory                              */     \
    X(FILE, "file")                 /* page cache with shmem and swap cache                 */     \
    X(SHMEM, "shmem")               /* part of file                                         */     \
    X(FILE_MAPPED, "file_mapped")   /* part of file                                         */     \
    X(SWAP_CACHED, "swap_cached")   /* part of file                                         */     \
    X(UNMAPPED, "unmapped_cache")   /* file - file_mapped - swap_cached                     */     \
    X(KERNEL, "kernel")             /* holds the next six                                   */     \
    X(KERNEL_STACK, "kernel_stack") /* may lie in vmalloc, too                              */     \
    X(PAGE_TABLES, "page_tables")                                                                  \
    X(PERCPU, "percpu")                                                                            \
    X(SLAB, "slab")                                                                                \
    X(VMALLOC, "vmalloc")                                                                          \
    X(ZSWAP, "zswap") /* compressed; part of kernel                           */                   \
    X(SOCK, "sock")   /* v1: not part of charged                              */                   \
    X(SWAP, "swap")   /* on a device or in zswap: not part of charged         */

enum cgroup_figure {
#define CGROUP_FIGURE_CONSTANT(constant, key) CGROUP_FIGURE_##constant,
    CGROUP_FIGURES(CGROUP_FIGURE_CONSTANT)
#undef CGROUP_FIGURE_CONSTANT
        CGROUP_FIGURE_COUNT
};

/* Processes of a cgroup. Kernel threads and zombies have no memory and are not counted. */
struct cgroup_members {
    uint64_t processes;
    uint64_t unread;           /* of them without PSS                                        */
    uint64_t unread_rss_bytes; /* what these map at most, where status or statm tells        */
    bool unread_rss_complete;  /* it does for all of them                                    */
    bool split;                /* the next three are known for all                           */
    uint64_t pss_bytes;        /* of those read: the rollup's, else the sum over smaps       */
    uint64_t pss_anon_bytes, pss_file_bytes, pss_shmem_bytes;
    uint64_t rounding_bytes; /* pss_bytes may be less than true by so much: KiB of each figure   */
    uint64_t rollups;        /* whose figures are in the sums, each rounded by itself            */
};

/* Both unknown, or low <= high. */
struct cgroup_interval {
    struct amount low, high;
};

struct cgroup_usage {
    const struct cgroup_node *node;             /* borrowed                                */
    struct amount total[CGROUP_FIGURE_COUNT];   /* with everything below                   */
    struct amount own[CGROUP_FIGURE_COUNT];     /* without                                 */
    struct cgroup_members members, own_members; /* with everything below, and without      */
    struct amount limit, soft_limit, peak;      /* unknown: no limit, or no such file      */
    struct amount swap_limit;
    struct amount limit_hits, oom_kills; /* how often                               */
    /* Mapped pages charged here, by the share that processes elsewhere have in them; and pages that processes from here
     * map, by their share, charged elsewhere or nowhere. Of all below together; unknown at the root. */
    struct cgroup_interval used_elsewhere, charged_elsewhere;
};

struct cgroups {
    struct cgroup_tree tree;
    struct cgroup_usage *rows;      /* as tree.nodes                                              */
    struct cgroup_members unplaced; /* no cgroup file, or a path that is not below the root       */
    struct cgroup_members all;      /* every process of the snapshot                              */
    uint64_t removed;               /* processes whose own cgroup was removed, counted above it   */
    struct amount dying;            /* number of cgroups that were removed but live on            */
    const char *dying_source;       /* static; NULL: unknown                                      */
    struct amount counter_error;    /* bytes by which a figure of memory.stat may be late         */
};

/* False when memory ran out; *out is unchanged then. End with cgroups_deinit(), before the snapshot. */
bool cgroups_compute(const struct snapshot *snapshot, struct cgroups *out, struct failure *why);
void cgroups_deinit(struct cgroups *cgroups);
