/* Which mappings of two processes are the same memory.
 *
 * Of one process: what maps the same object (files: the same part of it) at addresses that overlap.
 * Several on one side were split or merged. What is at another address with all else equal was moved,
 * if only one can be meant. Of a process that was started again addresses say nothing: there it is
 * object name, permissions and offset, for memory without a name those of the file it follows (bss).
 * What is equal in all of these is one match, however many it is on each side. */
#pragma once

#include "analyzer/compare/object_match.h"

/* X(constant, word) */
#define MAPPING_STATUSES(X)                                                                        \
    X(SAME, "same")     /* of the same size, perhaps with other pages                      */      \
    X(GROWN, "grown")   /* at either end                                                   */      \
    X(SHRUNK, "shrunk") /* at either end                                                   */      \
    X(SPLIT, "split")   /* into more than before: by mprotect, munmap of a part, ...       */      \
    X(MERGED, "merged") /* into fewer than before                                          */      \
    X(MOVED, "moved")   /* to another address, with its pages                              */      \
    X(NEW, "new")                                                                                  \
    X(GONE, "gone")

enum mapping_status {
#define MAPPING_STATUS_CONSTANT(constant, word) MAPPING_##constant,
    MAPPING_STATUSES(MAPPING_STATUS_CONSTANT)
#undef MAPPING_STATUS_CONSTANT
        MAPPING_STATUS_COUNT
};

const char *mapping_status_word(enum mapping_status status); /* static */

/* Mappings of the earlier process that are those of the later one. Each mapping is in one match. */
struct mapping_match {
    enum mapping_status status;
    uint32_t before_count, after_count; /* one of them may be 0                                */
    uint32_t before_first, after_first; /* into mapping_matches.before and .after              */
};

/* Of one pair of processes; the arrays are used again for the next pair. */
struct mapping_matches {
    struct mapping_match *matches;
    const struct mapping **before, **after; /* borrowed; those of a match one after the other,
                                               in the order of their addresses */
    size_t count;
};

struct mapping_matcher;

/* Everything must outlive it. NULL when memory ran out. */
struct mapping_matcher *mapping_matcher_create(const struct snapshot *before,
                                               const struct snapshot *after,
                                               const struct object_matches *objects);
void mapping_matcher_free(struct mapping_matcher *matcher); /* NULL is fine */

/* `before` and `after` are one process that still runs the same program. The result is the
 * matcher's, until the next call. NULL when memory ran out. */
const struct mapping_matches *mapping_match_same(struct mapping_matcher *matcher,
                                                 const struct process *before,
                                                 const struct process *after);

/* Two runs of one program, or one process that became another program. */
const struct mapping_matches *mapping_match_restarted(struct mapping_matcher *matcher,
                                                      const struct process *before,
                                                      const struct process *after);

/* All mappings of a process that is on one side only. */
const struct mapping_matches *mapping_match_one_side(struct mapping_matcher *matcher,
                                                     const struct process *process, bool is_after);
