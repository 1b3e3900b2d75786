/* By how much the figures of one ledger moved while its bundle was taken: largest minus smallest
 * over all readings, and by how much sums of PSS are off. What differs by no more between two
 * bundles need not have changed. */
#pragma once

#include "analyzer/account/ledger.h"

struct ledger_spread {
    uint64_t mem_total_bytes, residual_bytes;
    uint64_t line_bytes[LEDGER_LINES_MAX];    /* by index, as the ledger's */
    uint64_t beside_bytes[LEDGER_BESIDE_MAX]; /* by index, as the ledger's */
};

/* `ledger` is that of the snapshot. Of one reading only sums of PSS have a spread. Fails only without
 * memory. */
bool ledger_spread_compute(const struct snapshot *snapshot, const struct ledger *ledger,
                           struct ledger_spread *out, struct failure *why);
