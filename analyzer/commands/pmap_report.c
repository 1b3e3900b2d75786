#include "analyzer/commands/pmap_report.h"

#include <stdlib.h>

#include "analyzer/account/process_usage.h"
#include "analyzer/model/shared_address_space.h"

static bool out_of_memory(struct failure *why)
{
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

/* NULL: it can be shown. */
static const char *why_missing(const struct snapshot *snapshot, const struct process *process)
{
    struct process_usage usage;
    if (!process)
        return "not in the bundle";
    if (process->files & PROCESS_SMAPS)
        return NULL;
    process_usage_compute(snapshot, process, &usage);
    switch (usage.state) {
    case PROCESS_KERNEL_THREAD_STATE:
    case PROCESS_ZOMBIE_STATE:
        return NULL;
    case PROCESS_VANISHED_STATE:
        return "it had ended before its smaps was read";
    case PROCESS_REFUSED_STATE:
        return "its smaps was refused";
    case PROCESS_TIMED_OUT_STATE:
        return "its smaps was not read in time";
    default:
        return "its smaps is not in the bundle";
    }
}

static size_t mappings_of(const struct pmap_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        if (report->processes[i].process)
            count += report->processes[i].process->mapping_count;
    return count;
}

static bool find_processes(struct pmap_report *report, const uint64_t *pids, size_t count,
                           struct failure *why)
{
    report->processes = calloc(count + 1, sizeof *report->processes);
    report->missing = calloc(count + 1, sizeof *report->missing);
    if (!report->processes || !report->missing)
        return out_of_memory(why);
    for (size_t i = 0; i < count; i++) {
        const struct process *process = snapshot_process(report->snapshot, pids[i]);
        const char *reason = why_missing(report->snapshot, process);
        if (reason || !process)
            report->missing[report->missing_count++] = (struct pmap_missing){pids[i], reason};
        else
            report->processes[report->count++].process = process;
    }
    return true;
}

static bool label_processes(struct pmap_table *table, struct failure *why)
{
    struct pmap_report *report = &table->report;
    struct mapping_label *labels = calloc(mappings_of(report) + 1, sizeof *labels);
    if (!labels)
        return out_of_memory(why);
    table->labels = labels;
    for (size_t i = 0; i < report->count; i++) {
        struct pmap_process *shown = &report->processes[i];
        if (!shown->process) /* find_processes() leaves none out */
            continue;
        shown->labels = labels;
        labels += shown->process->mapping_count;
        mapping_classify(table->classifier, shown->process,
                         table->labels + (shown->labels - table->labels));
        mapping_totals_add(&shown->totals, report->snapshot, shown->process, shown->labels);
        if (table->all)
            mapping_totals_add(table->all, report->snapshot, shown->process, shown->labels);
    }
    return true;
}

/* Sums over all processes, with room for the labels of one. */
static bool sum_all(struct pmap_table *table, struct failure *why)
{
    struct pmap_report *report = &table->report;
    const struct snapshot *snapshot = report->snapshot;
    size_t most = 0;
    for (size_t i = 0; i < snapshot->process_count; i++)
        if (most < snapshot->processes[i].mapping_count)
            most = snapshot->processes[i].mapping_count;
    table->labels = calloc(most + 1, sizeof *table->labels);
    if (!table->labels)
        return out_of_memory(why);
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (why_missing(snapshot, process) || process->files & PROCESS_SMAPS_CUT)
            report->unread++;
        if (process_repeats_address_space(snapshot, i))
            continue;
        mapping_classify(table->classifier, process, table->labels);
        mapping_totals_add(table->all, snapshot, process, table->labels);
    }
    return true;
}

bool pmap_report_fill(const struct request *request, const struct snapshot *snapshot,
                      const uint64_t *pids, size_t pid_count, struct pmap_table *out,
                      struct failure *why)
{
    *out = (struct pmap_table){.report = {.snapshot = snapshot}};
    out->classifier = mapping_classifier_create(snapshot, why);
    if (!out->classifier)
        return false;
    out->report.classifier = out->classifier;
    if (request->classes && !mapping_classifier_add_file(out->classifier, request->classes, why))
        return false;
    if (pid_count == 0 || (request->view.totals && pid_count > 1)) {
        out->all = calloc(1, sizeof *out->all);
        out->report.all = out->all;
        if (!out->all)
            return out_of_memory(why);
    }
    if (!find_processes(&out->report, pids, pid_count, why))
        return false;
    return pid_count ? label_processes(out, why) : sum_all(out, why);
}

void pmap_report_deinit(struct pmap_table *table)
{
    mapping_classifier_free(table->classifier);
    free(table->labels);
    free(table->all);
    free(table->report.processes);
    free(table->report.missing);
    *table = (struct pmap_table){0};
}
