/* What Shmem is made of, and who owns it: System V segments, tmpfs mounts, memfds and other files
 * without a name, shared anonymous memory. Also what nobody maps. */
#pragma once

#include "analyzer/account/object_usage.h"

/* X(constant, word) */
#define SHARED_KINDS(X)                                                                            \
    X(SYSV, "sysv")   /* shmget(2)                                                     */          \
    X(TMPFS, "tmpfs") /* all files of one file system                                  */          \
    X(MEMFD, "memfd") /* memfd_create(2)                                               */          \
    X(ANON, "anon")   /* mmap(MAP_SHARED | MAP_ANONYMOUS), also as /dev/zero           */          \
    X(FILE, "file")   /* a file of a tmpfs whose mount is not in the bundle            */          \
    X(GPU, "gpu")     /* buffers of a GPU driver, in shmem                             */

enum shared_kind {
#define SHARED_CONSTANT(constant, word) SHARED_##constant,
    SHARED_KINDS(SHARED_CONSTANT)
#undef SHARED_CONSTANT
        SHARED_KIND_COUNT
};

const char *shared_kind_word(enum shared_kind kind); /* static */

enum creator_state { CREATOR_UNKNOWN, CREATOR_LIVES, CREATOR_GONE };

const char *creator_state_word(enum creator_state state); /* static; NULL when unknown */

struct shared_owner {
    enum shared_kind kind;
    char name[96];          /* "shmid 3, key 0x5", mount point, "memfd:NAME" */
    struct amount resident; /* bytes in memory; of tmpfs and descriptors also what is in swap */
    struct amount swap;     /* bytes; only where the kernel says it apart */
    struct amount mapped;   /* part of it that processes map (sum of PSS) */
    uint64_t mappers;       /* processes that map it; attachments of a segment */
    uint64_t holders;       /* descriptors that hold it */
    bool unmapped;          /* nobody maps it: found only here */
    uint64_t creator_pid;   /* of a segment; 0 unknown */
    enum creator_state creator;
    struct amount uid;  /* of a segment: owner */
    const char *source; /* static */
};

struct shared_memory {
    struct shared_owner *rows; /* by resident, largest first */
    size_t count, capacity;
    uint64_t by_kind[SHARED_KIND_COUNT]; /* resident */
    uint64_t resident_bytes, unmapped_bytes;
    bool has_sysv, has_mounts, has_held, has_mappings; /* what could be looked at */
};

/* Fails when memory runs out. Free with shared_memory_deinit(). */
bool shared_memory_compute(const struct snapshot *snapshot, struct shared_memory *out,
                           struct failure *why);
void shared_memory_deinit(struct shared_memory *shared);
