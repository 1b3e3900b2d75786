/* Memory that is held in pools: percpu chunks, per-CPU free lists, sockets, compressed memory, huge
 * pages, CMA, DMA buffers, balloons, GPU pages. A row each, with the line of the ledger that has it. */
#pragma once

#include "analyzer/account/system_terms.h"

/* X(constant, word) in the order of the report */
#define POOL_KINDS(X)                                                                              \
    X(PERCPU, "percpu")                                                                            \
    X(FREE_LIST, "free list")                                                                      \
    X(SOCKETS, "sockets")                                                                          \
    X(ZRAM, "zram")                                                                                \
    X(ZSWAP, "zswap")                                                                              \
    X(KSM, "ksm")                                                                                  \
    X(HUGE_PAGES, "huge pages")                                                                    \
    X(CMA, "cma")                                                                                  \
    X(DMA_BUF, "dma-buf")                                                                          \
    X(BALLOON, "balloon")                                                                          \
    X(GPU, "gpu")

enum pool_kind {
#define POOL_CONSTANT(constant, word) POOL_##constant,
    POOL_KINDS(POOL_CONSTANT)
#undef POOL_CONSTANT
        POOL_KIND_COUNT
};

const char *pool_kind_word(enum pool_kind kind); /* static */

struct kernel_pool {
    enum pool_kind kind;
    char name[64];      /* "node 0 Normal", "TCP", "zram0", "2048 KiB on node 0", an exporter */
    bool on_node;       /* part of another row: huge pages of one node */
    struct amount size; /* RAM that it takes, in bytes */
    struct amount free, reserved, surplus; /* of size: huge pages, CMA; in bytes */
    struct amount original, compressed;    /* what was stored in it, and how small it became */
    struct amount count;                   /* pages, CPUs, buffers: what `count_of` says */
    const char *count_of;                  /* static; NULL without count */
    const char *line;   /* static: id of the ledger's line that has it; "" none, "residual" */
    const char *source; /* static */
};

struct kernel_pools {
    struct kernel_pool *rows; /* owned; by kind */
    size_t count, capacity;
};

/* Fails when memory runs out. Free with kernel_pools_deinit(). */
bool kernel_pools_compute(const struct snapshot *snapshot, const struct system_terms *terms,
                          struct kernel_pools *out, struct failure *why);
void kernel_pools_deinit(struct kernel_pools *pools);
