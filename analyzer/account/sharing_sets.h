/* Which processes share which pages: stretches of memory put together by who maps them. */
#pragma once

#include "analyzer/account/set_sharing.h"

struct sharing_set {
    size_t first_process; /* in sharing_sets.processes: indexes into snapshot.processes, by PID */
    uint32_t count;       /* of address spaces; two or more */
    enum object_kind kind;
    uint64_t stretches;
    struct byte_range exactly;  /* pages that all of these map, and nobody else */
    struct byte_range distinct; /* pages that at least two of these map, where only these do */
};

struct sharing_sets {
    struct sharing_set *sets; /* by exactly.high, largest first */
    size_t count, capacity;
    uint32_t *processes;
    size_t process_count, process_capacity;
    bool all_mappers_read;
};

bool sharing_sets_compute(const struct shared_stretches *stretches, struct sharing_sets *out,
                          struct failure *why);
void sharing_sets_deinit(struct sharing_sets *sets);
