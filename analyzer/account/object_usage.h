/* Memory by what is mapped: files, shared memory, anonymous memory by name; with its sharers. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

/* X(constant, word) */
#define OBJECT_KINDS(X)                                                                            \
    X(FILE, "file")       /* a path                                                      */        \
    X(SHMEM, "shmem")     /* shared anonymous, POSIX shm, tmpfs by /dev/shm and /dev/zero */       \
    X(MEMFD, "memfd")     /* /memfd:NAME                                                 */        \
    X(SYSV, "sysv")       /* /SYSV00001234                                               */        \
    X(HUGETLB, "hugetlb") /* /anon_hugepage, or mapped with huge pages                   */        \
    X(DEVICE, "device")   /* below /dev                                                  */        \
    X(ANON, "anon")       /* no name, or [anon:NAME]                                     */        \
    X(HEAP, "heap")       /* [heap]                                                      */        \
    X(STACK, "stack")     /* [stack], [stack:TID]                                        */        \
    X(SPECIAL, "special") /* [vdso], [vvar], [vsyscall], anon_inode:...                  */

enum object_kind {
#define OBJECT_KIND_CONSTANT(constant, word) OBJECT_##constant,
    OBJECT_KINDS(OBJECT_KIND_CONSTANT)
#undef OBJECT_KIND_CONSTANT
        OBJECT_KIND_COUNT
};

const char *object_kind_word(enum object_kind kind); /* static */
enum object_kind object_kind_of(const struct snapshot *snapshot,
                                const struct mapped_object *object);

/* One process's part of an object. */
struct object_sharer {
    uint32_t process; /* index into snapshot.processes */
    uint32_t object;  /* index into snapshot.mappings.objects */
    uint32_t mappings;
    uint64_t size_bytes, rss_bytes, pss_bytes, uss_bytes, swap_bytes, hugetlb_bytes;
};

struct object_usage {
    uint32_t object; /* index into snapshot.mappings.objects */
    enum object_kind kind;
    bool deleted; /* the name ends in " (deleted)" */
    uint64_t mappings;
    uint64_t size_bytes, rss_bytes, pss_bytes, uss_bytes, swap_bytes;
    uint64_t hugetlb_bytes; /* summed over sharers: shared ones count in each */
    uint64_t
        resident_bytes; /* once: the sum of PSS; exact to 1 KiB a mapping when all mappers were read */
    size_t first_sharer, sharer_count; /* in objects.sharers, by PID */
};

struct objects {
    struct object_usage
        *usages; /* one an object that at least one mapping has; by PSS, largest first */
    size_t count;
    struct object_sharer *sharers;
    size_t sharer_count, sharer_capacity;
    bool all_mappers_read; /* no process was refused, vanished or cut */
};

/* Which mappings count. NULL filters nothing. */
typedef bool (*process_filter)(void *context, const struct snapshot *snapshot,
                               const struct process *process);

bool objects_compute(const struct snapshot *snapshot, process_filter filter, void *context,
                     struct objects *out, struct failure *why);
/* No process was refused, vanished or cut. */
bool objects_all_mappers_read(const struct snapshot *snapshot);
void objects_deinit(struct objects *objects);
