#include "analyzer/commands/commands.h"
#include "analyzer/views/share_view.h"

#include <stdlib.h>

static bool print_report(const struct request *request, const struct share_report *report,
                         struct failure *why)
{
    return request->json ? share_print_json(report, request->view.table.rows, stdout, why)
                         : share_print(report, &request->view, why);
}

static bool print_groups(const struct request *request, const struct shared_stretches *stretches,
                         struct share_report *report, struct failure *why)
{
    struct process_groups groups = {0};
    bool ok = request->pids
                  ? process_group_of_pids(report->snapshot, request->pids, &groups, why)
                  : process_groups_compute(report->snapshot, request->group, &groups, why);
    if (!ok)
        return false;
    struct set_sharing *figures = set_sharing_compute(stretches, groups.set_of, groups.count, why);
    report->groups = &groups;
    report->figures = figures;
    report->one_set = request->pids != NULL;
    ok = figures && print_report(request, report, why);
    report->groups = NULL;
    report->figures = NULL;
    free(figures);
    process_groups_deinit(&groups);
    return ok;
}

static bool print_share(const struct request *request, const struct snapshot *snapshot,
                        struct failure *why)
{
    struct shared_stretches stretches = {0};
    struct sharing_sets sets = {0};
    if (!shared_stretches_compute(snapshot, &stretches, why))
        return false;
    struct share_report report = {.snapshot = snapshot,
                                  .all_mappers_read = stretches.all_mappers_read};
    bool ok = true;
    if (request->pids || request->group) {
        ok = print_groups(request, &stretches, &report, why);
    } else {
        ok = sharing_sets_compute(&stretches, &sets, why);
        report.sets = &sets;
        ok = ok && print_report(request, &report, why);
    }
    sharing_sets_deinit(&sets);
    shared_stretches_deinit(&stretches);
    return ok;
}

int command_share(struct request *request)
{
    struct failure why = {0};
    struct snapshot *snapshot = request_load(request, 0, false, MAPPINGS_ALL);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool ok = print_share(request, snapshot, &why);
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    snapshot_free(snapshot);
    return status;
}
