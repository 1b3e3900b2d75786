/* From the free memory of the earlier bundle to that of the later one, step by step; and by what
 * causes the same change is made up. Both add up to it to the byte. */
#pragma once

#include "analyzer/account/ledger.h"

struct snapshot_diff;
struct ledger_change;

struct waterfall_step {
    const struct ledger_change *line; /* borrowed; NULL: all lines within noise together */
    int64_t change_bytes;             /* of free memory: what grows takes it             */
    int64_t left_bytes;               /* free memory behind this step                    */
};

/* What a change of free memory is put down to; they do not overlap. X(constant, word, label) */
#define DIFF_CAUSES(X)                                                                             \
    X(PROCESSES, "processes", "Processes (PSS)")                                                   \
    X(UNMAPPED, "unmapped", "Page cache and shared memory that no process maps")                   \
    X(SLAB, "slab", "Slab caches")                                                                 \
    X(VMALLOC, "vmalloc", "vmalloc callers")                                                       \
    X(LINES, "lines", "Other lines of the ledger")                                                 \
    X(PCP, "pcp", "Free, in per-CPU lists")                                                        \
    X(MEM_TOTAL, "mem_total", "Taken out of MemTotal")                                             \
    X(UNEXPLAINED, "unexplained", "Unexplained")

enum diff_cause {
#define DIFF_CAUSE_CONSTANT(constant, word, label) CAUSE_##constant,
    DIFF_CAUSES(DIFF_CAUSE_CONSTANT)
#undef DIFF_CAUSE_CONSTANT
        DIFF_CAUSE_COUNT
};

const char *diff_cause_word(enum diff_cause cause);  /* static */
const char *diff_cause_label(enum diff_cause cause); /* static */

struct diff_waterfall {
    bool known; /* both ledgers have a line for free memory; the rest is 0 otherwise */
    int64_t before_bytes, after_bytes, change_bytes; /* MemFree */
    uint64_t noise_bytes;
    bool beyond_noise;
    struct waterfall_step steps[2 * LEDGER_LINES_MAX + 3]; /* largest first, noise last */
    size_t step_count;
    /* What each cause took: their sum is what free memory lost. */
    int64_t cause_bytes[DIFF_CAUSE_COUNT];
};

/* Needs all other parts of `diff`. */
void diff_waterfall_compute(const struct snapshot_diff *diff, struct diff_waterfall *out);
