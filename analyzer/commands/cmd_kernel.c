#include "analyzer/commands/commands.h"
#include "analyzer/views/kernel_view.h"

int command_kernel(struct request *request)
{
    struct failure why = {0};
    struct kernel_report report = {0};
    bool by_object = kernel_section_wanted(&request->view, KERNEL_SHARED_SECTION);
    struct snapshot *snapshot =
        request_load(request, 0, false, by_object ? MAPPINGS_ALL : MAPPINGS_OF_OWNERS);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool ok = kernel_report_compute(snapshot, &report, &why) &&
              (request->json ? kernel_print_json(snapshot, &report, &request->view, &why)
                             : kernel_print(snapshot, &report, &request->view, &why));
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    kernel_report_deinit(&report);
    snapshot_free(snapshot);
    return status;
}
