/* Trends over three or more snapshots, of which one is in memory at a time: ledger lines, processes,
 * programs, objects and kernel causes, and where they are asked for groups, classes and mappings, each
 * with its change, its slope and what it looks like. */
#pragma once

#include "analyzer/compare/snapshot_diff.h"
#include "analyzer/compare/trend_order.h"
#include "analyzer/compare/trend_table.h"

struct trends {
    struct trend_order order;
    struct trend_table table;
    struct diff_scope scope; /* which processes, and how they are grouped, if at all; borrowed */
    enum trend_level level;  /* what is asked for; TREND_LEVEL_COUNT: no level alone */
    uint32_t next;           /* of order.bundles: those before it were added */
    uint64_t incomplete;     /* bundles that were cut */
    bool by_program;         /* hosts or boots differ: PIDs cannot be matched */
    size_t *rows;            /* all entries in the order of printing; set by trends_finish() */
    size_t level_start[TREND_LEVEL_COUNT + 1]; /* its rows: [level] up to [level + 1] */
    uint64_t steady;                           /* how many grow steadily */
    bool changed;                              /* something is beyond noise */
};

/* Takes over `order`, sorted. `scope` limits processes and objects, not ledger and kernel. Classes and
 * mappings have trends only if `level` is theirs: there are many. */
bool trends_init(struct trends *trends, struct trend_order *order, const struct diff_scope *scope,
                 enum trend_level level, struct failure *why);
void trends_deinit(struct trends *trends);

/* The next snapshot in the order of time: that of order.bundles[next]. It is not kept. Fails with
 * FAILURE_USAGE when the scope's groups are none. */
bool trends_add(struct trends *trends, const struct snapshot *snapshot, struct failure *why);

/* Judges and sorts: steady growth first, then by the size of the change. */
bool trends_finish(struct trends *trends, struct failure *why);
