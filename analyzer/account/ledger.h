/* Where MemTotal went: lines that do not overlap and sum to MemTotal exactly, because what is
 * left is the residual. How each term is counted, and which kernels print what:
 * docs/accounting.md. Nothing is decided by kernel version: presence of fields decides. */
#pragma once

#include "analyzer/account/decomposition.h"
#include "analyzer/account/grade.h"
#include "analyzer/account/mem_available.h"
#include "analyzer/account/physical.h"
#include "analyzer/account/shared_memory.h"

#define LEDGER_LINES_MAX    96
#define LEDGER_SUSPECTS_MAX 32
#define LEDGER_NOTES_MAX    16
#define LEDGER_BESIDE_MAX   48
#define LEDGER_OWNERS_MAX   32
#define LEDGER_POOLS_MAX    64

struct ledger_line {
    char id[48]; /* stable, for scripts: "vmalloc.stacks"                          */
    int parent;  /* index of its parent, -1 at the top                             */
    char label[64];
    uint64_t bytes;
    uint64_t low_bytes, high_bytes; /* equal to bytes unless GRADE_BOUNDED               */
    uint64_t noise_bytes; /* by how much it is off where PSS sizes it: rounding, the collector's */
    enum grade grade;
    char source[200]; /* fields and formula                                             */
};

/* A figure that is part of other lines: never added. */
struct ledger_beside {
    char id[48], label[64];
    uint64_t bytes;
    enum grade grade;
    char also_in[64]; /* id of the line that holds it */
    char source[96];
};

/* What a suspect's evidence is worth. */
enum suspect_weight {
    SUSPECT_MEASURED,  /* a figure in bytes of what it holds                               */
    SUSPECT_CAPACITY,  /* a count of what can hold so much, if it is full                   */
    SUSPECT_UNCOUNTED, /* certainly part of the residual, and nobody says how much         */
    SUSPECT_POSSIBLE   /* it is there, and could                                           */
};

const char *suspect_weight_word(enum suspect_weight weight); /* static */

struct ledger_suspect {
    char id[48];
    enum suspect_weight weight;
    uint64_t at_most_bytes; /* of the residual */
    bool is_limited;        /* evidence limits it; else at_most_bytes is all of the residual */
    char evidence[200], confirm[200];
};

/* A pool of huge pages of one size, on one node or of the whole machine. */
struct ledger_pool {
    int node; /* -1: the whole machine */
    uint64_t page_bytes, total_bytes;
    struct amount used, free, reserved, surplus; /* bytes; reserved: a promise, part of free */
};

/* The three classic ways to count user memory, without hugetlb; unknown where a field is missing. */
struct ledger_user_forms {
    struct amount lru, page_cache, process;
};

/* The residual once more, by the flags of all pages (derived/census): pages without owner minus
 * what the ledger places among them. */
struct ledger_census {
    bool known;
    int64_t measured_bytes;
    int64_t difference_bytes; /* measured - residual */
    uint64_t unflagged_bytes, offline_bytes, placed_bytes;
    bool is_whole; /* all pages of System RAM were looked at */
};

/* Who owns a part of user.shmem. */
struct ledger_owner {
    enum shared_kind kind;
    uint64_t bytes; /* as its source counts it: tmpfs and memfd may have part of it in swap */
    char name[96];  /* outside text: mount point, key of a segment, name of a memfd */
    char detail[96];
};

struct ledger {
    uint64_t mem_total_bytes;
    char reading[24]; /* whose counters these are: "proc", "samples/4" */
    struct physical_memory physical;
    struct mem_available available;
    struct ledger_line lines[LEDGER_LINES_MAX]; /* a parent stands before its children */
    size_t line_count;
    int64_t residual_bytes; /* negative when reads at different moments overlap         */
    int64_t residual_low_bytes, residual_high_bytes;
    enum grade residual_grade;
    size_t samples_used;
    struct ledger_beside beside[LEDGER_BESIDE_MAX];
    size_t beside_count;
    struct ledger_suspect suspects[LEDGER_SUSPECTS_MAX]; /* those that explain most first */
    size_t suspect_count;
    bool residual_is_usual;         /* at most 0.2 % of MemTotal: no suspect stands out           */
    uint64_t unexplained_low_bytes; /* left when every suspect with a figure holds its most */
    uint64_t unexplained_high_bytes; /* left when only the measured ones hold theirs        */
    struct ledger_census census;
    struct ledger_user_forms user_forms;
    struct decomposition forms[DECOMPOSITION_COUNT];
    struct ledger_owner owners[LEDGER_OWNERS_MAX]; /* of user.shmem, largest first */
    size_t owner_count;
    uint64_t owners_left_out; /* how many more there are */
    struct ledger_pool pools[LEDGER_POOLS_MAX];
    size_t pool_count;
    char notes[LEDGER_NOTES_MAX][200]; /* what could not be counted, and why */
    size_t note_count;
};

/* Fails when the bundle has no meminfo or no MemTotal in it. */
bool ledger_compute(const struct snapshot *snapshot, struct ledger *out, struct failure *why);

/* The line of an id, or NULL. */
const struct ledger_line *ledger_find(const struct ledger *ledger, const char *id);
