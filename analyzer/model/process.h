/* One process of a snapshot: what its files said, joined by PID. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/parse/process/smaps.h"
#include "analyzer/parse/process/status.h"
#include "schema/outcome.h"

/* Files of a process that were in the bundle and could be parsed. */
enum process_file {
    PROCESS_STAT = 1,
    PROCESS_STATM = 2,
    PROCESS_STATUS = 4,
    PROCESS_COMM = 8,
    PROCESS_CMDLINE = 16,
    PROCESS_CGROUP = 32,
    PROCESS_EXE = 64,
    PROCESS_OOM_SCORE = 128,
    PROCESS_ROLLUP = 256,
    PROCESS_SMAPS = 512,      /* present, perhaps empty                                  */
    PROCESS_SMAPS_CUT = 1024, /* stopped before its end: sums are lower bounds           */
    PROCESS_OOM_SCORE_ADJ = 2048,
    PROCESS_DESCRIPTORS = 4096, /* what descriptors hold: see system_details.h            */
    PROCESS_PAGES = 8192,       /* mapped pages, loaded: see page_store.h                 */
    PROCESS_PAGES_CUT = 16384   /* not all of them                                        */
};

/* Sums over the blocks of smaps, or the block of smaps_rollup. */
struct smaps_sums {
    uint64_t bytes[SMAPS_FIELD_COUNT]; /* saturating                                     */
    uint32_t present;                  /* SMAPS_BIT: at least one block had the field    */
    uint64_t blocks;
};

/* What tells whether two processes have one address space: see shared_address_space.h. */
struct address_space_digest {
    uint64_t hash;                   /* of the list of mappings with their figures           */
    uint64_t shared_anonymous_bytes; /* at least; pages that fork left to two address spaces */
};

struct process {
    uint64_t pid;
    uint32_t files; /* enum process_file                                      */
    /* stat; valid with PROCESS_STAT */
    uint64_t start_time_ticks, ppid, session;
    uint64_t stat_flags, minor_faults, major_faults, vsize_bytes;
    int64_t rss_pages;
    uint64_t start_stack; /* address; 0 unknown                                     */
    char state;           /* from stat, else status; 0 unknown                      */
    /* statm; valid with PROCESS_STATM */
    uint64_t statm_size_pages, statm_resident_pages, statm_shared_pages;
    /* status */
    struct amount uid; /* .bytes is the number                                   */
    struct amount threads;
    bool kthread_flag; /* "Kthread: 1"                                           */
    struct amount status_size[STATUS_SIZE_COUNT];
    /* strings of snapshot.strings; valid with their file bit */
    uint32_t comm, cmdline, cgroup, exe;
    uint32_t
        memory_cgroup; /* path in the hierarchy that charges memory; valid with PROCESS_CGROUP */
    bool memory_cgroup_in_v1;
    int64_t oom_score, oom_score_adj;
    struct smaps_sums smaps, rollup;
    struct address_space_digest digest;
    uint32_t address_space; /* index + 1 of the first process that has this one's address space
                               too (perhaps itself); 0: it is alone                       */
    size_t first_mapping, mapping_count; /* in snapshot.mappings, in address order       */
    size_t first_page_mapping, page_mapping_count; /* in snapshot.pages, the same        */
    /* journal; valid if has_outcome */
    enum outcome outcome; /* of the process as a whole                              */
    bool has_outcome;
    enum outcome smaps_outcome; /* of its smaps member; valid if has_smaps_outcome        */
    bool has_smaps_outcome;
    enum outcome rollup_outcome;
    bool has_rollup_outcome;
};

/* Has no memory of its own: PF_KTHREAD, "Kthread: 1", or neither known and no VmSize, child of
 * kthreadd. */
bool process_is_kernel_thread(const struct process *process);
