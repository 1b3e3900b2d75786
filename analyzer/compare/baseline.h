/* One snapshot held against another one of the same machine that was taken when all was well: what is
 * unusual now. Unlike a diff it judges, and a small change is none. */
#pragma once

#include "analyzer/account/checks.h"
#include "analyzer/account/ledger.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/rules.h"
#include "schema/failure.h"

/* X(constant, word) */
#define BASELINE_MARKS(X)                                                                          \
    X(USUAL, "usual")                                                                              \
    X(MORE, "MORE")                                                                                \
    X(LESS, "LESS")                                                                                \
    X(NEW, "NEW")                   /* of this name there was none                   */            \
    X(WORSE, "WORSE")               /* of checks: now broken or a warning            */            \
    X(BETTER, "better")             /* of checks: no longer                          */            \
    X(INCOMPARABLE, "incomparable") /* one of both could not tell                    */

enum baseline_mark {
#define BASELINE_CONSTANT(constant, word) BASELINE_##constant,
    BASELINE_MARKS(BASELINE_CONSTANT)
#undef BASELINE_CONSTANT
        BASELINE_MARK_COUNT
};

const char *baseline_mark_word(enum baseline_mark mark); /* static */
bool baseline_mark_is_unusual(enum baseline_mark mark);  /* MORE, LESS, NEW, WORSE */

/* A figure or a verdict of now beside that of the baseline. */
struct baseline_row {
    const char
        *id;      /* of a line, an identity or a rule; borrowed from its report; NULL: a process */
    uint64_t pid; /* of a process; else 0 */
    enum baseline_mark mark;
    bool has_bytes; /* the next two are valid */
    int64_t usual_bytes, now_bytes;
    const char *usual_word; /* the verdict in the baseline; static; NULL: none */
};

struct baseline {
    const struct snapshot *snapshot; /* the baseline; borrowed */
    bool same_host;                  /* false only when both are known and differ */
    struct baseline_row *rows;       /* in the order of the report */
    size_t count, unusual;
};

/* Each fills `out`, to be ended with baseline_deinit() in any case. Reports are those of `now`. */
bool baseline_of_ledger(const struct snapshot *usual, const struct snapshot *now,
                        const struct ledger *ledger, struct baseline *out, struct failure *why);
bool baseline_of_processes(const struct snapshot *usual, const struct snapshot *now,
                           const struct process_usage *usages, size_t count, struct baseline *out,
                           struct failure *why);
bool baseline_of_checks(const struct snapshot *usual, const struct snapshot *now,
                        const struct check_report *checks, const struct rule_report *rules,
                        struct baseline *out, struct failure *why);
void baseline_deinit(struct baseline *baseline);

/* NULL when it has no row. `baseline` may be NULL. */
const struct baseline_row *baseline_find(const struct baseline *baseline, const char *id);
const struct baseline_row *baseline_find_pid(const struct baseline *baseline, uint64_t pid);

/* For baseline_*.c: with room for `most` rows. */
bool baseline_begin(struct baseline *out, const struct snapshot *usual, const struct snapshot *now,
                    size_t most, struct failure *why);
void baseline_add(struct baseline *baseline, const struct baseline_row *row);
enum baseline_mark baseline_judge(int64_t usual_bytes, int64_t now_bytes, uint64_t noise_bytes,
                                  uint64_t mem_total_bytes);
