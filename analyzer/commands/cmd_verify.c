#include "analyzer/commands/commands.h"
#include "analyzer/views/verify_view.h"

/* Found is 1, but only a bundle that was read to its end proves anything: else 3. */
int command_verify(struct request *request)
{
    struct failure why = {0};
    struct word_list words = {0};
    struct verify_report report = {0};
    const char *file = request->bundles[0];
    bool ok = request->words || failure_set(&why, FAILURE_USAGE, 0, "verify needs --words FILE");
    ok =
        ok && word_list_read(&words, request->words, request->allow_short, request->any_case, &why);
    int status = STATUS_UNREADABLE;
    if (!ok || !verify_bundle(file, &words, &report, &why)) {
        status = report_failure(ok ? file : NULL, &why);
    } else {
        ok = request->json ? verify_print_json(file, &report, stdout, &why)
                           : verify_print(file, &report, stdout, &why);
        status = finish_output(ok, file, &why, report.found ? STATUS_FOUND : STATUS_FINE);
        if (!report.complete) {
            report_failure(file, &report.broken);
            status = STATUS_UNREADABLE;
        }
    }
    verify_report_deinit(&report);
    word_list_deinit(&words);
    return status;
}
