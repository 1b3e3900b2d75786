/* From terms to lines: a function for each branch of the tree. Not for other layers. */
#pragma once

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/ledger_tree.h"
#include "analyzer/account/system_terms.h"

/* What is there once, whichever reading is counted. */
struct ledger_sources {
    const struct kernel_usage *kernel;
    const struct shared_memory
        *shared;                /* may be NULL: their lines divide one that is known       */
    struct amount vmalloc_used; /* VmallocUsed as it was when vmallocinfo was read         */
};

/* Computes the terms of one reading, the lines and the residual; `ledger` comes zeroed. */
bool ledger_build(const struct snapshot *snapshot, const struct system_sample *sample,
                  const struct ledger_sources *sources, struct ledger *ledger,
                  struct system_terms *terms, struct failure *why);

void ledger_add_user(struct ledger *ledger, const struct system_terms *terms,
                     const struct shared_memory *shared);
void ledger_add_slab(struct ledger *ledger, const struct system_terms *terms);
/* Brings terms->vmalloc to the moment of the reading. */
void ledger_add_vmalloc(struct ledger *ledger, struct system_terms *terms,
                        const struct ledger_sources *sources);
void ledger_add_page_tables(struct ledger *ledger, const struct system_terms *terms);
void ledger_add_percpu(struct ledger *ledger, const struct system_terms *terms);
void ledger_add_hugetlb(struct ledger *ledger, const struct system_state *system,
                        const struct system_sample *sample, const struct system_terms *terms);
/* Needs all other lines. Sets terms->balloon_outside where balloons lie outside MemTotal. */
void ledger_add_balloon(struct ledger *ledger, const struct snapshot *snapshot,
                        struct system_terms *terms);

/* The figures that are parts of lines, and tables beside the tree. */
void ledger_add_parts(const struct snapshot *snapshot, const struct system_terms *terms,
                      struct ledger *ledger);
void ledger_list_owners(const struct shared_memory *shared, struct ledger *ledger);
void ledger_list_pools(const struct system_state *system, struct ledger *ledger);
void ledger_measure_census(const struct snapshot *snapshot, const struct system_terms *terms,
                           struct ledger *ledger);
