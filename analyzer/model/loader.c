/* The processes met so far, by PID, and what went wrong with members. */
#include "analyzer/model/loader.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/array.h"

#define FIRST_PID_BUCKETS 1024u

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

static size_t pid_bucket(const struct loader *loader, uint64_t pid)
{
    size_t mask = loader->pid_bucket_count - 1;
    size_t at = (size_t)(pid * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (loader->pid_buckets[at] &&
           loader->snapshot->processes[loader->pid_buckets[at] - 1].pid != pid)
        at = (at + 1) & mask;
    return at;
}

static bool grow_pid_buckets(struct loader *loader)
{
    size_t wanted = loader->pid_bucket_count ? loader->pid_bucket_count * 2 : FIRST_PID_BUCKETS;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    free(loader->pid_buckets);
    loader->pid_buckets = buckets;
    loader->pid_bucket_count = wanted;
    for (size_t i = 0; i < loader->snapshot->process_count; i++)
        buckets[pid_bucket(loader, loader->snapshot->processes[i].pid)] = (uint32_t)i + 1;
    return true;
}

bool loader_init_pids(struct loader *loader)
{
    return grow_pid_buckets(loader);
}

struct process *loader_process(struct loader *loader, uint64_t pid, struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    size_t bucket = pid_bucket(loader, pid);
    if (loader->pid_buckets[bucket])
        return &snapshot->processes[loader->pid_buckets[bucket] - 1];
    if (snapshot->process_count >= loader->options->limits.processes) {
        failure_set(why, FAILURE_LIMIT, 0, "more than %llu processes",
                    (unsigned long long)loader->options->limits.processes);
        return NULL;
    }
    struct process *process =
        ARRAY_PUSH(snapshot->processes, snapshot->process_count, snapshot->process_capacity);
    if (process) {
        process->pid = pid;
        loader->pid_buckets[bucket] = (uint32_t)snapshot->process_count;
    }
    if (!process ||
        (snapshot->process_count * 4 > loader->pid_bucket_count * 3 && !grow_pid_buckets(loader))) {
        OUT_OF_MEMORY(why);
        return NULL;
    }
    return process;
}
