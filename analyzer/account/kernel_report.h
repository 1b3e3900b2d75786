/* All that `memtally kernel` tells: the causes of kernel memory, who holds it, and how the parts of
 * each relate to the figure that the kernel prints for the same thing. */
#pragma once

#include "analyzer/account/kernel_holders.h"
#include "analyzer/account/kernel_pools.h"
#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/shared_memory.h"
#include "analyzer/base/checked_math.h"

/* X(constant, word): parts that can be asked for alone */
#define KERNEL_SECTIONS(X)                                                                         \
    X(SLAB, "slab")                                                                                \
    X(VMALLOC, "vmalloc")                                                                          \
    X(MODULES, "modules")                                                                          \
    X(PROCESSES, "processes")                                                                      \
    X(POOLS, "pools")                                                                              \
    X(SHARED, "shared")

enum kernel_section {
#define KERNEL_SECTION_CONSTANT(constant, word) KERNEL_##constant##_SECTION,
    KERNEL_SECTIONS(KERNEL_SECTION_CONSTANT)
#undef KERNEL_SECTION_CONSTANT
        KERNEL_SECTION_COUNT
};

const char *kernel_section_word(enum kernel_section section); /* static */

/* The sum of parts beside one figure, and why they differ. */
struct kernel_balance {
    enum kernel_section section;
    const char *id;    /* static, stable: "slab", "kernel_stacks" */
    const char *parts; /* static: what was summed */
    const char *whole; /* static: the figure, "meminfo Slab" */
    uint64_t parts_bytes, whole_bytes;
    char reason[240]; /* of the difference; "" where there is none */
};

#define KERNEL_BALANCES_MAX 12

/* whole - parts */
static inline int64_t kernel_balance_difference(const struct kernel_balance *balance)
{
    return to_signed(balance->whole_bytes) - to_signed(balance->parts_bytes);
}

struct kernel_report {
    struct kernel_usage usage;
    struct kernel_holders holders;
    struct kernel_pools pools;
    struct shared_memory shared;
    bool has_terms; /* meminfo was there */
    struct system_terms terms;
    struct kernel_balance balances[KERNEL_BALANCES_MAX];
    size_t balance_count;
};

/* Fails when memory runs out, or when the page size is not known. Free with kernel_report_deinit(). */
bool kernel_report_compute(const struct snapshot *snapshot, struct kernel_report *out,
                           struct failure *why);
void kernel_report_deinit(struct kernel_report *report);

/* kernel_balance.c: fills report->balances from the rest. */
void kernel_report_balance(const struct snapshot *snapshot, struct kernel_report *report);
