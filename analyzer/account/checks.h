/* Identities between figures of different files: two ways to the same number. A broken identity is a
 * finding, not an error; one whose inputs are absent says so. */
#pragma once

#include "analyzer/model/snapshot.h"

enum verdict { VERDICT_HOLDS, VERDICT_BROKEN, VERDICT_UNCHECKED };

const char *verdict_word(enum verdict verdict);   /* "holds", "broken", "unchecked": static */
const char *verdict_phrase(enum verdict verdict); /* ..., "cannot be checked": static        */

struct identity_check {
    const char *id; /* stable, static                                               */
    const char *left_name, *right_name; /* what stands on both sides; static              */
    const char *relation; /* "=" or "<="; static                                          */
    enum verdict verdict;
    uint64_t left_bytes, right_bytes; /* valid unless unchecked                           */
    int64_t difference_bytes;         /* left - right                                     */
    uint64_t tolerance_bytes;
    char reason[240]; /* where the tolerance comes from; why broken; what is missing  */
};

#define CHECKS_MAX 40

struct check_report {
    struct identity_check checks[CHECKS_MAX];
    size_t count, holds, broken, unchecked;
};

void checks_run(const struct snapshot *snapshot, struct check_report *out);
