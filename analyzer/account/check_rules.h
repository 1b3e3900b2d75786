/* What the files of the checks share: the input of every check, how a check answers, and the
 * checks themselves. Not for other layers. */
#pragma once

#include "analyzer/account/checks.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/system_terms.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

#define PCP_BATCH_PAGES 64 /* most pages that move to a per-CPU list at once, and some */
#define LRU_BATCH_PAGES 31 /* most pages that a CPU holds back from one kind of list */
#define LRU_BATCH_KINDS 5

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

/* The sum of a field over the nodes' meminfo; false when there are none, or one lacks it. */
bool check_sum_of_nodes(const struct check_input *in, enum meminfo_field field, uint64_t *sum);

/* How far a field moved over all readings of this bundle: the skew between two files. */
uint64_t check_moved(const struct check_input *in, enum meminfo_field field);

/* In use in the huge page pools, all sizes; false when no pool is known. */
bool check_hugetlb_used(const struct check_input *in, uint64_t *bytes);

/* A reason why the sides may differ; nothing when `bytes` is 0. Before check_compare(). */
void check_tolerate(struct identity_check *check, enum tolerance_side side, uint64_t bytes,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
void check_tolerate_moved(const struct check_input *in, struct identity_check *check,
                          enum meminfo_field field);
void check_tolerate_drift(const struct check_input *in, struct identity_check *check,
                          unsigned counters);
void check_tolerate_pages(const struct check_input *in, struct identity_check *check,
                          uint64_t pages, const char *what);

/* Says why the check cannot be made; returns false. */
bool check_impossible(struct identity_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Both sides are there; `reason` says what the tolerance is made of, `if_broken` names the usual
 * cause. */
bool check_compare(struct identity_check *check, uint64_t left, uint64_t right, const char *reason,
                   const char *if_broken);

/* Whether none that was asked of before is further beyond its tolerance. *worst_margin is kept between
 * the calls, and INT64_MIN before the first. */
bool check_is_worst(const struct identity_check *check, int64_t *worst_margin);

/* left = the sum of two fields, all of meminfo. */
bool check_meminfo_sum(const struct check_input *in, struct identity_check *check,
                       enum meminfo_field whole, enum meminfo_field first,
                       enum meminfo_field second, const char *reason);

bool check_slab(const struct check_input *in, struct identity_check *check);
bool check_active(const struct check_input *in, struct identity_check *check);
bool check_inactive(const struct check_input *in, struct identity_check *check);
bool check_lru(const struct check_input *in, struct identity_check *check);
bool check_anon_lru(const struct check_input *in, struct identity_check *check);
bool check_file_lru(const struct check_input *in, struct identity_check *check);
bool check_file_pages(const struct check_input *in, struct identity_check *check);
bool check_shmem(const struct check_input *in, struct identity_check *check);
bool check_mlocked(const struct check_input *in, struct identity_check *check);
bool check_dirty(const struct check_input *in, struct identity_check *check);
bool check_managed(const struct check_input *in, struct identity_check *check);
bool check_free(const struct check_input *in, struct identity_check *check);
bool check_buddy(const struct check_input *in, struct identity_check *check);
bool check_cma_free(const struct check_input *in, struct identity_check *check);
bool check_unaccepted(const struct check_input *in, struct identity_check *check);
bool check_vmalloc(const struct check_input *in, struct identity_check *check);
bool check_stacks(const struct check_input *in, struct identity_check *check);
bool check_threads(const struct check_input *in, struct identity_check *check);
bool check_modules(const struct check_input *in, struct identity_check *check);
bool check_pss(const struct check_input *in, struct identity_check *check);
bool check_rollup(const struct check_input *in, struct identity_check *check);
bool check_rollup_process(const struct check_input *in, struct identity_check *check);
bool check_pages(const struct check_input *in, struct identity_check *check);
bool check_anon_huge(const struct check_input *in, struct identity_check *check);
bool check_shmem_huge(const struct check_input *in, struct identity_check *check);
bool check_file_huge(const struct check_input *in, struct identity_check *check);
bool check_locked(const struct check_input *in, struct identity_check *check);
bool check_page_tables(const struct check_input *in, struct identity_check *check);
bool check_hugetlb(const struct check_input *in, struct identity_check *check);
bool check_hugetlb_private(const struct check_input *in, struct identity_check *check);
bool check_hugetlb_mapped(const struct check_input *in, struct identity_check *check);
bool check_zspages(const struct check_input *in, struct identity_check *check);
bool check_swaps(const struct check_input *in, struct identity_check *check);
bool check_swap_pss(const struct check_input *in, struct identity_check *check);
bool check_node_total(const struct check_input *in, struct identity_check *check);
bool check_node_free(const struct check_input *in, struct identity_check *check);
bool check_node_anon(const struct check_input *in, struct identity_check *check);
bool check_node_slab(const struct check_input *in, struct identity_check *check);
bool check_node_fields(const struct check_input *in, struct identity_check *check);
bool check_census_free(const struct check_input *in, struct identity_check *check);
bool check_census_slab(const struct check_input *in, struct identity_check *check);
bool check_census_tables(const struct check_input *in, struct identity_check *check);
bool check_census_huge(const struct check_input *in, struct identity_check *check);
bool check_census_lru(const struct check_input *in, struct identity_check *check);
