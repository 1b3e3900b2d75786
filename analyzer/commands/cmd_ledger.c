#include "analyzer/base/cleanup.h"
#include "analyzer/commands/commands.h"
#include "analyzer/views/ledger_view.h"

int command_ledger(struct request *request)
{
    struct failure why = {0};
    struct snapshot *snapshot = request_load(request, 0, false, true);
    if (!snapshot)
        return STATUS_UNREADABLE;
    AUTO_FREE struct ledger *ledger = malloc(sizeof *ledger);
    bool ok = ledger ? ledger_compute(snapshot, ledger, &why)
                     : failure_set(&why, FAILURE_SYSTEM, 0, "out of memory");
    ok = ok && (request->json ? ledger_print_json(snapshot, ledger, stdout, &why)
                              : ledger_print(snapshot, ledger, &request->view, &why));
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    snapshot_free(snapshot);
    return status;
}
