/* Everything that one bundle says, parsed: read-only once loaded. Numbers are bytes or pages,
 * never text. What was absent stays absent. */
#pragma once

#include "analyzer/base/string_pool.h"
#include "analyzer/model/cgroup.h"
#include "analyzer/model/mapping_store.h"
#include "analyzer/model/page_store.h"
#include "analyzer/model/process.h"
#include "analyzer/model/shared_address_space.h"
#include "analyzer/model/system_details.h"
#include "analyzer/parse/field_table.h"
#include "analyzer/parse/system/buddyinfo.h"
#include "analyzer/parse/system/modules.h"
#include "analyzer/parse/system/packet_sockets.h"
#include "analyzer/parse/system/proc_cgroups.h"
#include "analyzer/parse/system/slabinfo.h"
#include "analyzer/parse/system/sockstat.h"
#include "analyzer/parse/system/swaps.h"
#include "analyzer/parse/system/sysvipc_shm.h"
#include "analyzer/parse/system/vmallocinfo.h"
#include "analyzer/parse/system/zoneinfo.h"
#include "analyzer/parse/system/zram_mm_stat.h"
#include "schema/bundle_format.h"
#include "schema/failure.h"
#include "schema/outcome.h"

/* What is known about the machine and the moment, and where from. X(constant, JSON key) */
#define IDENTITY_FACTS(X)                                                                          \
    X(HOST, "host")                                                                                \
    X(KERNEL, "kernel")                                                                            \
    X(KERNEL_VERSION, "kernel_version")                                                            \
    X(ARCHITECTURE, "architecture")                                                                \
    X(BOOT_ID, "boot_id")                                                                          \
    X(LABEL, "label")                                                                              \
    X(COLLECTOR, "collector")                                                                      \
    X(FORMAT, "format")

enum identity_fact {
#define IDENTITY_CONSTANT(constant, key) IDENTITY_##constant,
    IDENTITY_FACTS(IDENTITY_CONSTANT)
#undef IDENTITY_CONSTANT
        IDENTITY_FACT_COUNT
};

struct identity {
    char *text[IDENTITY_FACT_COUNT];         /* owned; NULL: absent                      */
    const char *source[IDENTITY_FACT_COUNT]; /* static: "manifest", "proc/version", ...  */
    uint64_t page_size_bytes;                /* valid if page_size_source is not NULL    */
    const char *page_size_source;
    int64_t taken_at_ns; /* since 1970 UTC; valid if taken_at_source */
    const char *taken_at_source;
    uint64_t clock_ticks_per_second; /* 0: absent                                */
    uint64_t collector_pid;          /* 0: absent                                */
    uint64_t collector_uid;
    bool has_collector_uid;
};

/* One reading of the figures that move. Each record is valid if its flag is set. */
struct system_sample {
    unsigned number; /* samples/NUMBER; 0 for proc/ itself and for meta/meminfo.end     */
    bool has_meminfo, has_vmstat, has_zoneinfo, has_zoneinfo_first;
    struct field_record meminfo, vmstat;
    struct zoneinfo zoneinfo, zoneinfo_first; /* read after and before meminfo           */
    int64_t mtime_ns;                         /* of meminfo; 0 unknown                   */
};

struct huge_page_pool {
    int node; /* -1: the whole machine */
    uint64_t page_bytes;
    struct amount total, free, reserved, surplus; /* numbers of pages in .bytes         */
};

struct node_memory {
    unsigned node;
    struct field_record meminfo;
};

struct module_sizes {
    uint32_t name; /* string id */
    struct amount core, init;
};

struct zram_device {
    uint32_t name;
    struct zram_mm_stat stat;
};

struct slab_alias {
    uint32_t name, target; /* /sys/kernel/slab/NAME -> TARGET */
};

struct system_state {
    struct system_sample now; /* proc/meminfo, proc/vmstat, proc/zoneinfo               */
    struct system_sample *samples;
    size_t sample_count, sample_capacity;
    bool has_buddyinfo, has_slabinfo, has_vmallocinfo, has_modules, has_swaps, has_shm;
    bool has_sockstat, has_packet_sockets;
    struct buddyinfo buddyinfo;
    struct slabinfo slabinfo;
    struct vmallocinfo vmallocinfo;
    struct modules modules;
    struct swaps swaps;
    struct sysvipc_shm shm;
    struct sockstat sockstat;
    struct proc_cgroups proc_cgroups; /* .found: proc/cgroups lists memory */
    struct packet_sockets packet_sockets;
    struct huge_page_pool *pools;
    size_t pool_count, pool_capacity;
    struct node_memory *nodes;
    size_t node_count, node_capacity;
    struct module_sizes *module_sizes;
    size_t module_size_count, module_size_capacity;
    struct zram_device *zrams;
    size_t zram_count, zram_capacity;
    struct slab_alias *aliases;
    size_t alias_count, alias_capacity;
    struct system_details details;
};

/* One record of the journal, or of what the reader met where there is no journal. */
struct member_record {
    uint32_t path; /* string id */
    enum outcome outcome;
    uint64_t bytes, start_ns, duration_ns, pass, error_number, parts;
    bool in_archive; /* met in the archive */
    bool from_journal;
};

/* A key of smaps, as the kernel of the bundle prints it. */
struct smaps_column {
    uint32_t name; /* string id */
    enum smaps_key_kind kind;
    unsigned index; /* enum smaps_field, or the key of mapping_extra */
};

/* The number of a line of smaps that no table knows. */
struct mapping_extra {
    uint64_t mapping; /* index into mappings */
    uint64_t number;
    unsigned key;
};

#define UNKNOWN_NAMES_KEPT 64

struct snapshot {
    char *file;    /* owned: as the user named it                                     */
    char *form;    /* owned: "tar, zstd", "directory", ...                            */
    bool is_ours;  /* has a manifest                                                  */
    bool complete; /* ours: end record met and nothing broken; foreign: archive ended well */
    struct failure broken; /* kind NONE, or why the reading stopped                     */
    struct identity identity;
    struct system_state system;
    struct process *processes; /* in the order of PID                                   */
    struct told_spaces told_spaces;
    size_t process_count, process_capacity;
    struct mapping_store mappings;
    struct page_store pages; /* empty unless load_options.keep_pages */
    struct cgroup_table cgroups;
    struct smaps_column smaps_columns[SMAPS_KEYS_MAX]; /* in the order of the kernel       */
    size_t smaps_column_count;
    struct mapping_extra *extras; /* by mapping; only with load_options.only_pids          */
    size_t extra_count, extra_capacity;
    struct string_pool strings;
    struct member_record *members;
    size_t member_count, member_capacity;
    char **notes; /* owned: the journal's notes                                      */
    size_t note_count, note_capacity;
    struct failure *problems; /* members that could not be parsed: the rest is analysed */
    size_t problem_count, problem_capacity;
    uint64_t problems_dropped; /* beyond PROBLEMS_KEPT                                 */
    uint64_t unknown_fields;   /* lines with keys that this version does not know      */
    uint32_t unknown_names[UNKNOWN_NAMES_KEPT]; /* string ids of "meminfo: KEY", each once */
    size_t unknown_name_count;
    uint64_t members_read, duration_ns;
    /* entries that the reader left out: unsafe paths, FIFOs and devices, a second tree of another
     * machine, files of a directory that could not be read */
    uint64_t skipped_unsafe, skipped_special, skipped_other_root, unreadable;
    bool has_end; /* the journal's end record was met                     */
};

#define PROBLEMS_KEPT 1000

void snapshot_free(struct snapshot *snapshot); /* NULL is fine */

/* The process of a PID, or NULL. */
struct process *snapshot_process(const struct snapshot *snapshot, uint64_t pid);

/* Whether a process that is not in it was not there. Not so if it has none at all, or ends before the
 * collector had listed them; of a foreign tree that was cut nobody knows the order. */
bool snapshot_lists_processes(const struct snapshot *snapshot);

/* Whether it took the snapshot: the collector, or one of its readers, which are children of its own
 * name. `process` may be NULL. */
bool snapshot_is_collector(const struct snapshot *snapshot, const struct process *process);

/* The string of an id, borrowed from the snapshot. */
struct slice snapshot_text(const struct snapshot *snapshot, uint32_t id);

/* The page size; false when neither manifest nor tree told it. */
bool snapshot_page_size(const struct snapshot *snapshot, uint64_t *bytes);
