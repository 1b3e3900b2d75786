#include "analyzer/commands/commands.h"
#include "analyzer/views/info_view.h"

int command_info(struct request *request)
{
    struct failure why = {0};
    struct snapshot *snapshot = request_load(request, 0, true, MAPPINGS_OF_OWNERS);
    if (!snapshot)
        return STATUS_UNREADABLE;
    struct info_report report = {.snapshot = snapshot};
    process_totals_compute(snapshot, &report.totals);
    bool ok = request->json ? info_print_json(&report, stdout, &why)
                            : info_print(&report, &request->view, &why);
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    snapshot_free(snapshot);
    return status;
}
