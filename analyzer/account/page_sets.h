/* Sets of processes that map the same pages, each kept once. */
#pragma once

#include "analyzer/account/page_sweep.h"

struct page_set {
    uint64_t hash;
    size_t first_member; /* in page_sets.members: indexes into snapshot.processes, ascending */
    uint32_t count;
};

struct page_sets {
    struct page_set *sets;
    size_t count, capacity;
    uint32_t *members;
    size_t member_count, member_capacity;
    uint32_t *buckets; /* by hash: set + 1, open addressing */
    size_t bucket_count;
};

/* The set of a segment's processes, added if new. False when memory ran out. Reorders
 * segment->processes. */
bool page_sets_find(struct page_sets *sets, const struct page_segment *segment, uint32_t *set);
void page_sets_deinit(struct page_sets *sets);
