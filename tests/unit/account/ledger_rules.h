/* What holds for every ledger, whatever the kernel printed. */
#pragma once

#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/ledger.h"

/* Top lines and residual sum to MemTotal, children to their parent; ids are unique; no figure is
 * beyond what a machine can have; bounds enclose what they bound. */
void expect_ledger_rules(const struct ledger *ledger);

/* The same without sums, for figures so large that sums saturate. */
void expect_ledger_order(const struct ledger *ledger);

/* Computes, checks the rules, and fails the test if there is no ledger. */
void ledger_of(const struct snapshot *snapshot, struct ledger *ledger);

/* A figure in KiB; KIB_ABSENT: the ledger has no such line. */
#define KIB_ABSENT (-1)
void expect_line(const struct ledger *ledger, const char *id, int64_t kib);
void expect_bounds(const struct ledger *ledger, const char *id, uint64_t low_kib,
                   uint64_t high_kib);
void expect_residual(const struct ledger *ledger, int64_t kib);
/* A figure beside the tree, and the line that holds it. */
void expect_beside(const struct ledger *ledger, const char *id, uint64_t kib, const char *also_in);
void expect_no_beside(const struct ledger *ledger, const char *id);
/* Whether one of the notes holds these words. */
bool ledger_notes(const struct ledger *ledger, const char *words);
