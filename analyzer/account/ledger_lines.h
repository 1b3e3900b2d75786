/* From terms to lines. Not for other layers. */
#pragma once

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/ledger.h"
#include "analyzer/account/system_terms.h"

/* Computes the terms of one reading, the lines and the residual; `ledger` comes zeroed. */
bool ledger_build(const struct snapshot *snapshot, const struct system_sample *sample,
                  const struct kernel_usage *kernel, struct ledger *ledger,
                  struct system_terms *terms, struct failure *why);

/* The figures that are parts of lines. */
void ledger_add_beside(const struct system_sample *sample, const struct system_terms *terms,
                       struct ledger *ledger);

/* What could not be counted, and why. */
void ledger_note(struct ledger *ledger, const char *text);
