/* Which reading of the machine the ledger stands on: the one of proc/, unless the others show that
 * this one was torn. docs/accounting.md, section 2. */
#pragma once

#include "analyzer/account/ledger.h"

struct chosen_reading {
    /* The snapshot with the chosen reading as system.now, and the one of proc/ among the samples in
     * its place. Borrows all but the list of samples, so it must not outlive the snapshot. */
    struct snapshot snapshot;
    bool is_exchanged;          /* it is not that of proc/                            */
    unsigned number;            /* samples/NUMBER; valid if is_exchanged              */
    int64_t first_bytes;        /* the residual by proc/ ...                          */
    int64_t median_bytes;       /* ... and in the middle of all; valid if is_exchanged */
    struct amount vmalloc_used; /* of proc/, which was read together with vmallocinfo */
};

/* Fails only without memory; where there is nothing to choose from it is proc/. */
bool reading_choose(const struct snapshot *snapshot, struct chosen_reading *out,
                    struct failure *why);
void chosen_reading_deinit(struct chosen_reading *reading);

/* The residual by one reading. `vmalloc_used` as in chosen_reading. False when the reading lacks
 * meminfo or zoneinfo, or is of another MemTotal than `mem_total_bytes`. `scratch` is overwritten. */
bool reading_residual(const struct snapshot *snapshot, const struct system_sample *sample,
                      uint64_t mem_total_bytes, struct amount vmalloc_used, struct ledger *scratch,
                      int64_t *residual_bytes);
