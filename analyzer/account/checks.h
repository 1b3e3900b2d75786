/* Identities between figures of different files: two ways to the same number. A broken identity is a
 * finding, not an error; one whose inputs are absent says so. */
#pragma once

#include "analyzer/model/snapshot.h"

enum verdict { VERDICT_HOLDS, VERDICT_BROKEN, VERDICT_UNCHECKED };

const char *verdict_word(enum verdict verdict);   /* "holds", "broken", "unchecked": static */
const char *verdict_phrase(enum verdict verdict); /* ..., "cannot be checked": static        */

/* Which way the left side may be off from the right one. */
enum tolerance_side { LEFT_EITHER_WAY, LEFT_MAY_BE_LESS, LEFT_MAY_BE_MORE };

const char *tolerance_side_word(enum tolerance_side side); /* "either", "less", "more": static */

/* One reason why the sides may differ, and by how much at most. */
struct tolerance_part {
    char what[72];
    enum tolerance_side side;
    uint64_t bytes; /* above 0 */
};

#define TOLERANCE_PARTS_MAX 8

struct identity_check {
    const char *id; /* stable, static                                               */
    const char *left_name, *right_name; /* what stands on both sides; static              */
    const char *relation; /* "=" or "<="; static                                          */
    const char *needs;    /* what must be in the bundle; static                           */
    enum verdict verdict;
    uint64_t left_bytes, right_bytes; /* valid unless unchecked                           */
    int64_t difference_bytes;         /* left - right                                     */
    uint64_t tolerance_bytes;         /* the way the difference goes: the sum of its parts */
    struct tolerance_part parts[TOLERANCE_PARTS_MAX];
    size_t part_count;
    char reason[280]; /* where the tolerance comes from; why broken; what is missing      */
};

#define CHECKS_MAX 64

struct check_report {
    struct identity_check checks[CHECKS_MAX];
    size_t count, holds, broken, unchecked;
};

void checks_run(const struct snapshot *snapshot, struct check_report *out);
