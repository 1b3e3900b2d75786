#include "analyzer/commands/commands.h"
#include "analyzer/commands/pmap_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/cleanup.h"

/* procps takes /proc/PID as well. */
static bool read_pids(const struct request *request, uint64_t *pids, struct failure *why)
{
    for (unsigned i = 1; i < request->bundle_count; i++) {
        const char *word = request->bundles[i];
        char *end;
        if (strncmp(word, "/proc/", 6) == 0)
            word += 6;
        errno = 0;
        pids[i - 1] = strtoull(word, &end, 10);
        if (word[0] < '0' || word[0] > '9' || *end || errno || pids[i - 1] == 0)
            return failure_set(why, FAILURE_USAGE, 0, "'%s' is no PID", request->bundles[i]);
    }
    return true;
}

static bool check_style(const struct request *request, struct failure *why)
{
    const struct pmap_style *style = &request->view.pmap;
    const struct table_options *table = &request->view.table;
    if (request->bundle_count == 1 && !request->view.totals && !request->json)
        return failure_set(why, FAILURE_USAGE, 0,
                           "pmap needs a PID, or --totals for all processes");
    if (style->extended + style->device + (style->details > 0) + style->own > 1)
        return failure_set(why, FAILURE_USAGE, 0,
                           "options -d, -x, -X and those of --long are mutually exclusive");
    if (!style->own && !request->json && table->unit != SIZE_KIB)
        return failure_set(why, FAILURE_USAGE, 0,
                           "the modes of pmap have sizes in KiB; --long takes units");
    if (style->own && (style->quiet || style->show_path))
        return failure_set(why, FAILURE_USAGE, 0,
                           "--long always shows paths; for rows only give -H instead of -q");
    return true;
}

/* Columns, an order, a number of rows and sums are those of our own table. */
static void choose_style(struct request *request)
{
    const struct table_options *table = &request->view.table;
    if (table->columns || table->sort || table->reverse || table->rows || table->no_headings ||
        request->view.totals)
        request->view.pmap.own = true;
}

static bool tell_missing(const struct pmap_report *report)
{
    for (size_t i = 0; i < report->missing_count; i++)
        fprintf(stderr, "memtally: %s: process %" PRIu64 ": %s\n", report->snapshot->file,
                report->missing[i].pid, report->missing[i].reason);
    return report->missing_count == 0;
}

static int print(const struct request *request, const struct snapshot *snapshot,
                 const uint64_t *pids, struct failure *why)
{
    struct pmap_table table = {0};
    bool ok = pmap_report_fill(request, snapshot, pids, request->bundle_count - 1, &table, why);
    ok = ok && (request->json ? pmap_print_json(&table.report, stdout, why)
                              : pmap_print(&table.report, &request->view, why));
    int status = finish_output(ok, snapshot->file, why, STATUS_FINE);
    if (ok && !tell_missing(&table.report))
        status = STATUS_UNREADABLE;
    pmap_report_deinit(&table);
    return status;
}

int command_pmap(struct request *request)
{
    struct failure why = {0};
    AUTO_FREE uint64_t *pids = calloc(request->bundle_count, sizeof *pids);
    choose_style(request);
    if (!pids)
        failure_set(&why, FAILURE_SYSTEM, 0, "out of memory");
    if (!pids || !check_style(request, &why) || !read_pids(request, pids, &why))
        return report_failure(NULL, &why);
    request->only_pids = pids;
    request->only_pid_count = request->bundle_count - 1;
    struct snapshot *snapshot = request_load(request, 0, false, MAPPINGS_ALL);
    if (!snapshot)
        return STATUS_UNREADABLE;
    int status = print(request, snapshot, pids, &why);
    snapshot_free(snapshot);
    return status;
}
