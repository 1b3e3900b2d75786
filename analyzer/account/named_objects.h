/* Mapped memory whose name tells its owner, summed up over all processes. Works on snapshots
 * without mappings too: these mappings are always kept (mapping_name_tells_owner). */
#pragma once

#include "analyzer/model/snapshot.h"

enum named_kind {
    NAMED_NOT, /* anything else */
    NAMED_SYSV,
    NAMED_MEMFD,
    NAMED_ANON,  /* MAP_SHARED | MAP_ANONYMOUS */
    NAMED_TMPFS, /* /dev/shm; tmpfs elsewhere cannot be told by name */
    NAMED_GPU,   /* objects of GPU drivers made of shmem */
    NAMED_HUGE,  /* huge pages by name */
    NAMED_DRIVER /* pages of a driver, no page cache: packet rings, io_uring, perf buffers */
};

struct named_object {
    enum named_kind kind;
    uint32_t object; /* index into snapshot.mappings.objects */
    uint64_t inode;
    uint32_t device_major, device_minor;
    uint64_t pss_bytes;     /* rounded up to pages: so much of it is resident at least */
    uint64_t hugetlb_bytes; /* above 0: made of huge pages, and no shared memory */
    uint64_t mappings, sharers;
};

/* Only objects that at least one mapping has and that are not NAMED_NOT, by kind, inode and device.
 * free() it. NULL when memory ran out. */
struct named_object *named_objects_find(const struct snapshot *snapshot, size_t *count);

/* One of a kind and inode; with `device` also of that device ({major, minor}). NULL: there is none. */
const struct named_object *named_object_of_inode(const struct named_object *objects, size_t count,
                                                 enum named_kind kind, uint64_t inode,
                                                 const uint64_t *device);
