#include "analyzer/commands/grouping.h"

#include <stdlib.h>

#include "analyzer/account/machine_size.h"
#include "analyzer/account/page_set_figures.h"
#include "analyzer/base/cleanup.h"

static bool narrow(const struct request *request, const struct snapshot *snapshot,
                   struct process_groups *groups, struct failure *why)
{
    if (!request->process.set && !request->user.set)
        return true;
    AUTO_FREE bool *keep = malloc((snapshot->process_count + 1) * sizeof *keep);
    if (!keep)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < snapshot->process_count; i++)
        keep[i] = process_passes(request, snapshot, &snapshot->processes[i]);
    return process_groups_narrow(snapshot, keep, groups, why);
}

/* Bounds, and counts in their place where the bundle has pages. */
static struct set_sharing *figures_of(const struct grouping *grouping, const uint32_t *set_of,
                                      uint32_t sets, struct failure *why)
{
    struct set_sharing *figures = set_sharing_compute(&grouping->stretches, set_of, sets, why);
    if (!figures || !grouping->pages.page_bytes ||
        page_set_figures(&grouping->pages, &grouping->stretches, set_of, sets, figures, why))
        return figures;
    free(figures);
    return NULL;
}

/* All groups as one set. */
static bool join(const struct snapshot *snapshot, struct grouping *grouping, struct failure *why)
{
    AUTO_FREE uint32_t *set_of = malloc((snapshot->process_count + 1) * sizeof *set_of);
    if (!set_of)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < snapshot->process_count; i++)
        set_of[i] = grouping->groups.set_of[i] == NO_SET ? NO_SET : 0;
    grouping->all = figures_of(grouping, set_of, 1, why);
    return grouping->all != NULL;
}

static bool find_groups(const struct request *request, const struct snapshot *snapshot,
                        struct process_groups *groups, struct failure *why)
{
    return request->pids ? process_group_of_pids(snapshot, request->pids, groups, why)
                         : process_groups_compute(snapshot, request->group, groups, why);
}

bool grouping_compute(const struct request *request, const struct snapshot *snapshot,
                      struct grouping *out, struct failure *why)
{
    *out = (struct grouping){0};
    bool ok = find_groups(request, snapshot, &out->groups, why) &&
              narrow(request, snapshot, &out->groups, why) &&
              shared_stretches_compute(snapshot, &out->stretches, why) &&
              (!snapshot->pages.page_bytes || page_sharing_compute(snapshot, &out->pages, why));
    if (ok)
        out->figures = figures_of(out, out->groups.set_of, out->groups.count, why);
    ok = ok && out->figures && (!request->view.totals || join(snapshot, out, why));
    if (!ok) {
        grouping_deinit(out);
        return false;
    }
    struct machine_size size = machine_size_of(snapshot);
    out->report = (struct group_report){.snapshot = snapshot,
                                        .pages = out->pages.page_bytes ? &out->pages : NULL,
                                        .groups = &out->groups,
                                        .figures = out->figures,
                                        .all = out->all,
                                        .available = available_memory(snapshot),
                                        .memory = size.memory,
                                        .swap = size.swap};
    return true;
}

void grouping_deinit(struct grouping *grouping)
{
    free(grouping->figures);
    free(grouping->all);
    page_sharing_deinit(&grouping->pages);
    shared_stretches_deinit(&grouping->stretches);
    process_groups_deinit(&grouping->groups);
    *grouping = (struct grouping){0};
}
