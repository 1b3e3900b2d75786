#include "analyzer/base/cleanup.h"
#include "analyzer/commands/commands.h"
#include "analyzer/commands/ps_report.h"
#include "analyzer/views/summary_view.h"

int command_summary(struct request *request)
{
    struct failure why = {0}, ledger_failure = {0};
    struct ps_report ps = {0};
    struct snapshot *snapshot = request_load(request, 0, false, MAPPINGS_ALL);
    if (!snapshot)
        return STATUS_UNREADABLE;
    AUTO_FREE struct ledger *ledger = malloc(sizeof *ledger);
    AUTO_FREE struct check_report *checks = malloc(sizeof *checks);
    AUTO_FREE struct rule_report *rules = malloc(sizeof *rules);
    bool ok = (ledger && checks && rules) || failure_set(&why, FAILURE_SYSTEM, 0, "out of memory");
    ok = ok && ps_report_fill(request, snapshot, false, &ps, &why);
    bool has_ledger = ok && ledger_compute(snapshot, ledger, &ledger_failure);
    ok = ok && rules_run(snapshot, has_ledger ? ledger : NULL, rules, &why);
    if (ok) {
        checks_run(snapshot, checks);
        struct summary summary = {.snapshot = snapshot,
                                  .ledger = has_ledger ? ledger : NULL,
                                  .ledger_failure = &ledger_failure,
                                  .ps = &ps,
                                  .checks = checks,
                                  .rules = rules};
        ok = request->json ? summary_print_json(&summary, stdout, &why)
                           : summary_print(&summary, &request->view, &why);
    }
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    ps_report_deinit(&ps);
    snapshot_free(snapshot);
    return status;
}
