#include "analyzer/commands/commands.h"
#include "analyzer/views/cgroups_view.h"

int command_cgroups(struct request *request)
{
    struct failure why = {0};
    struct cgroups cgroups = {0};
    struct snapshot *snapshot = request_load(request, 0, false, MAPPINGS_OF_OWNERS);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool ok = cgroups_compute(snapshot, &cgroups, &why) &&
              (request->json ? cgroups_print_json(snapshot, &cgroups, stdout, &why)
                             : cgroups_print(snapshot, &cgroups, &request->view, &why));
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    cgroups_deinit(&cgroups);
    snapshot_free(snapshot);
    return status;
}
