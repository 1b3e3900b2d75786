/* Every cgroup of the bundle: its figures as its files print them. Who is whose parent is said in
 * account/cgroup_tree.h. Source: sys/fs/cgroup/ of cgroup v1 (below memory/) and v2. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/base/key_index.h"
#include "analyzer/parse/system/cgroup_stat.h"

/* Files of one number. X(constant, file, version): bytes but where the name says otherwise */
#define CGROUP_NUMBERS(X)                                                                          \
    X(V2_CURRENT, "memory.current", 2)                                                             \
    X(V2_PEAK, "memory.peak", 2)                                                                   \
    X(V2_LIMIT, "memory.max", 2)                                                                   \
    X(V2_HIGH, "memory.high", 2)                                                                   \
    X(V2_LOW, "memory.low", 2)                                                                     \
    X(V2_MIN, "memory.min", 2)                                                                     \
    X(V2_SWAP, "memory.swap.current", 2)                                                           \
    X(V2_SWAP_LIMIT, "memory.swap.max", 2)                                                         \
    X(V2_ZSWAP, "memory.zswap.current", 2)                                                         \
    X(V1_CURRENT, "memory.usage_in_bytes", 1)                                                      \
    X(V1_PEAK, "memory.max_usage_in_bytes", 1)                                                     \
    X(V1_LIMIT, "memory.limit_in_bytes", 1)                                                        \
    X(V1_SOFT_LIMIT, "memory.soft_limit_in_bytes", 1)                                              \
    X(V1_KERNEL, "memory.kmem.usage_in_bytes", 1)                                                  \
    X(V1_SOCK, "memory.kmem.tcp.usage_in_bytes", 1)                                                \
    X(V1_LIMIT_HITS, "memory.failcnt", 1)          /* times */                                     \
    X(V1_USE_HIERARCHY, "memory.use_hierarchy", 1) /* 1: figures hold what is below, too */

enum cgroup_number {
#define CGROUP_NUMBER_CONSTANT(constant, file, version) CGROUP_NUMBER_##constant,
    CGROUP_NUMBERS(CGROUP_NUMBER_CONSTANT)
#undef CGROUP_NUMBER_CONSTANT
        CGROUP_NUMBER_COUNT
};

#define CGROUP_STAT_CAPACITY 32

struct cgroup {
    uint32_t folder; /* string id: "sys/fs/cgroup/system.slice", no '/' at the end              */
    uint32_t numbers, unlimited;      /* bits by enum cgroup_number: read; the word "max"      */
    uint32_t stats, events;           /* bits of what memory.stat and memory.events had        */
    enum cgroup_version stat_version; /* whose enum is the index of stat[]; UNKNOWN: no stat   */
    uint64_t number[CGROUP_NUMBER_COUNT];
    uint64_t stat[CGROUP_STAT_CAPACITY];
    uint64_t event[CGROUP_EVENT_COUNT];
    struct amount descendants, dying; /* numbers, of cgroup.stat                               */
};

struct cgroup_table {
    struct cgroup *rows; /* in the order of the bundle */
    size_t count, capacity;
    struct key_index by_folder;
};

/* The row of a folder, zeroed but for its folder if new; NULL when memory ran out. Borrowed until the next
 * call. */
struct cgroup *cgroup_table_row(struct cgroup_table *table, uint32_t folder);
void cgroup_table_deinit(struct cgroup_table *table);

/* The number of a file; unknown when it is not there or says "max". */
struct amount cgroup_number(const struct cgroup *cgroup, enum cgroup_number number);
/* A field of memory.stat; unknown when it is of the other version or not printed. */
struct amount cgroup_v1_stat(const struct cgroup *cgroup, enum cgroup_v1_stat_field field);
struct amount cgroup_v2_stat(const struct cgroup *cgroup, enum cgroup_v2_stat_field field);
/* How often, of memory.events. */
struct amount cgroup_event_count(const struct cgroup *cgroup, enum cgroup_event event);

/* Has figures of memory of this version: a number that only this version has, or memory.stat in its form. */
bool cgroup_has_memory(const struct cgroup *cgroup, enum cgroup_version version);
