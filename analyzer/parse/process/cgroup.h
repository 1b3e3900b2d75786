/* /proc/PID/cgroup: lines "ID:CONTROLLERS:PATH". Source: kernel/cgroup/cgroup.c:proc_cgroup_show().
 */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct process_cgroup {
    struct slice path; /* borrowed: of the unified hierarchy ("0::PATH") if it stands there and is
                           not "/" while a v1 memory controller is listed; else of "memory" */
    bool is_unified;
    struct slice
        memory; /* borrowed: where its memory is charged: of the v1 hierarchy with "memory" if
                            there is one, else of the unified one */
    bool memory_in_v1;
    bool found; /* false: neither of both was listed */
};

bool process_cgroup_parse(struct slice text, struct process_cgroup *out, struct failure *why);
