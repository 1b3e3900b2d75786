/* The cgroups of the hierarchy that charges memory, as a tree: each before those below it, siblings by
 * name. v1 if sys/fs/cgroup/memory is one, else v2. */
#pragma once

#include "analyzer/model/snapshot.h"

#define CGROUP_NONE SIZE_MAX

struct cgroup_node {
    const struct cgroup *cgroup; /* borrowed from the snapshot, never NULL                       */
    struct slice path;           /* below the root, borrowed: "" or "/system.slice/cron.service" */
    size_t parent;               /* the nearest that is in the bundle; CGROUP_NONE at the top    */
    size_t end;                  /* index behind the last one below it                           */
    unsigned depth;              /* 0 at the top                                                 */
};

struct cgroup_tree {
    enum cgroup_version version; /* UNKNOWN: no cgroup in the bundle, count is 0 */
    struct cgroup_node *nodes;
    size_t count;
};

/* False when memory ran out; *out is unchanged then. End with cgroup_tree_deinit(), before the snapshot. */
bool cgroup_tree_build(const struct snapshot *snapshot, struct cgroup_tree *out,
                       struct failure *why);
void cgroup_tree_deinit(struct cgroup_tree *tree);

/* The node of a path as /proc/PID/cgroup prints it, or the nearest above it that is in the bundle. CGROUP_NONE when
 * there is none, and for a path outside of the reader's cgroup namespace ("/../x"). */
size_t cgroup_tree_find(const struct cgroup_tree *tree, struct slice path);

/* "name" of "/a/name", "/" of "/". */
struct slice cgroup_last_component(struct slice path);

/* How many cgroups were removed but live on, and the static name of the source: nr_dying_descendants of the root (v2),
 * or num_cgroups of /proc/cgroups less those that have files (v1). Unknown, *source NULL, without either. */
struct amount cgroups_dying(const struct snapshot *snapshot, const struct cgroup_tree *tree,
                            const char **source);
