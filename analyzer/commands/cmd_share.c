#include "analyzer/account/page_sharing_sets.h"
#include "analyzer/commands/commands.h"
#include "analyzer/commands/grouping.h"
#include "analyzer/views/share_view.h"

static bool print_report(const struct request *request, const struct share_report *report,
                         struct failure *why)
{
    return request->json ? share_print_json(report, request->view.table.rows, stdout, why)
                         : share_print(report, &request->view, why);
}

static bool print_groups(const struct request *request, const struct snapshot *snapshot,
                         struct failure *why)
{
    struct grouping grouping;
    if (!grouping_compute(request, snapshot, &grouping, why))
        return false;
    const struct share_report report = {.snapshot = snapshot,
                                        .pages = grouping.report.pages,
                                        .groups = &grouping.report,
                                        .one_set = request->pids != NULL,
                                        .all_mappers_read = grouping.stretches.all_mappers_read};
    bool ok = print_report(request, &report, why);
    grouping_deinit(&grouping);
    return ok;
}

static bool print_sets(const struct request *request, const struct snapshot *snapshot,
                       struct failure *why)
{
    struct shared_stretches stretches = {0};
    struct page_sharing pages = {0};
    struct sharing_sets sets = {0};
    bool by_pages = snapshot->pages.page_bytes != 0;
    if (!shared_stretches_compute(snapshot, &stretches, why))
        return false;
    const struct share_report report = {.snapshot = snapshot,
                                        .pages = by_pages ? &pages : NULL,
                                        .sets = &sets,
                                        .all_mappers_read = stretches.all_mappers_read};
    bool ok = by_pages ? page_sharing_compute(snapshot, &pages, why) &&
                             page_sharing_sets(&pages, &sets, why)
                       : sharing_sets_compute(&stretches, &sets, why);
    ok = ok && print_report(request, &report, why);
    sharing_sets_deinit(&sets);
    page_sharing_deinit(&pages);
    shared_stretches_deinit(&stretches);
    return ok;
}

int command_share(struct request *request)
{
    struct failure why = {0};
    if (request->pids && request->group) {
        failure_set(&why, FAILURE_USAGE, 0, "--pid is one set, --group makes its own: take one");
        return report_failure(NULL, &why);
    }
    request->keep_pages = true;
    struct snapshot *snapshot = request_load(request, 0, false, MAPPINGS_ALL);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool ok = request->pids || request->group ? print_groups(request, snapshot, &why)
                                              : print_sets(request, snapshot, &why);
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    snapshot_free(snapshot);
    return status;
}
