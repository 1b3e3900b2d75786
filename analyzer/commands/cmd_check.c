#include "analyzer/base/cleanup.h"
#include "analyzer/commands/commands.h"
#include "analyzer/views/check_view.h"

int command_check(struct request *request)
{
    struct failure why = {0};
    struct snapshot *snapshot = request_load(request, 0, false, false);
    if (!snapshot)
        return STATUS_UNREADABLE;
    AUTO_FREE struct check_report *report = malloc(sizeof *report);
    bool ok = report || failure_set(&why, FAILURE_SYSTEM, 0, "out of memory");
    if (ok) {
        checks_run(snapshot, report);
        ok = request->json ? check_print_json(snapshot, report, stdout, &why)
                           : check_print(snapshot, report, &request->view, &why);
    }
    int status = finish_output(ok, snapshot->file, &why,
                               report && report->broken ? STATUS_FOUND : STATUS_FINE);
    snapshot_free(snapshot);
    return status;
}
