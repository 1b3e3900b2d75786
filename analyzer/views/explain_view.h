/* One line of the ledger, or one field of meminfo, explained with this machine's figures. */
#pragma once

#include "analyzer/account/explain.h"
#include "analyzer/views/views.h"

/* Everything to print. Borrowed. */
struct explained_line {
    const char *name; /* as the user asked for it */
    const struct explanation *explanation;
    const struct snapshot *snapshot;
    const struct ledger *ledger;
};

bool explain_print(const struct explained_line *line, const struct view_options *options,
                   struct failure *why);
bool explain_print_json(const struct explained_line *line, FILE *to, struct failure *why);

/* Names that can be explained, one a line. */
void explain_print_names(FILE *to);
