/* Which identities and rules do here what they do always. */
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/compare/baseline.h"

/* All that the baseline says of the same questions. */
struct usual_checks {
    struct check_report checks;
    struct rule_report rules;
    struct ledger ledger;
};

/* `bad` and `good` are the two verdicts that can be compared. */
static enum baseline_mark compare(unsigned usual, unsigned now, unsigned good, unsigned bad)
{
    if (usual == now)
        return BASELINE_USUAL;
    if (now != good && now != bad)
        return BASELINE_INCOMPARABLE;
    if (usual != good && usual != bad)
        return now == bad ? BASELINE_WORSE : BASELINE_INCOMPARABLE;
    return now == bad ? BASELINE_WORSE : BASELINE_BETTER;
}

static void add_identities(struct baseline *out, const struct check_report *usual,
                           const struct check_report *now)
{
    for (size_t i = 0; i < now->count; i++) {
        struct baseline_row row = {.id = now->checks[i].id, .mark = BASELINE_INCOMPARABLE};
        for (size_t j = 0; j < usual->count; j++) {
            if (strcmp(usual->checks[j].id, row.id) != 0)
                continue;
            row.usual_word = verdict_word(usual->checks[j].verdict);
            row.mark = compare(usual->checks[j].verdict, now->checks[i].verdict, VERDICT_HOLDS,
                               VERDICT_BROKEN);
        }
        baseline_add(out, &row);
    }
}

static void add_rules(struct baseline *out, const struct rule_report *usual,
                      const struct rule_report *now)
{
    for (size_t i = 0; i < now->count; i++) {
        struct baseline_row row = {.id = now->results[i].id, .mark = BASELINE_INCOMPARABLE};
        for (size_t j = 0; j < usual->count; j++) {
            if (strcmp(usual->results[j].id, row.id) != 0)
                continue;
            row.usual_word = rule_verdict_word(usual->results[j].verdict);
            row.mark =
                compare(usual->results[j].verdict, now->results[i].verdict, RULE_OK, RULE_WARN);
        }
        baseline_add(out, &row);
    }
}

bool baseline_of_checks(const struct snapshot *usual, const struct snapshot *now,
                        const struct check_report *checks, const struct rule_report *rules,
                        struct baseline *out, struct failure *why)
{
    AUTO_FREE struct usual_checks *was = malloc(sizeof *was);
    struct failure no_ledger = {0};
    if (!was)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!baseline_begin(out, usual, now, checks->count + rules->count, why))
        return false;
    checks_run(usual, &was->checks);
    bool has_ledger = ledger_compute(usual, &was->ledger, &no_ledger);
    if (!rules_run(usual, has_ledger ? &was->ledger : NULL, &was->rules, why))
        return false;
    add_identities(out, &was->checks, checks);
    add_rules(out, &was->rules, rules);
    return true;
}
