/* The tables behind explain.h. Not for other layers. */
#pragma once

#include "analyzer/account/explain.h"

extern const struct explanation explained_lines[];
extern const size_t explained_line_count;
extern const struct explanation explained_fields[];
extern const size_t explained_field_count;

struct amount explained_pages(const struct snapshot *snapshot, uint64_t pages); /* as bytes */
/* A sum by its name in the tables: "zoneinfo:free"; false: there is none of that name. `line` tells
 * the size of a pool. */
bool explained_sum(const struct snapshot *snapshot, const char *line, const char *name,
                   struct explained_input *input);
