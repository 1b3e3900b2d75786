/* What Shmem is made of, and who owns it: System V segments, tmpfs mounts, memfds and other files
 * without a name, shared anonymous memory, buffers of GPU drivers. Also what nobody maps, and what
 * looks like shared memory and is none. The ledger takes its sums by kind from here, kernel and
 * the rules its rows. docs/accounting.md, 4.9. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

/* X(constant, word, word of the ledger's line) */
#define SHARED_KINDS(X)                                                                            \
    X(SYSV, "sysv", "sysv")        /* shmget(2)                                            */      \
    X(TMPFS, "tmpfs", "tmpfs")     /* all files of one file system                         */      \
    X(MEMFD, "memfd", "memfd")     /* memfd_create(2)                                      */      \
    X(ANON, "anon", "shared_anon") /* mmap(MAP_SHARED | MAP_ANONYMOUS), also as /dev/zero  */      \
    X(FILE, "file", "tmpfs")       /* a file of a tmpfs whose mount is not in the bundle   */      \
    X(GPU, "gpu", "gpu")           /* buffers of a GPU driver, in shmem                    */

enum shared_kind {
#define SHARED_CONSTANT(constant, word, line) SHARED_##constant,
    SHARED_KINDS(SHARED_CONSTANT)
#undef SHARED_CONSTANT
        SHARED_KIND_COUNT
};

const char *shared_kind_word(enum shared_kind kind); /* static */
const char *shared_line_word(enum shared_kind kind); /* static: "user.shmem.WORD" */

enum creator_state { CREATOR_UNKNOWN, CREATOR_LIVES, CREATOR_GONE };

const char *creator_state_word(enum creator_state state); /* static; NULL when unknown */

struct shared_owner {
    enum shared_kind kind;
    char name[96];          /* "shmid 3, key 0x5", mount point, "memfd:NAME" */
    struct amount resident; /* bytes in memory; what is in swap, too, if counts_swap */
    struct amount swap;     /* bytes; only where the kernel says it apart */
    struct amount mapped;   /* part of it that processes map (sum of PSS) */
    uint64_t mappers;       /* processes that map it; attachments of a segment */
    uint64_t holders;       /* descriptors that hold it */
    uint64_t holder_pid;    /* the first process with such a descriptor; 0 none */
    bool unmapped;          /* nobody maps it: found only here */
    bool sized_by_mappings; /* resident is the sum of PSS, and at least so much */
    bool counts_swap;       /* blocks in swap are in resident */
    bool is_huge;           /* made of huge pages: in hugetlb, resident is 0 */
    bool may_be_huge;       /* nobody maps it, and its size fits */
    bool is_cut;            /* it was counted with more than Shmem has */
    uint64_t creator_pid;   /* of a segment; 0 unknown */
    enum creator_state creator;
    struct amount uid;  /* of a segment: owner */
    const char *source; /* static */

    uint64_t collector_bytes; /* part of it that the collector and its readers map (sum of PSS) */
};

/* Rows of one line of the ledger, at most Shmem in all. */
struct shared_part {
    bool known; /* the bundle says something of it; bytes may be 0 */
    uint64_t bytes, low_bytes, high_bytes;
    uint64_t noise_bytes; /* of rows sized by mappings: rounding of PSS, what the collector maps */
    bool is_least;        /* in part counted by what is mapped: there may be more */
    char source[160];
};

struct shared_memory {
    struct shared_owner *rows; /* owned; by resident, largest first */
    size_t count, capacity;
    struct shared_part parts[SHARED_KIND_COUNT];             /* of SHARED_FILE: in SHARED_TMPFS */
    uint64_t other_bytes, other_low_bytes, other_high_bytes; /* Shmem - parts, to the byte */
    bool has_parts;                                    /* Shmem and at least one part are known */
    uint64_t resident_bytes, unmapped_bytes;           /* of the rows */
    bool has_sysv, has_mounts, has_held, has_mappings; /* what could be looked at */
    uint64_t driver_pages_bytes;      /* PSS of packet rings, io_uring, perf buffers: never Shmem */
    uint64_t unmapped_packet_sockets; /* packet sockets of which nobody maps a ring */
    uint64_t dma_buf_bytes;           /* held by descriptors, each buffer once */
};

/* Fails when memory runs out. Free with shared_memory_deinit(). */
bool shared_memory_compute(const struct snapshot *snapshot, struct shared_memory *out,
                           struct failure *why);
void shared_memory_deinit(struct shared_memory *shared);
