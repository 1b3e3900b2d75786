/* What changed between two snapshots: ledger lines, processes with their mappings, objects, and
 * kernel causes. Computed as data; views print it. */
#pragma once

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/ledger.h"
#include "analyzer/account/object_usage.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/shared_memory.h"
#include "analyzer/compare/diff_group.h"
#include "analyzer/compare/diff_noise.h"
#include "analyzer/compare/diff_waterfall.h"
#include "analyzer/compare/mapping_match.h"
#include "analyzer/compare/object_match.h"
#include "analyzer/compare/process_match.h"

enum match_status {
    MATCH_SAME,      /* of processes: same PID and start time, same boot */
    MATCH_RESTARTED, /* of processes only: the same program again        */
    MATCH_NEW,
    MATCH_GONE
};

const char *match_status_word(enum match_status status); /* static */

/* What is looked at. The ledger and the kernel are the machine's, whatever the processes. */
struct diff_scope {
    const uint64_t *pids; /* borrowed; processes that have one of these on either side */
    size_t pid_count;     /* 0: all processes                                          */
    const char *group;    /* borrowed: how processes are grouped; NULL: by program     */
};

/* Every change below has two fields in common. noise_bytes: by how much its figure may differ
 * between two readings although nothing happened; diff_noise.h says where that comes from.
 * beyond_noise: it is called a change. What has no size (a mapping that comes, a module that goes)
 * can be beyond noise with a change of 0. */

struct ledger_change {
    char id[48], parent[48], label[64]; /* parent: id, "" at the top */
    bool is_top;
    struct amount before, after;         /* unknown where the line is not in that ledger */
    int64_t before_signed, after_signed; /* the residual may be negative */
    int64_t change_bytes;
    uint64_t noise_bytes;
    bool beyond_noise;
};

/* A figure that the ledgers show beside their lines: part of other lines, never added. */
struct beside_change {
    char id[48], label[64], also_in[64]; /* also_in: id of the line that holds it, or "" */
    struct amount before, after;         /* unknown where that ledger does not show it */
    int64_t change_bytes;                /* an absent figure counts as 0 */
    uint64_t noise_bytes;
    bool beyond_noise;
};

/* Sums over the mappings of one side of a change. */
struct mapping_figures {
    uint64_t size_bytes, rss_bytes, pss_bytes, uss_bytes, shared_clean_bytes, private_dirty_bytes;
    uint64_t swap_bytes, hugetlb_bytes, locked_bytes;
};

/* Memory of one process, matched as mapping_match.h says. */
struct mapping_change {
    enum mapping_status status;
    const struct mapping *before, *after; /* the first of each; NULL where there is none */
    uint32_t before_count, after_count;   /* mappings; above 1 after a split or a merge  */
    struct mapping_figures before_figures, after_figures;
    int64_t pss_change, rss_change, size_change, swap_change, hugetlb_change;
    int64_t uss_change, private_dirty_change, locked_change;
    uint64_t noise_bytes; /* of pss_change: the other figures are exact */
    bool beyond_noise;
};

struct process_change {
    enum match_status status;
    enum process_basis basis; /* of the same and the restarted: what they were matched by     */
    uint32_t instance;        /* of the restarted: which of its like it is, from 1            */
    uint32_t candidates; /* of the restarted: how many were alike, 1: it was clear; of the new and
                                 gone: how many like it there were that were taken for others */
    bool renamed;        /* of the same: has another name (comm) now                     */
    bool executed;       /* of the same: runs another program file now                   */
    bool is_collector;   /* the program that took one of the bundles: never beyond noise */
    struct process_usage before, after; /* .process is NULL where there is none */
    bool by_pss;                        /* change_bytes is of PSS; else of RSS */
    int64_t change_bytes;
    int64_t rss_change, swap_change, hugetlb_change;
    /* Each side that there is has the figure; without, its change is 0 and says nothing. */
    bool has_change, has_rss, has_swap, has_hugetlb;
    bool has_faults; /* each side that there is has its counters */
    int64_t minor_faults_change, major_faults_change;
    size_t first_mapping, mapping_count; /* in snapshot_diff.mappings: those that changed */
    uint64_t noise_bytes;                /* of change_bytes, rss_change and swap_change       */
    bool beyond_noise;
};

struct object_change {
    enum match_status status;
    enum object_relation relation; /* of the same: how it was found                        */
    bool name_reused;    /* of the new and gone: the other side has the name for another one  */
    uint32_t candidates; /* of the new and gone: how many of its name could have been meant   */
    const struct object_usage *before, *after; /* NULL where there is none */
    int64_t change_bytes;                      /* of resident_bytes */
    int64_t hugetlb_change;
    uint64_t noise_bytes;
    bool beyond_noise;
};

/* What holds memory besides processes. X(constant, word, JSON key) */
#define KERNEL_CHANGE_KINDS(X)                                                                     \
    X(VMALLOC, "vmalloc", "vmalloc") /* caller, and its module                               */    \
    X(SLAB, "slab", "slab")          /* cache                                                */    \
    X(MODULE, "module", "modules")   /* with the size that lsmod shows: part of vmalloc      */    \
    X(CGROUP, "cgroup", "cgroups")   /* charged to it alone: memory that has other names too */    \
    X(SWAP, "swap", "swap")          /* device or file: not memory                           */    \
    X(SHARED, "shared", "shared")    /* owner of Shmem, and the word of its kind             */    \
    X(LINE, "line", "lines")         /* id of a line without a finer cause       */

enum kernel_change_kind {
#define KERNEL_CHANGE_CONSTANT(constant, word, key) KERNEL_##constant,
    KERNEL_CHANGE_KINDS(KERNEL_CHANGE_CONSTANT)
#undef KERNEL_CHANGE_CONSTANT
        KERNEL_CHANGE_KIND_COUNT
};

const char *kernel_change_word(enum kernel_change_kind kind); /* static */

struct kernel_change {
    enum kernel_change_kind kind;
    enum match_status status;
    const char *name, *detail; /* outside text; detail may be NULL */
    uint64_t before_bytes, after_bytes;
    int64_t change_bytes;
    int64_t mapped_change; /* of the part that processes map, of KERNEL_SHARED */
    uint64_t noise_bytes;
    bool beyond_noise;
};

struct snapshot_diff {
    const struct snapshot *before, *after; /* borrowed */
    struct diff_scope scope;
    bool has_ledger; /* both have one */
    struct ledger *before_ledger, *after_ledger;
    struct diff_noise *noise; /* of the ledger's figures; valid if has_ledger */
    struct ledger_change *ledger;
    size_t ledger_count;
    struct diff_waterfall *waterfall;
    struct beside_change *beside; /* in the order of the later ledger */
    size_t beside_count;
    struct process_change *processes; /* largest change first */
    size_t process_count, process_capacity;
    /* By index into a side's processes: in `processes`, and what it maps is known on both sides. */
    bool *before_compared, *after_compared;
    bool is_one_sided; /* some process could be read on one side only */
    /* Whether who is not in a side's processes was not there. */
    bool before_lists_all, after_lists_all;
    struct diff_groups groups;
    struct mapping_change *mappings;
    size_t mapping_count, mapping_capacity;
    struct object_matches object_matches;
    struct objects before_objects, after_objects;
    struct object_change *objects; /* largest change first; only those that changed */
    size_t object_count, object_capacity;
    struct kernel_usage before_kernel, after_kernel;
    struct shared_memory before_shared, after_shared;
    struct kernel_change *kernel; /* largest change first; only those that changed */
    size_t kernel_count, kernel_capacity;
    bool same_host, same_boot, same_kernel,
        same_page_size; /* false only when both are known and differ; without boot ids, another
                           host is another boot */
    bool changed;       /* anything is beyond noise */
};

/* Whether `amount`, a figure of this side of a process, can be compared: it is known and whole, or there
 * is no such process, or none of its memory. */
bool process_side_has(const struct process_usage *side, struct amount amount);

/* Whether a line, or a part of it, is beyond noise. */
bool ledger_change_matters(const struct snapshot_diff *diff, const struct ledger_change *line);

/* Both snapshots, and what `scope` borrows, must outlive the diff. A scope of NULL is all. */
bool snapshot_diff_compute(const struct snapshot *before, const struct snapshot *after,
                           const struct diff_scope *scope, struct snapshot_diff *out,
                           struct failure *why);
void snapshot_diff_deinit(struct snapshot_diff *diff);
