#include "analyzer/model/snapshot.h"

#include <stdlib.h>

static void sample_deinit(struct system_sample *sample)
{
    field_record_deinit(&sample->meminfo);
    field_record_deinit(&sample->vmstat);
    zoneinfo_deinit(&sample->zoneinfo);
    zoneinfo_deinit(&sample->zoneinfo_first);
}

static void system_deinit(struct system_state *system)
{
    sample_deinit(&system->now);
    for (size_t i = 0; i < system->sample_count; i++)
        sample_deinit(&system->samples[i]);
    free(system->samples);
    buddyinfo_deinit(&system->buddyinfo);
    slabinfo_deinit(&system->slabinfo);
    vmallocinfo_deinit(&system->vmallocinfo);
    modules_deinit(&system->modules);
    swaps_deinit(&system->swaps);
    sysvipc_shm_deinit(&system->shm);
    sockstat_deinit(&system->sockstat);
    packet_sockets_deinit(&system->packet_sockets);
    for (size_t i = 0; i < system->node_count; i++)
        field_record_deinit(&system->nodes[i].meminfo);
    free(system->nodes);
    free(system->pools);
    free(system->module_sizes);
    free(system->zrams);
    free(system->aliases);
    system_details_deinit(&system->details);
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    system_deinit(&snapshot->system);
    for (unsigned i = 0; i < IDENTITY_FACT_COUNT; i++)
        free(snapshot->identity.text[i]);
    for (size_t i = 0; i < snapshot->note_count; i++)
        free(snapshot->notes[i]);
    free(snapshot->notes);
    free(snapshot->processes);
    free(snapshot->told_spaces.pairs);
    free(snapshot->members);
    free(snapshot->problems);
    mapping_store_deinit(&snapshot->mappings);
    page_store_deinit(&snapshot->pages);
    cgroup_table_deinit(&snapshot->cgroups);
    free(snapshot->extras);
    string_pool_deinit(&snapshot->strings);
    free(snapshot->file);
    free(snapshot->form);
    free(snapshot);
}

struct process *snapshot_process(const struct snapshot *snapshot, uint64_t pid)
{
    size_t low = 0, high = snapshot->process_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (snapshot->processes[middle].pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < snapshot->process_count && snapshot->processes[low].pid == pid)
        return &snapshot->processes[low];
    return NULL;
}

bool snapshot_lists_processes(const struct snapshot *snapshot)
{
    if (snapshot->complete || !snapshot->is_ours)
        return snapshot->complete && snapshot->process_count;
    for (size_t i = 0; i < snapshot->process_count; i++)
        if (snapshot->processes[i].files & (PROCESS_ROLLUP | PROCESS_SMAPS))
            return true; /* these are read when all have been listed */
    return false;
}

bool snapshot_is_collector(const struct snapshot *snapshot, const struct process *process)
{
    uint64_t pid = snapshot->identity.collector_pid;
    if (!process || !pid || process->pid == pid)
        return process && pid;
    if (!(process->files & PROCESS_STAT) || process->ppid != pid)
        return false;
    const struct process *parent = snapshot_process(snapshot, pid);
    return parent && parent->files & process->files & PROCESS_COMM && parent->comm == process->comm;
}

struct slice snapshot_text(const struct snapshot *snapshot, uint32_t id)
{
    return string_pool_get(&snapshot->strings, id);
}

bool snapshot_page_size(const struct snapshot *snapshot, uint64_t *bytes)
{
    if (!snapshot->identity.page_size_source)
        return false;
    *bytes = snapshot->identity.page_size_bytes;
    return true;
}
