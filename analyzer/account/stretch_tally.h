/* What a set of processes has in a stretch: the sums that sharing_bounds.h asks for. */
#pragma once

#include "analyzer/account/shared_stretches.h"
#include "analyzer/account/sharing_bounds.h"

struct stretch_tally {
    struct shared_sum base, huge;
    uint64_t anon_bytes, file_bytes; /* shared pages of either sort, at most */
    uint64_t
        repeated_bytes; /* of base pages, those that one process alone may map twice, at most */
};

/* Adds all parts that one process has in a stretch: one unit where they do not overlap. */
void stretch_tally_add_process(const struct snapshot *snapshot, const struct stretch_part *parts,
                               size_t count, struct stretch_tally *tally);

/* Pages without a file among `bytes` of one sort, private or shared, when the other sort has `others` of
 * the mapping. */
struct byte_range smaps_anonymous_part(uint64_t anonymous, uint64_t bytes, uint64_t others);
