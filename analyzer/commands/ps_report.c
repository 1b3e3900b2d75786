#include "analyzer/commands/ps_report.h"

#include <stdlib.h>

#include "analyzer/account/kernel_holders.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/views/maps_view.h"

/* Which objects -M lets through, by index; NULL without -M. A name is matched once, however often
 * it is mapped. */
static bool choose_objects(const struct request *request, const struct snapshot *snapshot,
                           bool **chosen, struct failure *why)
{
    const struct mapping_store *store = &snapshot->mappings;
    *chosen = NULL;
    if (!request->map.set)
        return true;
    *chosen = calloc(store->object_count + 1, sizeof **chosen);
    if (!*chosen)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < store->object_count; i++)
        (*chosen)[i] = filter_matches(&request->map, object_name(snapshot, &store->objects[i]));
    return true;
}

static bool maps_one(const struct snapshot *snapshot, const struct process *process,
                     const bool *chosen)
{
    for (size_t i = 0; i < process->mapping_count; i++)
        if (chosen[snapshot->mappings.mappings[process->first_mapping + i].object])
            return true;
    return false;
}

static bool find_stack_size(const struct snapshot *snapshot, struct ps_report *report,
                            struct failure *why)
{
    struct kernel_holders holders;
    if (!kernel_holders_compute(snapshot, &holders, why))
        return false;
    report->stack_size = holders.stack_size;
    report->stack_grade = holders.stack_grade;
    kernel_holders_deinit(&holders);
    return true;
}

/* `counted`: by index of the first process of an address space, whether it is in the sums. */
static void add_processes(const struct request *request, bool all, const bool *chosen,
                          bool *counted, struct ps_report *report)
{
    const struct snapshot *snapshot = report->snapshot;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        struct process_usage usage;
        if (!process_passes(request, snapshot, process) ||
            (chosen && !maps_one(snapshot, process, chosen)))
            continue;
        process_usage_compute(snapshot, process, &usage);
        process_usage_add_stacks(&usage, report->stack_size);
        if (chosen)
            process_usage_narrow(snapshot, chosen, &usage);
        if (process->address_space) {
            usage.counted_before = counted[process->address_space - 1];
            counted[process->address_space - 1] = true;
        }
        process_totals_add(&report->totals, &usage);
        if (all || !process_usage_has_none(&usage))
            report->usages[report->count++] = usage;
    }
}

static bool group(const struct request *request, const bool *chosen, struct ps_report *report,
                  struct failure *why)
{
    switch (request->view.ps_rows) {
    case PS_USERS:
        return user_usages_compute(report->usages, report->count, &report->users, why);
    case PS_MAPPINGS:
        return name_usages_compute(report->snapshot, report->usages, report->count, chosen,
                                   &report->names, why);
    case PS_PROCESSES:
    case PS_GROUPS:
        break;
    }
    return true;
}

bool ps_report_fill(const struct request *request, const struct snapshot *snapshot, bool all,
                    struct ps_report *out, struct failure *why)
{
    AUTO_FREE bool *chosen = NULL;
    AUTO_FREE bool *counted = calloc(snapshot->process_count + 1, sizeof *counted);
    *out = (struct ps_report){.snapshot = snapshot, .size = machine_size_of(snapshot)};
    out->usages = malloc((snapshot->process_count + 1) * sizeof *out->usages);
    if (!out->usages || !counted)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!choose_objects(request, snapshot, &chosen, why) || !find_stack_size(snapshot, out, why))
        return false;
    add_processes(request, all, chosen, counted, out);
    return group(request, chosen, out, why);
}

void ps_report_deinit(struct ps_report *report)
{
    free(report->usages);
    user_usages_deinit(&report->users);
    name_usages_deinit(&report->names);
    *report = (struct ps_report){0};
}
