/* The parts of snapshot_diff_compute(), a file each. Not for other layers. */
#pragma once

#include "analyzer/compare/snapshot_diff.h"

bool diff_ledgers(struct snapshot_diff *diff, struct failure *why);
bool diff_processes(struct snapshot_diff *diff, struct failure *why);
bool diff_objects(struct snapshot_diff *diff, struct failure *why);
bool diff_kernels(struct snapshot_diff *diff, struct failure *why);

/* after - before, clamped. */
int64_t difference(uint64_t before, uint64_t after);

/* Descending by absolute value. */
int compare_magnitudes(int64_t a, int64_t b);

/* A process_filter; `scope` is a struct diff_scope. */
bool in_scope(void *scope, const struct snapshot *snapshot, const struct process *process);

#define DIFF_OUT_OF_MEMORY(why) failure_set((why), FAILURE_SYSTEM, 0, "out of memory")
