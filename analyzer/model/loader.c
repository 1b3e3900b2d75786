/* The processes met so far, by PID, and what went wrong with members. */
#include "analyzer/model/loader.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/array.h"

void loader_problem(struct loader *loader, const char *member, struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    if (member)
        failure_in(why, member);
    struct failure *slot = NULL;
    if (snapshot->problem_count < PROBLEMS_KEPT)
        slot = ARRAY_PUSH(snapshot->problems, snapshot->problem_count, snapshot->problem_capacity);
    if (slot)
        *slot = *why;
    else
        snapshot->problems_dropped++;
    *why = (struct failure){0};
}

void loader_unknown_field(struct loader *loader, const char *file, const char *name)
{
    struct snapshot *snapshot = loader->snapshot;
    char text[160];
    uint32_t id;
    snprintf(text, sizeof text, "%s: %s", file, name);
    if (!string_pool_add(&snapshot->strings, slice_of(text), &id))
        return; /* the count is kept all the same */
    for (size_t i = 0; i < snapshot->unknown_name_count; i++)
        if (snapshot->unknown_names[i] == id)
            return;
    if (snapshot->unknown_name_count < UNKNOWN_NAMES_KEPT)
        snapshot->unknown_names[snapshot->unknown_name_count++] = id;
}

struct process *loader_process(struct loader *loader, uint64_t pid, struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    uint32_t found = key_index_find(&loader->by_pid, pid);
    if (found != NO_ROW)
        return &snapshot->processes[found];
    if (snapshot->process_count >= loader->options->limits.processes) {
        failure_set(why, FAILURE_LIMIT, 0, "more than %llu processes",
                    (unsigned long long)loader->options->limits.processes);
        return NULL;
    }
    struct process *process =
        ARRAY_PUSH(snapshot->processes, snapshot->process_count, snapshot->process_capacity);
    if (process)
        process->pid = pid;
    if (!process || !key_index_add(&loader->by_pid, pid, (uint32_t)(snapshot->process_count - 1))) {
        OUT_OF_MEMORY(why);
        return NULL;
    }
    return process;
}
