/* What pmap prints: the processes asked for, with the classes of their mappings. */
#pragma once

#include "analyzer/commands/request.h"
#include "analyzer/views/pmap_view.h"

struct pmap_table {
    struct pmap_report report;
    struct mapping_classifier *classifier;
    struct mapping_label *labels; /* of all processes shown */
    struct mapping_totals *all;
};

/* Without PIDs: the sums over all processes, each address space once. A process that is not there
 * goes to report.missing and is no failure. End with pmap_report_deinit(). */
bool pmap_report_fill(const struct request *request, const struct snapshot *snapshot,
                      const uint64_t *pids, size_t pid_count, struct pmap_table *out,
                      struct failure *why);
void pmap_report_deinit(struct pmap_table *table);
