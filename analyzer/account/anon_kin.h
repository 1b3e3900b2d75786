/* Which mappings of a stretch without a file may be copies that fork made of one another: those of relatives,
 * with the same start or the same end, since fork keeps addresses. Source: ppid and startstack of stat,
 * addresses of smaps. */
#pragma once

#include "analyzer/account/shared_stretches.h"

struct kin_border {
    uint64_t at;
    uint32_t part; /* index into the stretch's parts */
};

struct anon_kin {
    const struct snapshot *snapshot; /* borrowed */
    uint32_t *parent;                /* of each process: index + 1 of its parent; 0: not here */
    uint32_t *met;       /* by process: index + 1 of its part in the run at hand; else 0 */
    uint32_t *family_of; /* by part: the first part of its family; of the last stretch */
    struct kin_border *starts, *ends; /* of the last stretch's parts, ascending */
    size_t count, capacity;           /* parts of the last stretch; room */
};

/* False when memory ran out. End with anon_kin_deinit(), also then. */
bool anon_kin_init(const struct snapshot *snapshot, struct anon_kin *kin);
void anon_kin_deinit(struct anon_kin *kin);

/* Fills family_of, starts and ends. Relatives are a process and who descends from it, and children of one
 * parent, which may have ended. Who has another start of its stack has called execve since. False when
 * memory ran out. */
bool anon_kin_find(struct anon_kin *kin, const struct shared_stretch *stretch);

/* How many parts of the last stretch have an address from start to end. */
size_t anon_kin_parts_between(const struct anon_kin *kin, uint64_t start, uint64_t end);
