/* Which processes of two snapshots are the same one, or the same program again.
 *
 * Within one boot PID and start time are one process; where a side does not know the start time the
 * PID decides. What is left was restarted if program, arguments and cgroup agree. The program is its
 * file and name (comm), or the name alone where the file is not known or another one. Of several that
 * agree the first goes with the first and so on, by start time, and how many could have been meant is
 * said. Between boots and machines the program alone must do in the end. */
#pragma once

#include "analyzer/model/snapshot.h"

/* What agreed, the strictest first. X(constant, word) */
#define PROCESS_BASES(X)                                                                           \
    X(IDENTITY, "identity")                      /* PID and start time                     */      \
    X(PARENT, "program+arguments+cgroup+parent") /* and the parents are a pair         */          \
    X(CGROUP, "program+arguments+cgroup")                                                          \
    X(ARGUMENTS, "program+arguments") /* of one boot: with no other candidate   */                 \
    X(SERVICE, "program+cgroup")      /* this and the next: of other boots only */                 \
    X(PROGRAM, "program")

enum process_basis {
#define PROCESS_BASIS_CONSTANT(constant, word) PROCESS_BASIS_##constant,
    PROCESS_BASES(PROCESS_BASIS_CONSTANT)
#undef PROCESS_BASIS_CONSTANT
        PROCESS_BASIS_COUNT
};

const char *process_basis_word(enum process_basis basis); /* static */

struct process_match {
    const struct process *before, *after; /* borrowed; NULL: new, gone                        */
    enum process_basis basis;             /* of a pair; above IDENTITY it was restarted       */
    uint32_t instance;                    /* of the restarted: its place among its like, from 1 */
    uint32_t candidates; /* of the restarted: how many were alike, on the side that has more;
                            of the new and gone: how many there were that were taken for others */
};

struct process_matches {
    struct process_match *matches; /* owned: pairs and what is left, each process once */
    size_t count;
};

/* False when memory ran out. */
bool process_match(const struct snapshot *before, const struct snapshot *after, bool same_boot,
                   struct process_matches *out);
void process_matches_deinit(struct process_matches *matches);
