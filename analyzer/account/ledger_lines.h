/* From terms to lines: a function for each branch of the tree. Not for other layers. */
#pragma once

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/ledger_tree.h"
#include "analyzer/account/system_terms.h"

/* Computes the terms of one reading, the lines and the residual; `ledger` comes zeroed. */
bool ledger_build(const struct snapshot *snapshot, const struct system_sample *sample,
                  const struct kernel_usage *kernel, struct ledger *ledger,
                  struct system_terms *terms, struct failure *why);

void ledger_add_user(struct ledger *ledger, const struct system_terms *terms);
void ledger_add_slab(struct ledger *ledger, const struct system_terms *terms);
void ledger_add_vmalloc(struct ledger *ledger, const struct system_terms *terms,
                        const struct kernel_usage *kernel);
void ledger_add_page_tables(struct ledger *ledger, const struct system_terms *terms);
void ledger_add_percpu(struct ledger *ledger, const struct system_terms *terms);
void ledger_add_hugetlb(struct ledger *ledger, const struct system_state *system,
                        const struct system_sample *sample, const struct system_terms *terms);

/* The figures that are parts of lines. */
void ledger_add_parts(const struct system_sample *sample, const struct system_terms *terms,
                      struct ledger *ledger);
