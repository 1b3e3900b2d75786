/* Who owns what meminfo sums up as Shmem: System V segments, tmpfs, memfd, shared anonymous memory,
 * objects of GPU drivers. Also pages of drivers that processes map. docs/accounting.md, 4.9. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

/* In the order in which parts are cut when they sum to more than Shmem: the last is the surest. */
enum shmem_part_kind {
    SHMEM_TMPFS,
    SHMEM_GPU,
    SHMEM_MEMFD,
    SHMEM_SHARED_ANON,
    SHMEM_SYSV,
    SHMEM_PART_COUNT
};

const char *shmem_part_word(enum shmem_part_kind kind); /* static: "tmpfs" */

struct shmem_part {
    bool known; /* the bundle says something of it; bytes may be 0 */
    uint64_t bytes, low_bytes, high_bytes;
    bool is_least; /* counted by what is mapped: there may be more */
    char source[160];
};

struct shmem_owner {
    enum shmem_part_kind kind;
    uint64_t bytes; /* as its source counts it: tmpfs and memfd may have part of it in swap */
    char name[128]; /* outside text: mount point, key of a segment, name of a memfd */
    char detail[96];
};

struct shmem_owners {
    bool known; /* at least one part is */
    struct shmem_part parts[SHMEM_PART_COUNT];
    uint64_t other_bytes, other_low_bytes, other_high_bytes; /* Shmem - parts, to the byte */
    struct shmem_owner *owners;                              /* owned; largest first */
    size_t owner_count, owner_capacity;
    uint64_t driver_pages_bytes; /* PSS of packet rings, io_uring, perf buffers: never Shmem */
    uint64_t dma_buf_bytes;      /* held by descriptors, each buffer once */
    size_t dma_bufs;
};

/* `shmem`: what the parts are to sum to. Fails only when memory runs out. */
bool shmem_owners_find(const struct snapshot *snapshot, struct amount shmem,
                       struct shmem_owners *out, struct failure *why);
void shmem_owners_deinit(struct shmem_owners *owners);
