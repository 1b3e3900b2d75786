/* The parts of snapshot_diff_compute(), a file each. Not for other layers. */
#pragma once

#include "analyzer/compare/snapshot_diff.h"

bool diff_ledgers(struct snapshot_diff *diff, struct failure *why);
bool diff_processes(struct snapshot_diff *diff, struct failure *why);
bool diff_objects(struct snapshot_diff *diff, struct failure *why);
bool diff_kernels(struct snapshot_diff *diff, struct failure *why);

/* The mappings of one change of a process that differ, from diff->mapping_count on, largest change
 * first. `change` has its status, and both processes where there are two. */
bool diff_mappings(struct snapshot_diff *diff, struct mapping_matcher *matcher,
                   const struct process_change *change);

/* It lived, and had mappings that nobody saw, or not all. */
bool process_side_is_unread(const struct process_usage *side);

/* Once is_one_sided is known: where it is set, shared memory that only processes tell of is no change. */
void diff_ledgers_quiet_shared(struct snapshot_diff *diff);

/* Whether a line, a part of `parent`, is known from who maps or holds it, and from no file of its own. */
bool ledger_line_is_told_by_processes(struct slice id, struct slice parent);

/* after - before, clamped. */
int64_t difference(uint64_t before, uint64_t after);

/* Descending by absolute value. */
int compare_magnitudes(int64_t a, int64_t b);

/* What the collector maps of an object, readers included: sum of PSS. `usage` may be NULL. */
uint64_t diff_collectors_part(const struct snapshot *snapshot, const struct objects *objects,
                              const struct object_usage *usage);

/* A process_filter; `scope` is a struct diff_scope. */
bool in_scope(void *scope, const struct snapshot *snapshot, const struct process *process);

/* The same once diff_processes() is done: also what the other side's process in scope was restarted as;
 * not one whose mappings only one side has. */
bool is_compared(const struct snapshot_diff *diff, const struct snapshot *snapshot,
                 const struct process *process);

#define DIFF_OUT_OF_MEMORY(why) failure_set((why), FAILURE_SYSTEM, 0, "out of memory")
