#include "analyzer/commands/commands.h"
#include "analyzer/account/process_group.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/views/pages_view.h"

#include <stdlib.h>

/* The processes of --pid, else all whose pages were loaded. */
static bool fill_processes(const struct request *request, const struct process_groups *chosen,
                           struct pages_report *report, struct failure *why)
{
    const struct snapshot *snapshot = report->snapshot;
    if (!report->sharing)
        return true;
    AUTO_FREE struct page_usage *usages = page_usage_compute(report->sharing, snapshot, why);
    report->processes = calloc(snapshot->process_count + 1, sizeof *report->processes);
    if (!usages || !report->processes)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        bool wanted =
            request->pids ? chosen->set_of[i] != NO_SET : (process->files & PROCESS_PAGES) != 0;
        if (!wanted)
            continue;
        struct pages_process *row = &report->processes[report->process_count++];
        row->process = process;
        row->pages = usages[i];
        process_usage_compute(snapshot, process, &row->smaps);
    }
    return true;
}

static bool print_pages(const struct request *request, const struct snapshot *snapshot,
                        struct failure *why)
{
    struct page_census census;
    struct page_sharing sharing = {0};
    struct process_groups chosen = {0};
    bool by_pages = snapshot->pages.page_bytes != 0;
    struct pages_report report = {.snapshot = snapshot, .by_process = request->pids != NULL};
    if (page_census_compute(snapshot, &census))
        report.census = &census;
    if (!by_pages && (!report.census || request->pids))
        return failure_set(why, FAILURE_UNSUPPORTED, 0,
                           "the bundle has no pages: collect with --pages, as root");
    if (by_pages && !page_sharing_compute(snapshot, &sharing, why))
        return false;
    if (by_pages) {
        report.sharing = &sharing;
        page_totals_compute(&sharing, &report.totals);
    }
    bool ok = (!request->pids || process_group_of_pids(snapshot, request->pids, &chosen, why)) &&
              fill_processes(request, &chosen, &report, why) &&
              (request->json ? pages_print_json(&report, request->view.table.rows, stdout, why)
                             : pages_print(&report, &request->view, why));
    free(report.processes);
    process_groups_deinit(&chosen);
    page_sharing_deinit(&sharing);
    return ok;
}

int command_pages(struct request *request)
{
    struct failure why = {0};
    request->keep_pages = true;
    struct snapshot *snapshot = request_load(request, 0, false, MAPPINGS_ALL);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool ok = print_pages(request, snapshot, &why);
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    snapshot_free(snapshot);
    return status;
}
