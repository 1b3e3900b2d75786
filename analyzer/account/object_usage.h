/* Memory by what is mapped: files, shared memory, anonymous memory by name; with its sharers. */
#pragma once

#include "analyzer/account/object_identity.h"
#include "analyzer/account/object_kind.h"
#include "analyzer/model/snapshot.h"

/* One process's part of an object. */
struct object_sharer {
    uint32_t process; /* index into snapshot.processes: of those with one address space the first */
    uint32_t object;  /* as in object_usage */
    uint32_t mappings;
    uint32_t rounded_mappings; /* of these with shared pages: their PSS was rounded */
    bool may_be_merged;        /* by KSM, with pages of others, too */
    uint64_t size_bytes, rss_bytes, pss_bytes, uss_bytes, swap_bytes, hugetlb_bytes;
    uint64_t huge_private_bytes; /* in hugetlb_bytes: mapped by no other process                */
    uint64_t huge_largest_bytes; /* shared ones of the mapping that has most                    */
    uint64_t swap_pss_bytes;     /* its part of what is swapped; all, if the kernel tells no part */
    uint64_t swap_shmem_bytes;   /* in swap_bytes: of shared memory, of which no part is told     */
};

struct object_usage {
    uint32_t
        object; /* index into snapshot.mappings.objects: the one that stands for all its paths */
    enum object_kind kind;
    bool deleted;  /* no path is left of it */
    bool replaced; /* deleted, and its path leads to another file */
    bool may_be_merged;
    uint64_t mappings, rounded_mappings;
    uint64_t size_bytes, rss_bytes, pss_bytes, uss_bytes, swap_bytes;
    uint64_t hugetlb_bytes; /* summed over sharers: shared ones count in each */
    uint64_t
        resident_bytes; /* once: the sum of PSS; exact to 1 KiB a mapping when all mappers were read */
    uint64_t swap_pss_bytes;
    uint64_t swap_shmem_bytes; /* of the sharer with most: the others map the same, or less */
    size_t first_sharer, sharer_count; /* in objects.sharers, by PID */
};

struct objects {
    struct object_usage
        *usages; /* one an object that at least one mapping has; by PSS, largest first */
    size_t count;
    struct object_sharer *sharers;
    size_t sharer_count, sharer_capacity;
    struct object_identities identities; /* which paths are one object */
    bool all_mappers_read;               /* no process was refused, vanished or cut */
    bool hugetlb_told; /* smaps has huge pages: since 4.4; else hugetlb_bytes is 0 for not known */
    bool
        all_mappers_known; /* and none can be hidden: the bundle is whole, kernel threads are seen */
};

/* Which processes count. NULL filters nothing. An address space counts once, whoever has it. */
typedef bool (*process_filter)(void *context, const struct snapshot *snapshot,
                               const struct process *process);

bool objects_compute(const struct snapshot *snapshot, process_filter filter, void *context,
                     struct objects *out, struct failure *why);
/* No process was refused, vanished or cut. */
bool objects_all_mappers_read(const struct snapshot *snapshot);
void objects_deinit(struct objects *objects);
