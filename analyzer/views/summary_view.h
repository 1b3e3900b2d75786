#pragma once

#include "analyzer/account/checks.h"
#include "analyzer/account/ledger.h"
#include "analyzer/account/rules.h"
#include "analyzer/views/ps_view.h"
#include "analyzer/views/views.h"

/* Everything that `memtally BUNDLE` puts on one screen. */
struct summary {
    const struct snapshot *snapshot;
    const struct ledger *ledger;          /* NULL: the bundle allows none */
    const struct failure *ledger_failure; /* why not */
    const struct ps_report *ps;
    const struct check_report *checks;
    const struct rule_report *rules;
};

bool summary_print(const struct summary *summary, const struct view_options *options,
                   struct failure *why);
bool summary_print_json(const struct summary *summary, FILE *to, struct failure *why);
