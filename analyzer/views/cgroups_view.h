#pragma once

#include "analyzer/account/cgroup_usage.h"
#include "analyzer/views/views.h"

/* A tree, or a flat list of whole paths when options ask for an order or a number of rows. */
bool cgroups_print(const struct snapshot *snapshot, const struct cgroups *cgroups,
                   const struct view_options *options, struct failure *why);
bool cgroups_print_json(const struct snapshot *snapshot, const struct cgroups *cgroups, FILE *to,
                        struct failure *why);

const struct column *cgroups_columns(size_t *count);
