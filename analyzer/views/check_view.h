#pragma once

#include "analyzer/account/checks.h"
#include "analyzer/account/rules.h"
#include "analyzer/views/views.h"

bool check_print(const struct snapshot *snapshot, const struct check_report *report,
                 const struct rule_report *rules, const struct view_options *options,
                 struct failure *why);
bool check_print_json(const struct snapshot *snapshot, const struct check_report *report,
                      const struct rule_report *rules, const struct baseline *baseline, FILE *to,
                      struct failure *why);

/* The columns, for --help. */
const struct column *check_columns(size_t *count);
