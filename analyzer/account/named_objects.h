/* Mapped memory whose name tells its owner, summed up over all processes. Works on snapshots
 * without mappings too: these mappings are always kept (mapping_name_tells_owner). */
#pragma once

#include "analyzer/account/shared_memory_index.h"
#include "analyzer/model/snapshot.h"

enum named_kind {
    NAMED_NOT, /* anything else */
    NAMED_SYSV,
    NAMED_MEMFD,
    NAMED_ANON,  /* MAP_SHARED | MAP_ANONYMOUS */
    NAMED_TMPFS, /* /dev/shm, or on a known mount */
    NAMED_GPU,   /* objects of GPU drivers made of shmem */
    NAMED_HUGE,  /* huge pages by name */
    NAMED_DRIVER /* pages of a driver, no page cache: packet rings, io_uring, perf buffers */
};

struct named_object {
    enum named_kind kind;
    uint32_t object; /* index into snapshot.mappings.objects */
    uint64_t inode;
    uint32_t device_major, device_minor;
    uint64_t pss_bytes;       /* rounded up to pages: so much of it is resident at least */
    uint64_t collector_bytes; /* part of the PSS that the collector and its readers have */
    uint64_t hugetlb_bytes;   /* above 0: made of huge pages, and no shared memory */
    uint64_t mappings, sharers;
};

/* Only objects that at least one mapping has and that are not NAMED_NOT, by kind, inode and device.
 * What lies on one of `mounts` (major, minor) is NAMED_TMPFS whatever its name, where its mappings
 * were kept. free() it. NULL when memory ran out. */
struct named_object *named_objects_find(const struct snapshot *snapshot,
                                        const struct shared_index *mounts, size_t *count);
