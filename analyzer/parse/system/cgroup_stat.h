/* The memory files of one cgroup. Source: mm/memcontrol.c, mm/memcontrol-v1.c and kernel/cgroup/cgroup.c;
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst. */
#pragma once

#include "analyzer/parse/field_table.h"

/* memory.stat of v2, bytes; each with everything below. X(constant, key) */
#define CGROUP_V2_STAT_FIELDS(X)                                                                   \
    X(ANON, "anon")                                                                                \
    X(FILE, "file")                                                                                \
    X(KERNEL, "kernel")                                                                            \
    X(KERNEL_STACK, "kernel_stack")                                                                \
    X(PAGE_TABLES, "pagetables")                                                                   \
    X(SEC_PAGE_TABLES, "sec_pagetables")                                                           \
    X(PERCPU, "percpu")                                                                            \
    X(SOCK, "sock")                                                                                \
    X(VMALLOC, "vmalloc")                                                                          \
    X(SHMEM, "shmem")                                                                              \
    X(ZSWAP, "zswap")                                                                              \
    X(ZSWAPPED, "zswapped")                                                                        \
    X(FILE_MAPPED, "file_mapped")                                                                  \
    X(FILE_DIRTY, "file_dirty")                                                                    \
    X(FILE_WRITEBACK, "file_writeback")                                                            \
    X(SWAP_CACHED, "swapcached")                                                                   \
    X(ANON_THP, "anon_thp")                                                                        \
    X(INACTIVE_ANON, "inactive_anon")                                                              \
    X(ACTIVE_ANON, "active_anon")                                                                  \
    X(INACTIVE_FILE, "inactive_file")                                                              \
    X(ACTIVE_FILE, "active_file")                                                                  \
    X(UNEVICTABLE, "unevictable")                                                                  \
    X(SLAB_RECLAIMABLE, "slab_reclaimable")                                                        \
    X(SLAB_UNRECLAIMABLE, "slab_unreclaimable")                                                    \
    X(SLAB, "slab")                                                                                \
    X(HUGETLB, "hugetlb")

/* memory.stat of v1, bytes: first what is charged to the cgroup itself, then "total_" with everything
 * below it where memory.use_hierarchy is 1. */
#define CGROUP_V1_STAT_FIELDS(X)                                                                   \
    X(CACHE, "cache")                                                                              \
    X(RSS, "rss")                                                                                  \
    X(RSS_HUGE, "rss_huge")                                                                        \
    X(SHMEM, "shmem")                                                                              \
    X(MAPPED_FILE, "mapped_file")                                                                  \
    X(DIRTY, "dirty")                                                                              \
    X(WRITEBACK, "writeback")                                                                      \
    X(SWAP, "swap")                                                                                \
    X(SWAP_CACHED, "swapcached")                                                                   \
    X(INACTIVE_FILE, "inactive_file")                                                              \
    X(ACTIVE_FILE, "active_file")                                                                  \
    X(TOTAL_CACHE, "total_cache")                                                                  \
    X(TOTAL_RSS, "total_rss")                                                                      \
    X(TOTAL_RSS_HUGE, "total_rss_huge")                                                            \
    X(TOTAL_SHMEM, "total_shmem")                                                                  \
    X(TOTAL_MAPPED_FILE, "total_mapped_file")                                                      \
    X(TOTAL_DIRTY, "total_dirty")                                                                  \
    X(TOTAL_WRITEBACK, "total_writeback")                                                          \
    X(TOTAL_SWAP, "total_swap")                                                                    \
    X(TOTAL_SWAP_CACHED, "total_swapcached")                                                       \
    X(TOTAL_INACTIVE_FILE, "total_inactive_file")                                                  \
    X(TOTAL_ACTIVE_FILE, "total_active_file")

/* memory.events of v2: how often. */
#define CGROUP_EVENT_FIELDS(X)                                                                     \
    X(LOW, "low")                                                                                  \
    X(HIGH, "high")                                                                                \
    X(MAX, "max")                                                                                  \
    X(OOM, "oom")                                                                                  \
    X(OOM_KILL, "oom_kill")                                                                        \
    X(OOM_GROUP_KILL, "oom_group_kill")

enum cgroup_v2_stat_field {
#define CGROUP_CONSTANT(constant, key) CGROUP_V2_##constant,
    CGROUP_V2_STAT_FIELDS(CGROUP_CONSTANT)
#undef CGROUP_CONSTANT
        CGROUP_V2_STAT_COUNT
};

enum cgroup_v1_stat_field {
#define CGROUP_CONSTANT(constant, key) CGROUP_V1_##constant,
    CGROUP_V1_STAT_FIELDS(CGROUP_CONSTANT)
#undef CGROUP_CONSTANT
        CGROUP_V1_STAT_COUNT
};

enum cgroup_event {
#define CGROUP_CONSTANT(constant, key) CGROUP_EVENT_##constant,
    CGROUP_EVENT_FIELDS(CGROUP_CONSTANT)
#undef CGROUP_CONSTANT
        CGROUP_EVENT_COUNT
};

enum cgroup_version { CGROUP_VERSION_UNKNOWN, CGROUP_VERSION_1, CGROUP_VERSION_2 };

/* cgroup.stat of v2. */
struct cgroup_counts {
    uint64_t descendants, dying;
    bool has_dying;
};

/* The fields of memory.stat; *version tells which enum is the index of *out. Every other key is an extra. Fails as
 * field_table_parse() does, also when neither "anon" (v2) nor "cache" (v1) is there; then *out and *version
 * are unchanged. End with field_record_deinit(). */
bool cgroup_stat_parse(struct slice text, struct field_record *out, enum cgroup_version *version,
                       struct failure *why);

/* memory.events; index is enum cgroup_event. Required: max. */
bool cgroup_events_parse(struct slice text, struct field_record *out, struct failure *why);

/* cgroup.stat. Required: nr_descendants. */
bool cgroup_counts_parse(struct slice text, struct cgroup_counts *out, struct failure *why);

/* memory.current, memory.max, memory.usage_in_bytes, ...: one decimal, or the word "max" for no limit. Refuses
 * anything else; both results are unchanged then. *value is 0 with *is_max. */
bool cgroup_number_parse(struct slice text, uint64_t *value, bool *is_max, struct failure *why);
