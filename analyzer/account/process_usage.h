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

/* Figures that add up over processes. Bytes, but for the last three, which are numbers. X(name) */
#define PROCESS_AMOUNTS(X)                                                                         \
    X(vss)                                                                                         \
    X(rss)                                                                                         \
    X(pss)                                                                                         \
    X(uss)                                                                                         \
    X(swap)                                                                                        \
    X(swap_pss)                                                                                    \
    X(epss)    /* PSS + SwapPss; PSS alone where nothing is swapped out        */                  \
    X(virt)    /* these three are the kernel's counters of statm, else status, */                  \
    X(res)     /* as top shows them: RES may be some pages beside RSS, which   */                  \
    X(shr)     /* smaps counts anew; SHR is the file and shmem pages of RES    */                  \
    X(hugetlb) /* private + shared                                             */                  \
    X(page_tables)                                                                                 \
    X(kernel_stacks) /* threads x stack size: see process_usage_add_stacks()         */            \
    X(locked)                                                                                      \
    X(anon_huge_pages)                                                                             \
    X(pss_anon) /* these three: rollup only                                          */            \
    X(pss_file)                                                                                    \
    X(pss_shmem)                                                                                   \
    X(pss_dirty)                                                                                   \
    X(freed_if_killed) /* USS + private hugetlb + page tables + kernel stacks: at least */         \
    X(threads)                                                                                     \
    X(minor_faults)                                                                                \
    X(major_faults)

#define PROCESS_AMOUNT_MEMBER(name) struct amount name;
struct process_usage {
    const struct process *process; /* borrowed */
    enum process_read_state state;
    const char *source; /* "smaps", "smaps_rollup", "status", "statm", "none"; static */
    PROCESS_AMOUNTS(PROCESS_AMOUNT_MEMBER)
    uint64_t mappings;
    bool counted_before; /* set by who sums up: its address space is in the sum already */
};

/* All but the kernel stacks, whose size is found once a snapshot. */
void process_usage_compute(const struct snapshot *snapshot, const struct process *process,
                           struct process_usage *out);

/* RSS, also where smaps was not read to its end and its sum is a lower bound: then what the kernel counts
 * in statm or status. */
struct amount process_rss_at_most(const struct process_usage *usage);

/* A kernel thread, or what has ended: no memory of its own, and none unread. */
bool process_usage_has_none(const struct process_usage *usage);

/* Its smaps stopped before its end, and no rollup tells the rest: the figures are lower bounds. */
bool process_usage_is_cut(const struct process_usage *usage);

/* Adds the stacks of its threads, also to what is freed if it is killed. Nothing changes where the
 * size is unknown, or the process has ended or is a kernel thread. */
void process_usage_add_stacks(struct process_usage *usage, struct amount stack_size);

/* Narrows the figures to the mappings of chosen objects (chosen[index into mappings.objects]).
 * What is no mapping's becomes unknown: page tables, stacks, the split of PSS, what is freed. */
void process_usage_narrow(const struct snapshot *snapshot, const bool *chosen,
                          struct process_usage *usage);

/* Sums over processes, each address space once. Kernel threads add nothing; a figure that is unknown
 * is left out and counted. */
struct process_totals {
    uint64_t processes, kernel_threads;
    uint64_t by_state[PROCESS_STATE_COUNT];
    PROCESS_AMOUNTS(PROCESS_AMOUNT_MEMBER)
    struct { /* processes whose figure is not in the sum */
#define PROCESS_AMOUNT_UNKNOWN(name) uint64_t name;
        PROCESS_AMOUNTS(PROCESS_AMOUNT_UNKNOWN)
#undef PROCESS_AMOUNT_UNKNOWN
    } unknown;
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
