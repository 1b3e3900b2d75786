/* The tables behind explain.h. Not for other layers. */
#pragma once

#include "analyzer/account/explain.h"

extern const struct explanation explained_lines[];
extern const size_t explained_line_count;
extern const struct explanation explained_fields[];
extern const size_t explained_field_count;
