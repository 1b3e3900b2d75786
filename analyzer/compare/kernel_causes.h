/* What holds kernel memory and memory without processes, as amounts with names. For diff_kernel.c. */
#pragma once

#include "analyzer/account/cgroup_usage.h"
#include "analyzer/account/shared_memory.h"
#include "analyzer/compare/diff_named.h"
#include "analyzer/compare/snapshot_diff.h"

/* One side, and the other one: what that could not read is left out, for it must not look like
 * growth. */
struct kernel_side {
    const struct snapshot *snapshot, *other_snapshot;
    const struct kernel_usage *usage, *other_usage;
    const struct shared_memory *shared, *other_shared;
    const struct cgroups *cgroups, *other_cgroups;
    bool is_one_sided;                  /* some process could be read on one side only */
    const struct ledger *ledger;        /* NULL unless both have one            */
    const struct ledger_spread *spread; /* of this side; NULL unless both have  */
};

/* Names are borrowed from the side. False when memory ran out. */
bool kernel_causes_list(const struct kernel_side *side, struct named_list *list);
