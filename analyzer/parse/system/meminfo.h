/* /proc/meminfo. Source: fs/proc/meminfo.c, mm/hugetlb.c; meanings and spans of versions:
 * docs/accounting.md. All values in bytes, but the HugePages_* counts. */
#pragma once

#include "analyzer/parse/field_table.h"

/* X(constant, key, unit) in the order of the file */
#define MEMINFO_FIELDS(X)                                                                          \
    X(MEM_TOTAL, "MemTotal", UNIT_KIB)                                                             \
    X(MEM_FREE, "MemFree", UNIT_KIB)                                                               \
    X(MEM_AVAILABLE, "MemAvailable", UNIT_KIB)                                                     \
    X(BUFFERS, "Buffers", UNIT_KIB)                                                                \
    X(CACHED, "Cached", UNIT_KIB)                                                                  \
    X(SWAP_CACHED, "SwapCached", UNIT_KIB)                                                         \
    X(ACTIVE, "Active", UNIT_KIB)                                                                  \
    X(INACTIVE, "Inactive", UNIT_KIB)                                                              \
    X(ACTIVE_ANON, "Active(anon)", UNIT_KIB)                                                       \
    X(INACTIVE_ANON, "Inactive(anon)", UNIT_KIB)                                                   \
    X(ACTIVE_FILE, "Active(file)", UNIT_KIB)                                                       \
    X(INACTIVE_FILE, "Inactive(file)", UNIT_KIB)                                                   \
    X(UNEVICTABLE, "Unevictable", UNIT_KIB)                                                        \
    X(MLOCKED, "Mlocked", UNIT_KIB)                                                                \
    X(HIGH_TOTAL, "HighTotal", UNIT_KIB)                                                           \
    X(HIGH_FREE, "HighFree", UNIT_KIB)                                                             \
    X(LOW_TOTAL, "LowTotal", UNIT_KIB)                                                             \
    X(LOW_FREE, "LowFree", UNIT_KIB)                                                               \
    X(MMAP_COPY, "MmapCopy", UNIT_KIB)                                                             \
    X(SWAP_TOTAL, "SwapTotal", UNIT_KIB)                                                           \
    X(SWAP_FREE, "SwapFree", UNIT_KIB)                                                             \
    X(ZSWAP, "Zswap", UNIT_KIB)                                                                    \
    X(ZSWAPPED, "Zswapped", UNIT_KIB)                                                              \
    X(DIRTY, "Dirty", UNIT_KIB)                                                                    \
    X(WRITEBACK, "Writeback", UNIT_KIB)                                                            \
    X(ANON_PAGES, "AnonPages", UNIT_KIB)                                                           \
    X(MAPPED, "Mapped", UNIT_KIB)                                                                  \
    X(SHMEM, "Shmem", UNIT_KIB)                                                                    \
    X(K_RECLAIMABLE, "KReclaimable", UNIT_KIB)                                                     \
    X(SLAB, "Slab", UNIT_KIB)                                                                      \
    X(S_RECLAIMABLE, "SReclaimable", UNIT_KIB)                                                     \
    X(S_UNRECLAIM, "SUnreclaim", UNIT_KIB)                                                         \
    X(KERNEL_STACK, "KernelStack", UNIT_KIB)                                                       \
    X(SHADOW_CALL_STACK, "ShadowCallStack", UNIT_KIB)                                              \
    X(PAGE_TABLES, "PageTables", UNIT_KIB)                                                         \
    X(SEC_PAGE_TABLES, "SecPageTables", UNIT_KIB)                                                  \
    X(QUICKLISTS, "Quicklists", UNIT_KIB)                                                          \
    X(NFS_UNSTABLE, "NFS_Unstable", UNIT_KIB)                                                      \
    X(BOUNCE, "Bounce", UNIT_KIB)                                                                  \
    X(WRITEBACK_TMP, "WritebackTmp", UNIT_KIB)                                                     \
    X(COMMIT_LIMIT, "CommitLimit", UNIT_KIB)                                                       \
    X(COMMITTED_AS, "Committed_AS", UNIT_KIB_WRAPS)                                                \
    X(VMALLOC_TOTAL, "VmallocTotal", UNIT_KIB)                                                     \
    X(VMALLOC_USED, "VmallocUsed", UNIT_KIB_WRAPS)                                                 \
    X(VMALLOC_CHUNK, "VmallocChunk", UNIT_KIB)                                                     \
    X(PERCPU, "Percpu", UNIT_KIB)                                                                  \
    X(EARLY_MEMTEST_BAD, "EarlyMemtestBad", UNIT_KIB)                                              \
    X(HARDWARE_CORRUPTED, "HardwareCorrupted", UNIT_KIB)                                           \
    X(ANON_HUGE_PAGES, "AnonHugePages", UNIT_KIB)                                                  \
    X(SHMEM_HUGE_PAGES, "ShmemHugePages", UNIT_KIB)                                                \
    X(SHMEM_PMD_MAPPED, "ShmemPmdMapped", UNIT_KIB)                                                \
    X(FILE_HUGE_PAGES, "FileHugePages", UNIT_KIB)                                                  \
    X(FILE_PMD_MAPPED, "FilePmdMapped", UNIT_KIB)                                                  \
    X(CMA_TOTAL, "CmaTotal", UNIT_KIB)                                                             \
    X(CMA_FREE, "CmaFree", UNIT_KIB)                                                               \
    X(UNACCEPTED, "Unaccepted", UNIT_KIB)                                                          \
    X(BALLOON, "Balloon", UNIT_KIB)                                                                \
    X(GPU_ACTIVE, "GPUActive", UNIT_KIB)                                                           \
    X(GPU_RECLAIM, "GPUReclaim", UNIT_KIB)                                                         \
    X(HUGE_PAGES_TOTAL, "HugePages_Total", UNIT_COUNT)                                             \
    X(HUGE_PAGES_FREE, "HugePages_Free", UNIT_COUNT)                                               \
    X(HUGE_PAGES_RSVD, "HugePages_Rsvd", UNIT_COUNT)                                               \
    X(HUGE_PAGES_SURP, "HugePages_Surp", UNIT_COUNT)                                               \
    X(HUGE_PAGE_SIZE, "Hugepagesize", UNIT_KIB)                                                    \
    X(HUGETLB, "Hugetlb", UNIT_KIB)                                                                \
    X(DIRECT_MAP_4K, "DirectMap4k", UNIT_KIB)                                                      \
    X(DIRECT_MAP_2M, "DirectMap2M", UNIT_KIB)                                                      \
    X(DIRECT_MAP_4M, "DirectMap4M", UNIT_KIB)                                                      \
    X(DIRECT_MAP_1G, "DirectMap1G", UNIT_KIB)

enum meminfo_field {
#define MEMINFO_CONSTANT(constant, key, unit) MEMINFO_##constant,
    MEMINFO_FIELDS(MEMINFO_CONSTANT)
#undef MEMINFO_CONSTANT
        MEMINFO_FIELD_COUNT
};

/* Index of *out is enum meminfo_field. Owned by the caller: field_record_deinit(). */
bool meminfo_parse(struct slice text, struct field_record *out, struct failure *why);

/* The kernel's name of a field ("MemTotal"), static. */
const char *meminfo_field_name(enum meminfo_field field);

/* /sys/devices/system/node/nodeN/meminfo: the same keys, each behind "Node N ". Keys that only
 * nodes have (MemUsed, FilePages) are extras. Also gives the node's number. */
bool node_meminfo_parse(struct slice text, unsigned *node, struct field_record *out,
                        struct failure *why);
