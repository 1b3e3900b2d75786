/* Rules of thumb: each compares figures of one snapshot with a threshold, and says what a breach
 * means and what to do. The table is rules.c; its manual page is docs/memtally-rules.7. */
#pragma once

#include "analyzer/account/ledger.h"
#include "analyzer/model/snapshot.h"

enum rule_verdict { RULE_OK, RULE_WARN, RULE_UNCHECKED };

const char *rule_verdict_word(enum rule_verdict verdict);   /* "ok", "warn", "unchecked": static */
const char *rule_verdict_phrase(enum rule_verdict verdict); /* "[WARN]", "[cannot be checked]"   */

enum rule_unit { RULE_BYTES, RULE_PERCENT, RULE_NUMBER };

/* One figure of the evidence. */
struct rule_figure {
    const char *name; /* static */
    enum rule_unit unit;
    uint64_t value; /* bytes, tenths of a percent, or a number */
};

#define RULE_FIGURES_MAX 6
#define RULES_MAX        40

struct rule_result {
    const char *id, *title, *meaning, *remedy, *sources; /* static */
    char threshold[256];                                 /* in words, with its numbers */
    enum rule_verdict verdict;
    struct rule_figure figures[RULE_FIGURES_MAX];
    size_t figure_count;
    char detail[280]; /* what figures do not say; why it cannot be checked; outside text as it is */
};

struct rule_report {
    struct rule_result results[RULES_MAX];
    size_t count, ok, warn, unchecked;
};

/* `ledger` is borrowed, and NULL where there is none. Rules over mappings need a snapshot that was
 * loaded with them. Fails only when memory runs out. */
bool rules_run(const struct snapshot *snapshot, const struct ledger *ledger,
               struct rule_report *out, struct failure *why);
