/* /proc/PID/cgroup: lines "ID:CONTROLLERS:PATH". Source: kernel/cgroup/cgroup.c:proc_cgroup_show().
 */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct process_cgroup {
    struct slice path; /* borrowed: of the unified hierarchy ("0::PATH") if it stands there and is
                           not "/" while a v1 memory controller is listed; else of "memory" */
    bool is_unified;
    bool found; /* false: neither of both was listed */
};

bool process_cgroup_parse(struct slice text, struct process_cgroup *out, struct failure *why);
