/* What sort of memory is mapped, as the kernel names it. */
#pragma once

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

/* Whether device and inode tell it: a file, or shared memory, which is a file inside the kernel. (A segment
 * of System V has its shmid for an inode, and the first one has 0.) */
bool object_has_inode(const struct mapped_object *object);
