/* Processes put into groups, by user, program, unit, ... or by patterns of the user's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/account/set_sharing.h"

/* X(constant, word, what a group has in common) */
#define GROUP_KEYS(X)                                                                              \
    X(USER, "user", "effective uid")                                                               \
    X(PROGRAM, "program", "name (comm)")                                                           \
    X(EXE, "exe", "program file")                                                                  \
    X(CGROUP, "cgroup", "path of the cgroup")                                                      \
    X(UNIT, "unit", "systemd unit of the cgroup's path")                                           \
    X(CONTAINER, "container", "container id of the cgroup's path")                                 \
    X(SESSION, "session", "session id")                                                            \
    X(TREE, "tree", "the child of PID 1 that they descend from")

enum group_key {
#define GROUP_CONSTANT(constant, word, what) GROUP_##constant,
    GROUP_KEYS(GROUP_CONSTANT)
#undef GROUP_CONSTANT
        GROUP_KEY_COUNT
};

struct process_group {
    char *name; /* owned; outside text; "-" for those that have none of it */
    uint32_t processes;
};

struct process_groups {
    struct process_group *groups; /* in the order of their first process */
    uint32_t count;
    size_t capacity;
    uint32_t *set_of; /* the group of each process, or NO_SET */
};

/* `how` is a key's word, or patterns "REGEX=NAME,...": the first that matches a process's name,
 * program file or command line decides, and a process that none matches is in no group. Kernel threads are in
 * none either. Fails with FAILURE_USAGE when `how` is neither. */
bool process_groups_compute(const struct snapshot *snapshot, const char *how,
                            struct process_groups *out, struct failure *why);
/* Takes processes that are not in keep[] (by index) out of their groups, and groups that have none left
 * away. False when memory runs out. */
bool process_groups_narrow(const struct snapshot *snapshot, const bool *keep,
                           struct process_groups *groups, struct failure *why);
void process_groups_deinit(struct process_groups *groups);

/* One group of given PIDs, "P,P,...". Fails with FAILURE_USAGE when it is no such list, or a PID is not in the
 * bundle. */
bool process_group_of_pids(const struct snapshot *snapshot, const char *pids,
                           struct process_groups *out, struct failure *why);
