#include "analyzer/base/cleanup.h"
#include "analyzer/commands/commands.h"
#include "analyzer/compare/baseline.h"
#include "analyzer/views/check_view.h"

static bool is_found(const struct request *request, const struct check_report *checks,
                     const struct rule_report *rules)
{
    return (checks->broken && request->view.check_part != CHECK_RULES) ||
           (rules->warn && request->view.check_part != CHECK_IDENTITIES);
}

static bool print(struct request *request, const struct snapshot *snapshot,
                  const struct snapshot *usual, const struct check_report *checks,
                  const struct rule_report *rules, struct failure *why)
{
    struct baseline baseline = {0};
    bool ok = !usual || baseline_of_checks(usual, snapshot, checks, rules, &baseline, why);
    request->view.baseline = usual ? &baseline : NULL;
    ok = ok && (request->json
                    ? check_print_json(snapshot, checks, rules, request->view.baseline, stdout, why)
                    : check_print(snapshot, checks, rules, &request->view, why));
    request->view.baseline = NULL;
    baseline_deinit(&baseline);
    return ok;
}

int command_check(struct request *request)
{
    struct failure why = {0}, no_ledger = {0};
    request->keep_pages = true;
    struct snapshot *usual, *snapshot = request_load(request, 0, false, MAPPINGS_ALL);
    if (!snapshot)
        return STATUS_UNREADABLE;
    if (!request_load_baseline(request, MAPPINGS_ALL, &usual)) {
        snapshot_free(snapshot);
        return STATUS_UNREADABLE;
    }
    AUTO_FREE struct check_report *checks = malloc(sizeof *checks);
    AUTO_FREE struct rule_report *rules = malloc(sizeof *rules);
    AUTO_FREE struct ledger *ledger = malloc(sizeof *ledger);
    bool ok = (checks && rules && ledger) || failure_set(&why, FAILURE_SYSTEM, 0, "out of memory");
    if (ok) {
        checks_run(snapshot, checks);
        bool has_ledger = ledger_compute(snapshot, ledger, &no_ledger);
        ok = rules_run(snapshot, has_ledger ? ledger : NULL, rules, &why);
    }
    ok = ok && print(request, snapshot, usual, checks, rules, &why);
    bool found = ok && checks && rules && is_found(request, checks, rules);
    int status = finish_output(ok, snapshot->file, &why, found ? STATUS_FOUND : STATUS_FINE);
    snapshot_free(snapshot);
    snapshot_free(usual);
    return status;
}
