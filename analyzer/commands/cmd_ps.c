#include "analyzer/commands/commands.h"
#include "analyzer/commands/ps_report.h"

int command_ps(struct request *request)
{
    struct failure why = {0};
    struct ps_report report = {0};
    bool needs_mappings = request->map.set || request->view.ps_rows == PS_MAPPINGS;
    struct snapshot *snapshot =
        request_load(request, 0, false, needs_mappings ? MAPPINGS_ALL : MAPPINGS_NONE);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool all = request->view.all || request->json;
    bool ok = ps_report_fill(request, snapshot, all, &report, &why) &&
              (request->json ? ps_print_json(&report, request->view.ps_rows, stdout, &why)
                             : ps_print(&report, &request->view, &why));
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    ps_report_deinit(&report);
    snapshot_free(snapshot);
    return status;
}
