/* By how much a figure may differ between two bundles although nothing happened between them: what
 * moved while each was taken, counters that CPUs hold back, and figures that the kernel cuts to
 * whole KiB. Less is not called a change. docs/accounting.md, section "Differences". */
#pragma once

#include "analyzer/account/ledger_spread.h"
#include "analyzer/account/process_usage.h"

struct diff_noise {
    uint64_t drift_bytes;       /* of one counter of pages, in both bundles together */
    uint64_t stack_drift_bytes; /* of the counter of kernel stacks                   */
    struct ledger_spread before, after;
};

/* `before_ledger` and `after_ledger` are those of the snapshots. Fails only without memory. */
bool diff_noise_compute(const struct snapshot *before, const struct ledger *before_ledger,
                        const struct snapshot *after, const struct ledger *after_ledger,
                        struct diff_noise *out, struct failure *why);

/* Of a line, a figure beside them, the residual or MemTotal. Unknown ids have none. */
uint64_t diff_noise_of_line(const struct diff_noise *noise, const struct ledger *before_ledger,
                            const struct ledger *after_ledger, const char *id);
uint64_t diff_noise_of_beside(const struct diff_noise *noise, const struct ledger *before_ledger,
                              const struct ledger *after_ledger, const char *id);

/* What RSS and swap of a process moved between the two times that its bundle looked at it, in both
 * bundles together. Either may be NULL. 0 where a bundle looked once. */
uint64_t diff_noise_of_process(const struct process *before, const struct process *after);

/* PSS is cut to whole KiB in each mapping: sums of so many can differ by this. */
uint64_t diff_noise_of_pss(uint64_t mappings_before, uint64_t mappings_after);

/* More than noise, in either direction. */
bool exceeds_noise(int64_t change_bytes, uint64_t noise_bytes);
