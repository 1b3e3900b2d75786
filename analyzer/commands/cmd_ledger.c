#include "analyzer/account/reading_choice.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/commands/commands.h"
#include "analyzer/compare/baseline.h"
#include "analyzer/views/explain_view.h"
#include "analyzer/views/ledger_view.h"

#include <string.h>

static bool print_explained(const struct request *request, const struct snapshot *snapshot,
                            const struct ledger *ledger, const struct explanation *explanation,
                            struct failure *why)
{
    struct chosen_reading reading; /* the inputs are of the same moment as the figures */
    if (!reading_choose(snapshot, &reading, why))
        return false;
    const struct explained_line line = {request->explain, explanation, &reading.snapshot, ledger};
    bool ok = request->json ? explain_print_json(&line, stdout, why)
                            : explain_print(&line, &request->view, why);
    chosen_reading_deinit(&reading);
    return ok;
}

static bool print_ledger(struct request *request, const struct snapshot *snapshot,
                         const struct snapshot *usual, const struct ledger *ledger,
                         struct failure *why)
{
    struct baseline baseline = {0};
    bool ok = !usual || baseline_of_ledger(usual, snapshot, ledger, &baseline, why);
    request->view.baseline = usual ? &baseline : NULL;
    ok = ok &&
         (request->json ? ledger_print_json(snapshot, ledger, request->view.baseline, stdout, why)
                        : ledger_print(snapshot, ledger, &request->view, why));
    request->view.baseline = NULL;
    baseline_deinit(&baseline);
    return ok;
}

/* False: there is nothing of that name, and stderr says so. */
static bool find_explanation(const char *name, const struct explanation **explanation)
{
    *explanation = explanation_find(name);
    if (*explanation)
        return true;
    fprintf(stderr, "memtally: --explain: no line of the ledger and no field of /proc/meminfo has "
                    "this name; --explain list prints all\n");
    return false;
}

int command_ledger(struct request *request)
{
    struct failure why = {0};
    const struct explanation *explanation = NULL;
    if (request->explain && strcmp(request->explain, "list") == 0) {
        explain_print_names(stdout);
        return finish_output(true, NULL, &why, STATUS_FINE);
    }
    if (request->explain && !find_explanation(request->explain, &explanation))
        return STATUS_USAGE;
    struct snapshot *usual, *snapshot = request_load(request, 0, false, MAPPINGS_OF_OWNERS);
    if (!snapshot)
        return STATUS_UNREADABLE;
    if (!request_load_baseline(request, MAPPINGS_OF_OWNERS, &usual)) {
        snapshot_free(snapshot);
        return STATUS_UNREADABLE;
    }
    AUTO_FREE struct ledger *ledger = malloc(sizeof *ledger);
    bool ok = ledger ? ledger_compute(snapshot, ledger, &why)
                     : failure_set(&why, FAILURE_SYSTEM, 0, "out of memory");
    if (ok && explanation)
        ok = print_explained(request, snapshot, ledger, explanation, &why);
    else if (ok)
        ok = print_ledger(request, snapshot, usual, ledger, &why);
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    snapshot_free(snapshot);
    snapshot_free(usual);
    return status;
}
