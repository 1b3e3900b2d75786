/* What a line of the ledger or a field of /proc/meminfo is: what it counts, where in the kernel,
 * since when, what it overlaps, and how memtally gets it. Data; docs/accounting.md says the same
 * at length. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/account/ledger.h"
#include "analyzer/model/snapshot.h"

/* All strings static. */
struct explanation {
    const char *
        id; /* of the ledger; '*' stands for one part of it: "hugetlb.*.used"; NULL: a field only */
    const char *field;    /* the same figure in /proc/meminfo, as printed there; NULL: none     */
    const char *counts;   /* what it counts                                                     */
    const char *kernel;   /* file and function or counter                                       */
    const char *since;    /* first kernel, by source; distributions carry fields back           */
    const char *overlaps; /* which other figures hold it, or it holds                           */
    const char *formula;  /* how the line is computed; NULL: as printed                         */
    const char *inputs;   /* what goes in, separated by blanks: "meminfo:Slab zoneinfo:count"   */
};

/* By the id of a line, of a figure beside it or of a part of physical memory ("physical.NAME" as well), or
 * by a field of meminfo in any case, with or without colon. NULL: nothing. */
const struct explanation *explanation_find(const char *name);

/* All of them in the order of the tables: lines first. */
const struct explanation *explanation_at(size_t index); /* NULL behind the last */

/* The figure of one bundle. */
struct explained_figure {
    struct amount value; /* bytes, or a number if is_count; unknown: not in this bundle */
    bool is_count;
    bool is_negative;  /* the residual may be: the value is then below zero by `value` */
    const char *label; /* of the ledger, borrowed; NULL: not in it */
    const char *grade; /* static; NULL: not a line of the ledger */
};

struct explained_figure explained_figure(const struct snapshot *snapshot,
                                         const struct ledger *ledger,
                                         const struct explanation *explanation, const char *name);

enum input_unit { INPUT_BYTES, INPUT_COUNT };

/* One figure of this bundle that goes into a line. */
struct explained_input {
    char name[80]; /* "meminfo SwapCached" */
    enum input_unit unit;
    struct amount value; /* unknown: not in this bundle */
};

#define EXPLAINED_INPUTS_MAX 24

/* The inputs of `explanation` in `snapshot`, whose ledger is `ledger`; returns how many. `line` is
 * the name that was asked for: of "hugetlb.2048kB.used" it is the pool of that size. */
size_t explained_inputs(const struct snapshot *snapshot, const struct ledger *ledger,
                        const struct explanation *explanation, const char *line,
                        struct explained_input inputs[EXPLAINED_INPUTS_MAX]);
