#pragma once

#include "analyzer/compare/snapshot_diff.h"
#include "analyzer/views/views.h"

/* False: no level is called so. */
bool diff_level_find(const char *word, enum diff_level *level);

bool diff_print(const struct snapshot_diff *diff, const struct view_options *options,
                struct failure *why);
bool diff_print_json(const struct snapshot_diff *diff, FILE *to, struct failure *why);
