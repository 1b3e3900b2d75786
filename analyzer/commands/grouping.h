/* The groups of --group or --pid with their figures, for all commands that take them. */
#pragma once

#include "analyzer/account/page_sharing.h"
#include "analyzer/commands/request.h"
#include "analyzer/views/group_view.h"

struct grouping {
    struct shared_stretches stretches;
    struct page_sharing pages; /* empty when no pages were loaded */
    struct process_groups groups;
    struct set_sharing *figures; /* owned: one a group */
    struct set_sharing *all;     /* owned: one, of all groups together; NULL without -t */
    struct group_report report;  /* of these */
};

/* Processes that the filters do not let through are in no group. The snapshot needs all its mappings,
 * and must stay. Free with grouping_deinit(). */
bool grouping_compute(const struct request *request, const struct snapshot *snapshot,
                      struct grouping *out, struct failure *why);
void grouping_deinit(struct grouping *grouping);
