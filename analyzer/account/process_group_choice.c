/* Groups of chosen processes: of a list of PIDs, or what is left of groups. */
#include "analyzer/account/process_group.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cleanup.h"

/* Marks the processes of a list; false when it is none. */
static bool mark_pids(const struct snapshot *snapshot, const char *pids,
                      struct process_groups *groups, struct failure *why)
{
    for (const char *at = pids; *at;) {
        char *end;
        unsigned long long pid = strtoull(at, &end, 10);
        if (*at < '0' || *at > '9' || (*end && *end != ','))
            return failure_set(why, FAILURE_USAGE, 0, "--pid takes PIDs, separated by commas");
        const struct process *process = snapshot_process(snapshot, pid);
        if (!process)
            return failure_set(why, FAILURE_USAGE, 0, "no process %llu in the bundle", pid);
        uint32_t *set = &groups->set_of[process - snapshot->processes];
        groups->groups[0].processes += *set == NO_SET;
        *set = 0;
        at = *end ? end + 1 : end;
    }
    return groups->groups[0].processes ||
           failure_set(why, FAILURE_USAGE, 0, "--pid takes PIDs, separated by commas");
}

bool process_group_of_pids(const struct snapshot *snapshot, const char *pids,
                           struct process_groups *out, struct failure *why)
{
    struct process_groups groups = {.count = 1};
    groups.groups = calloc(1, sizeof *groups.groups);
    groups.set_of = malloc((snapshot->process_count + 1) * sizeof *groups.set_of);
    if (groups.groups)
        groups.groups[0].name = strdup(pids);
    bool ok = groups.set_of && groups.groups && groups.groups[0].name;
    if (!ok)
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; ok && i < snapshot->process_count; i++)
        groups.set_of[i] = NO_SET;
    if (ok && mark_pids(snapshot, pids, &groups, why)) {
        *out = groups;
        return true;
    }
    groups.count = groups.groups ? 1 : 0;
    process_groups_deinit(&groups);
    return false;
}

/* Moves the groups that have processes to the front; where each went. */
static void close_ranks(struct process_groups *groups, uint32_t *moved_to)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < groups->count; i++) {
        if (!groups->groups[i].processes) {
            free(groups->groups[i].name);
            continue;
        }
        moved_to[i] = kept;
        groups->groups[kept++] = groups->groups[i];
    }
    groups->count = kept;
}

bool process_groups_narrow(const struct snapshot *snapshot, const bool *keep,
                           struct process_groups *groups, struct failure *why)
{
    AUTO_FREE uint32_t *moved_to = calloc((size_t)groups->count + 1, sizeof *moved_to);
    if (!moved_to)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < snapshot->process_count; i++) {
        if (keep[i] || groups->set_of[i] == NO_SET)
            continue;
        groups->groups[groups->set_of[i]].processes--;
        groups->set_of[i] = NO_SET;
    }
    close_ranks(groups, moved_to);
    for (size_t i = 0; i < snapshot->process_count; i++)
        if (groups->set_of[i] != NO_SET)
            groups->set_of[i] = moved_to[groups->set_of[i]];
    return true;
}
