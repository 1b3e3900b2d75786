#include "analyzer/commands/commands.h"
#include "analyzer/views/kernel_view.h"

int command_kernel(struct request *request)
{
    struct failure why = {0};
    struct kernel_usage usage = {0};
    struct snapshot *snapshot = request_load(request, 0, false, true);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool ok = kernel_usage_compute(snapshot, &usage, &why) &&
              (request->json ? kernel_print_json(snapshot, &usage, stdout, &why)
                             : kernel_print(snapshot, &usage, &request->view, &why));
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    kernel_usage_deinit(&usage);
    snapshot_free(snapshot);
    return status;
}
