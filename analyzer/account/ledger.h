/* Where MemTotal went: lines that do not overlap and sum to MemTotal exactly, because what is
 * left is the residual. How each term is counted, and which kernels print what:
 * docs/accounting.md. Nothing is decided by kernel version: presence of fields decides. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

enum grade {
    GRADE_EXACT,   /* a figure of the kernel, or a sum of such                          */
    GRADE_DERIVED, /* a formula over exact figures                                      */
    GRADE_BOUNDED, /* the true value lies between low and high                          */
    GRADE_ESTIMATE /* no bound is known                                                 */
};

const char *grade_word(enum grade grade); /* static */

#define LEDGER_LINES_MAX    96
#define LEDGER_SUSPECTS_MAX 16
#define LEDGER_NOTES_MAX    16
#define LEDGER_BESIDE_MAX   32

struct ledger_line {
    char id[48]; /* stable, for scripts: "vmalloc.stacks"                          */
    int parent;  /* index of its parent, -1 at the top                             */
    char label[64];
    uint64_t bytes;
    uint64_t low_bytes, high_bytes; /* equal to bytes unless GRADE_BOUNDED               */
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

struct ledger_suspect {
    char id[48];
    uint64_t at_most_bytes; /* of the residual */
    char evidence[200], confirm[200];
};

/* The three classic ways to count user memory; unknown where a field is missing. */
struct ledger_user_forms {
    struct amount lru, page_cache, process;
};

struct ledger {
    uint64_t mem_total_bytes;
    struct ledger_line lines[LEDGER_LINES_MAX]; /* a parent stands before its children */
    size_t line_count;
    int64_t residual_bytes; /* negative when reads at different moments overlap         */
    int64_t residual_low_bytes, residual_high_bytes;
    enum grade residual_grade;
    size_t samples_used;
    struct ledger_beside beside[LEDGER_BESIDE_MAX];
    size_t beside_count;
    struct ledger_suspect suspects[LEDGER_SUSPECTS_MAX]; /* largest first */
    size_t suspect_count;
    struct ledger_user_forms user_forms;
    char notes[LEDGER_NOTES_MAX][200]; /* what could not be counted, and why */
    size_t note_count;
};

/* Fails when the bundle has no meminfo or no MemTotal in it. */
bool ledger_compute(const struct snapshot *snapshot, struct ledger *out, struct failure *why);

/* The line of an id, or NULL. */
const struct ledger_line *ledger_find(const struct ledger *ledger, const char *id);
