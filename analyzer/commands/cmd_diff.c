#include "analyzer/commands/commands.h"
#include "analyzer/views/diff_view.h"

int command_diff(struct request *request)
{
    struct failure why = {0};
    struct snapshot_diff diff = {0};
    struct snapshot *before = request_load(request, 0, false, MAPPINGS_ALL);
    struct snapshot *after = before ? request_load(request, 1, false, MAPPINGS_ALL) : NULL;
    int status = STATUS_UNREADABLE;
    if (after) {
        bool ok = snapshot_diff_compute(before, after, &diff, &why) &&
                  (request->json ? diff_print_json(&diff, stdout, &why)
                                 : diff_print(&diff, &request->view, &why));
        status = finish_output(ok, after->file, &why, diff.changed ? STATUS_FOUND : STATUS_FINE);
    }
    snapshot_diff_deinit(&diff);
    snapshot_free(before);
    snapshot_free(after);
    return status;
}
