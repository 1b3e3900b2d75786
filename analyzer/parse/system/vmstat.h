/* /proc/vmstat: lines "name number". nr_* are pages unless said otherwise, the rest are event
 * counts. Source: mm/vmstat.c. */
#pragma once

#include "analyzer/parse/field_table.h"

/* X(constant, key). Every other line is an extra with its name. */
#define VMSTAT_FIELDS(X)                                                                           \
    X(NR_FREE_PAGES, "nr_free_pages")                                                              \
    X(NR_FILE_PAGES, "nr_file_pages")                                                              \
    X(NR_ANON_PAGES, "nr_anon_pages")                                                              \
    X(NR_MAPPED, "nr_mapped")                                                                      \
    X(NR_SHMEM, "nr_shmem")                                                                        \
    X(NR_MLOCK, "nr_mlock")                                                                        \
    X(NR_ISOLATED_ANON, "nr_isolated_anon")                                                        \
    X(NR_ISOLATED_FILE, "nr_isolated_file")                                                        \
    X(NR_PAGE_TABLE_PAGES, "nr_page_table_pages")                                                  \
    X(NR_SEC_PAGE_TABLE_PAGES, "nr_sec_page_table_pages")                                          \
    X(NR_IOMMU_PAGES, "nr_iommu_pages")                                                            \
    X(NR_KERNEL_STACK, "nr_kernel_stack")                                                          \
    X(NR_ZSPAGES, "nr_zspages")                                                                    \
    X(NR_SWAPCACHED, "nr_swapcached")                                                              \
    X(NR_MEMMAP_PAGES, "nr_memmap_pages")                                                          \
    X(NR_MEMMAP_BOOT_PAGES, "nr_memmap_boot_pages")                                                \
    X(NR_HUGETLB, "nr_hugetlb")                                                                    \
    X(NR_BALLOON_PAGES, "nr_balloon_pages")                                                        \
    X(NR_VMALLOC, "nr_vmalloc")                                                                    \
    X(NR_GPU_ACTIVE, "nr_gpu_active")                                                              \
    X(NR_GPU_RECLAIM, "nr_gpu_reclaim")                                                            \
    X(NR_FREE_CMA, "nr_free_cma")                                                                  \
    X(NR_UNACCEPTED, "nr_unaccepted")                                                              \
    X(NR_ANON_TRANSPARENT_HUGEPAGES, "nr_anon_transparent_hugepages")                              \
    X(BALLOON_INFLATE, "balloon_inflate")                                                          \
    X(BALLOON_DEFLATE, "balloon_deflate")                                                          \
    X(PSWPIN, "pswpin")                                                                            \
    X(PSWPOUT, "pswpout")                                                                          \
    X(PGFAULT, "pgfault")                                                                          \
    X(PGMAJFAULT, "pgmajfault")                                                                    \
    X(OOM_KILL, "oom_kill")                                                                        \
    X(THP_ZERO_PAGE_ALLOC, "thp_zero_page_alloc")

enum vmstat_field {
#define VMSTAT_CONSTANT(constant, key) VMSTAT_##constant,
    VMSTAT_FIELDS(VMSTAT_CONSTANT)
#undef VMSTAT_CONSTANT
        VMSTAT_FIELD_COUNT
};

/* Index of *out is enum vmstat_field. Required: nr_free_pages. */
bool vmstat_parse(struct slice text, struct field_record *out, struct failure *why);

/* The kernel's name of a field ("nr_free_pages"), static. */
const char *vmstat_field_name(enum vmstat_field field);
