/* One line, or one small file, as it may leave the machine. */
#pragma once

#include "collector/redact/rules.h"

#define REDACT_LINE_BYTES ((size_t)64 * 1024) /* longer lines are left out */

/* Is the whole member one unit, not a line? */
bool redact_is_whole(enum redact_kind kind);

/* Adds what may be told of `line`, which may end with a newline. `scratch` has REDACT_LINE_BYTES. */
void redact_line(const struct redact *redact, enum redact_kind kind, struct text *text,
                 const char *line, size_t length, char *scratch);

/* As redact_line(), for the kinds that are whole. */
void redact_whole(const struct redact *redact, enum redact_kind kind, struct text *text,
                  const char *bytes, size_t length, char *scratch);
