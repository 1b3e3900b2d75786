/* User memory counted three ways, side by side, each with hugetlb; what each differs by from the
 * ledger's own count, and why. docs/accounting.md, section 6. */
#pragma once

#include "analyzer/account/process_usage.h"
#include "analyzer/account/system_terms.h"

#define DECOMPOSITION_PARTS_MAX   8
#define DECOMPOSITION_REASONS_MAX 8
#define DECOMPOSITION_COUNT       3

struct decomposition_part {
    const char *id, *label, *source; /* static */
    uint64_t bytes;
};

/* One cause of the difference, with the least and the most that it adds to it; below 0 where it
 * makes this form smaller. */
struct decomposition_reason {
    const char *id; /* static */
    int64_t low_bytes, high_bytes;
    char text[160]; /* says figures of this machine */
};

struct decomposition {
    const char *id, *title; /* static */
    bool known;             /* false: a field is missing, and there is no total */
    struct decomposition_part parts[DECOMPOSITION_PARTS_MAX]; /* sum to total_bytes */
    size_t part_count;
    uint64_t total_bytes;
    int64_t difference_bytes; /* total - (the ledger's user + hugetlb) */
    struct decomposition_reason reasons[DECOMPOSITION_REASONS_MAX];
    size_t reason_count;
    int64_t unexplained_bytes; /* what of the difference lies beyond all reasons */
};

/* `user_bytes`: the ledger's line. Fills all three: by LRU list, by page cache, by process. */
void decompositions_compute(const struct snapshot *snapshot, const struct system_terms *terms,
                            uint64_t user_bytes, struct decomposition out[DECOMPOSITION_COUNT]);
