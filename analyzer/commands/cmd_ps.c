#include "analyzer/commands/commands.h"
#include "analyzer/commands/grouping.h"
#include "analyzer/commands/ps_report.h"
#include "analyzer/compare/baseline.h"

static bool print(const struct request *request, const struct ps_report *report,
                  struct failure *why)
{
    return request->json ? ps_print_json(report, request->view.ps_rows, stdout, why)
                         : ps_print(report, &request->view, why);
}

/* `usual` is the baseline, or NULL. */
static bool fill_and_print(const struct request *request, const struct snapshot *snapshot,
                           const struct snapshot *usual, struct failure *why)
{
    struct ps_report report = {0};
    struct grouping grouping = {0};
    struct baseline baseline = {0};
    bool all = request->view.all || request->json;
    bool grouped = request->view.ps_rows == PS_GROUPS;
    if (grouped && request->map.set)
        return failure_set(why, FAILURE_USAGE, 0, "--group does not go with -M: maps takes both");
    bool ok = ps_report_fill(request, snapshot, all, &report, why) &&
              (!grouped || grouping_compute(request, snapshot, &grouping, why)) &&
              (!usual ||
               baseline_of_processes(usual, snapshot, report.usages, report.count, &baseline, why));
    report.groups = grouped ? &grouping.report : NULL;
    report.baseline = usual ? &baseline : NULL;
    ok = ok && print(request, &report, why);
    grouping_deinit(&grouping);
    baseline_deinit(&baseline);
    ps_report_deinit(&report);
    return ok;
}

int command_ps(struct request *request)
{
    struct failure why = {0};
    bool needs_mappings = request->map.set || request->view.ps_rows == PS_MAPPINGS ||
                          request->view.ps_rows == PS_GROUPS;
    request->keep_pages = request->view.ps_rows == PS_GROUPS;
    struct snapshot *snapshot =
        request_load(request, 0, false, needs_mappings ? MAPPINGS_ALL : MAPPINGS_NONE);
    if (!snapshot)
        return STATUS_UNREADABLE;
    struct snapshot *usual = NULL;
    int status = STATUS_UNREADABLE;
    if (request_load_baseline(request, MAPPINGS_NONE, &usual)) {
        bool ok = fill_and_print(request, snapshot, usual, &why);
        status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    }
    snapshot_free(snapshot);
    snapshot_free(usual);
    return status;
}
