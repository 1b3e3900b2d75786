/* What each process holds, from the best file that could be read, and what all hold together. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

/* What became of a process's memory figures. X(constant, word) */
#define PROCESS_STATES(X)                                                                          \
    X(READ, "read")                   /* smaps or rollup read to the end                     */    \
    X(KERNEL_THREAD, "kernel_thread") /* has no memory of its own                            */    \
    X(ZOMBIE, "zombie")               /* has none any more                                   */    \
    X(VANISHED, "vanished")                                                                        \
    X(REFUSED, "refused")                                                                          \
    X(TIMED_OUT, "timed_out") /* abandoned too                                       */            \
    X(CUT, "cut")             /* figures are lower bounds                            */            \
    X(ABSENT, "absent")       /* not in the bundle, and no journal says why          */            \
    X(FAILED, "failed")

enum process_read_state {
#define PROCESS_STATE_CONSTANT(constant, word) PROCESS_##constant##_STATE,
    PROCESS_STATES(PROCESS_STATE_CONSTANT)
#undef PROCESS_STATE_CONSTANT
        PROCESS_STATE_COUNT
};

const char *process_state_word(enum process_read_state state); /* static */

struct process_usage {
    const struct process *process; /* borrowed */
    enum process_read_state state;
    const char *source; /* "smaps", "smaps_rollup", "status", "statm", "none"; static */
    struct amount vss, rss, pss, uss, swap, swap_pss;
    struct amount hugetlb; /* private + shared */
    struct amount page_tables, locked, anon_huge_pages;
    struct amount pss_anon, pss_file, pss_shmem, pss_dirty; /* rollup only */
    struct amount freed_if_killed; /* USS + private hugetlb + page tables: a lower bound */
    uint64_t mappings;
    bool counted_before; /* set by who sums up: its address space is in the sum already */
};

void process_usage_compute(const struct snapshot *snapshot, const struct process *process,
                           struct process_usage *out);

/* Sums over all processes, each address space once. A sum leaves out what is unknown, and `unknown` counts it. */
struct process_totals {
    uint64_t processes, kernel_threads;
    uint64_t by_state[PROCESS_STATE_COUNT];
    struct amount vss, rss, pss, uss, swap, swap_pss, hugetlb, page_tables, freed_if_killed;
    struct amount pss_best;    /* rollup where read (one rounding), else smaps */
    uint64_t unread_rss_bytes; /* of processes whose smaps could not be read, by status or statm */
    uint64_t unread;           /* how many these are */
    uint64_t unread_by_state[PROCESS_STATE_COUNT];
    uint64_t mappings;
    uint64_t same_address_space; /* processes left out of the sums: their memory is another's */
};

void process_totals_compute(const struct snapshot *snapshot, struct process_totals *out);

/* Adds one process's figures; with counted_before, only that there is one more. */
void process_totals_add(struct process_totals *totals, const struct process_usage *usage);
