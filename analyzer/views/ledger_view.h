#pragma once

#include "analyzer/account/ledger.h"
#include "analyzer/views/views.h"

bool ledger_print(const struct snapshot *snapshot, const struct ledger *ledger,
                  const struct view_options *options, struct failure *why);
bool ledger_print_json(const struct snapshot *snapshot, const struct ledger *ledger,
                       const struct baseline *baseline, FILE *to, struct failure *why);

/* The tree alone, top lines only if `short_form`: for the summary. */
bool ledger_print_tree(const struct ledger *ledger, const struct view_options *options,
                       bool short_form, struct failure *why);

/* Who may hold the residual, and what nobody explains. */
void ledger_print_suspects(const struct ledger *ledger, const struct view_options *options);
void ledger_json_add_suspects(struct json_document *document, const struct ledger *ledger);

/* The columns, for --help. */
const struct column *ledger_columns(size_t *count);
