#pragma once

#include "analyzer/account/rules.h"
#include "analyzer/views/views.h"

/* A line a rule with its evidence; what a warning means and what to do about it below, of every rule
 * with `verbose`. */
void rules_print(const struct rule_report *report, const struct view_options *options);

/* "2 warn: available, swap_full" in one line of the summary, with the evidence of each below. */
void rules_print_findings(const struct rule_report *report, const struct view_options *options);

/* The array "rules" of check. */
void json_add_rules(struct json_document *document, const struct rule_report *report);
