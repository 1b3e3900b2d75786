/* What groups of processes have of each object: sums, and bounds of what they hold once. */
#pragma once

#include "analyzer/account/object_cost.h"
#include "analyzer/account/process_group.h"

/* One group's part of one object. Huge pages are in hugetlb_bytes alone. */
struct object_group {
    size_t usage;     /* index into objects.usages */
    uint32_t group;   /* index into process_groups.groups */
    uint32_t sharers; /* address spaces */
    uint64_t rss_bytes, pss_bytes, uss_bytes, swap_bytes, hugetlb_bytes; /* sums over these */
    struct byte_range footprint;   /* distinct pages that the group maps */
    struct byte_range last_mapped; /* of these, what nobody else maps */
    struct byte_range with_others; /* of these, what others map too */
};

struct object_groups {
    struct object_group *rows; /* by object as in `chosen`, then by group */
    size_t count, capacity;
};

/* Of chosen usages (indexes into objects->usages). Bounds as in set_sharing.h, but over whole objects: a
 * little wider. Processes in no group are others. Fails when memory runs out. */
bool object_groups_compute(const struct snapshot *snapshot, const struct objects *objects,
                           const size_t *chosen, size_t count, const struct process_groups *groups,
                           struct object_groups *out, struct failure *why);
void object_groups_deinit(struct object_groups *rows);
