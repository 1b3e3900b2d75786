/* /proc/cgroups: "#subsys_name hierarchy num_cgroups enabled", one line a controller. Source:
 * kernel/cgroup/cgroup-v1.c:proc_cgroupstats_show(). */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* The line of the memory controller. */
struct proc_cgroups {
    uint64_t memory_hierarchy; /* 0: v2, or mounted nowhere                                  */
    uint64_t memory_cgroups;   /* with the root and with those that were removed but live on */
    bool memory_enabled;       /* false: by cgroup_disable=memory                            */
    bool found;                /* false: the kernel has no such line; the rest is 0          */
};

/* Fails (MALFORMED, line; *out unchanged) without the heading, on a line without four words, when a figure is no
 * decimal, or when memory is printed twice. */
bool proc_cgroups_parse(struct slice text, struct proc_cgroups *out, struct failure *why);
