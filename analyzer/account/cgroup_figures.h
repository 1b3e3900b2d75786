/* Figures of one cgroup from its files. For cgroup_usage.c. */
#pragma once

#include "analyzer/account/cgroup_usage.h"

/* Sets usage->total and usage->own of what the files themselves say, limits and events; the rest stays. `below` is the
 * sum of total[] over the children, of those that are known. */
void cgroup_figures_take(const struct cgroup_node *node, struct cgroup_usage *usage,
                         const struct amount *below, struct amount no_limit);
