/* Memory by class of mapping (account/mapping_class.h), before and after. */
#pragma once

#include "analyzer/account/mapping_totals.h"
#include "analyzer/compare/snapshot_diff.h"

struct class_change {
    unsigned mapping_class; /* enum mapping_class */
    struct mapping_sums before, after;
    int64_t change_bytes; /* of PSS */
    int64_t rss_change, swap_change, hugetlb_change;
    uint64_t noise_bytes; /* of change_bytes: rounding */
    bool beyond_noise;
};

/* Classes that any mapping of either side has, largest change first. */
struct class_changes {
    struct class_change rows[MAPPING_CLASS_COUNT];
    size_t count;
};

/* Over the processes in the diff's scope without the collector, each address space once. Takes as long
 * as labelling all mappings of both sides, so it is not part of the diff. Fails without memory. */
bool class_changes_compute(const struct snapshot_diff *diff, struct class_changes *out,
                           struct failure *why);

/* The class's id, static. */
const char *class_change_id(const struct class_change *change);
