/* Who may hold the residual, judged by what the bundle shows. Not for other layers. */
#pragma once

#include "analyzer/account/ledger.h"
#include "analyzer/account/system_terms.h"

/* Fills ledger->suspects, largest first; needs the residual. */
void ledger_find_suspects(const struct snapshot *snapshot, const struct system_terms *terms,
                          struct ledger *ledger);
