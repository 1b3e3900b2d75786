/* How lines, figures beside them and notes get into a ledger. Not for other layers. */
#pragma once

#include "analyzer/account/ledger.h"

/* Adds a line and gives its index, for children to name; -1 when the table is full. It is large
 * enough for every fixed line; only pools of huge page sizes vary, and no machine has more than
 * four. */
int ledger_add_line(struct ledger *ledger, int parent, const char *id, const char *label,
                    uint64_t bytes, enum grade grade, const char *source);

/* A line for a figure that this kernel may not print: absent gives no line at all, and -1. */
int ledger_add_amount(struct ledger *ledger, int parent, const char *id, const char *label,
                      struct amount amount, enum grade grade, const char *source);

/* A figure that is part of other lines; absent gives none. */
void ledger_add_beside(struct ledger *ledger, const char *id, const char *label,
                       struct amount amount, enum grade grade, const char *also_in,
                       const char *source);

/* What could not be counted, and why. */
void ledger_note(struct ledger *ledger, const char *text);

uint64_t ledger_sum_of_top_lines(const struct ledger *ledger);
