/* By how much figures of one snapshot can be apart although all are right: counters that CPUs
 * hold back, and what moved between the reads. docs/accounting.md, section 1. */
#pragma once

#include "analyzer/model/snapshot.h"
#include "analyzer/parse/system/meminfo.h"

struct reading_error {
    uint64_t cpus, zones; /* at least 1 each */
    uint64_t page_bytes;  /* 0: unknown */
    uint64_t drift_bytes; /* what per-CPU counter deltas may hide of one counter, at most 1 GiB */
};

void reading_error_find(const struct snapshot *snapshot, struct reading_error *out);

/* Largest minus smallest value of a field over all readings of meminfo; 0 when there is one. */
uint64_t reading_moved(const struct snapshot *snapshot, enum meminfo_field field);
