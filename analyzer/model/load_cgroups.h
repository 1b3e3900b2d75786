/* Members below sys/fs/cgroup/, at any depth, and proc/cgroups. */
#pragma once

#include "analyzer/model/loader.h"

bool cgroup_member_wanted(struct slice path);
/* For a path that is wanted. */
bool load_cgroup_member(struct loader *loader, const struct member_path *path, struct slice text,
                        struct failure *why);

bool load_proc_cgroups(struct loader *loader, const struct member_path *path, struct slice text,
                       struct failure *why);
