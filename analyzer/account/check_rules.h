/* What the files of the checks share: the input of every check, how a check answers, and the
 * checks themselves. Not for other layers. */
#pragma once

#include "analyzer/account/checks.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/system_terms.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

#define PCP_BATCH_PAGES 64 /* most pages that move to a per-CPU list at once, and some */

/* What every check may look at. */
struct check_input {
    const struct snapshot *snapshot;
    struct system_terms terms;
    bool has_terms;
    struct process_totals totals;
    uint64_t cpus, zones, page_bytes;
    uint64_t drift_bytes; /* what per-CPU counter deltas may hide of one counter */
};

/* A field of proc/meminfo, or of proc/vmstat in bytes; false when it is not there. */
bool check_meminfo_get(const struct check_input *in, enum meminfo_field field, uint64_t *value);
bool check_vmstat_bytes(const struct check_input *in, enum vmstat_field field, uint64_t *value);

/* How far a field moved over all readings of this bundle: the skew between two files. */
uint64_t check_moved(const struct check_input *in, enum meminfo_field field);

/* Says why the check cannot be made; returns false. */
bool check_impossible(struct identity_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Both sides are there; `reason` derives the tolerance, `if_broken` names the usual cause. */
bool check_compare(struct identity_check *check, uint64_t left, uint64_t right, uint64_t tolerance,
                   const char *reason, const char *if_broken);

/* left = the sum of two fields, all of meminfo. */
bool check_meminfo_sum(const struct check_input *in, struct identity_check *check,
                       enum meminfo_field whole, enum meminfo_field first,
                       enum meminfo_field second, uint64_t tolerance, const char *reason);

bool check_slab(const struct check_input *in, struct identity_check *check);
bool check_active(const struct check_input *in, struct identity_check *check);
bool check_inactive(const struct check_input *in, struct identity_check *check);
bool check_managed(const struct check_input *in, struct identity_check *check);
bool check_free(const struct check_input *in, struct identity_check *check);
bool check_buddy(const struct check_input *in, struct identity_check *check);
bool check_file_pages(const struct check_input *in, struct identity_check *check);
bool check_lru(const struct check_input *in, struct identity_check *check);
bool check_vmalloc(const struct check_input *in, struct identity_check *check);
bool check_stacks(const struct check_input *in, struct identity_check *check);
bool check_pss(const struct check_input *in, struct identity_check *check);
bool check_rollup(const struct check_input *in, struct identity_check *check);
bool check_hugetlb(const struct check_input *in, struct identity_check *check);
bool check_zspages(const struct check_input *in, struct identity_check *check);
bool check_swaps(const struct check_input *in, struct identity_check *check);
bool check_node_total(const struct check_input *in, struct identity_check *check);
bool check_node_anon(const struct check_input *in, struct identity_check *check);
bool check_node_slab(const struct check_input *in, struct identity_check *check);
bool check_shmem(const struct check_input *in, struct identity_check *check);
bool check_modules(const struct check_input *in, struct identity_check *check);
bool check_page_tables(const struct check_input *in, struct identity_check *check);
