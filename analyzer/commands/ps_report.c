#include "analyzer/commands/ps_report.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"

/* With -M: the process maps something whose name matches. */
static bool maps_match(const struct request *request, const struct snapshot *snapshot,
                       const struct process *process)
{
    if (!request->map.set)
        return true;
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < process->mapping_count; i++) {
        uint32_t object = snapshot->mappings.mappings[process->first_mapping + i].object;
        if (object != last &&
            filter_matches(&request->map,
                           snapshot_text(snapshot, snapshot->mappings.objects[object].name)))
            return true;
        last = object;
    }
    return false;
}

bool ps_report_fill(const struct request *request, const struct snapshot *snapshot, bool all,
                    struct ps_report *out, struct failure *why)
{
    *out = (struct ps_report){.snapshot = snapshot};
    out->usages = malloc((snapshot->process_count + 1) * sizeof *out->usages);
    if (!out->usages)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    AUTO_FREE unsigned char *counted = calloc(snapshot->process_count + 1, 1);
    if (!counted)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        struct process_usage usage;
        if (!process_passes(request, snapshot, process) || !maps_match(request, snapshot, process))
            continue;
        process_usage_compute(snapshot, process, &usage);
        if (process->address_space) {
            usage.counted_before = counted[process->address_space - 1];
            counted[process->address_space - 1] = true;
        }
        process_totals_add(&out->totals, &usage);
        bool without_memory =
            usage.state == PROCESS_KERNEL_THREAD_STATE || usage.state == PROCESS_ZOMBIE_STATE;
        if (all || !without_memory)
            out->usages[out->count++] = usage;
    }
    return true;
}

void ps_report_deinit(struct ps_report *report)
{
    free(report->usages);
    *report = (struct ps_report){0};
}
