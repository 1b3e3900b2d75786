#pragma once

#include "analyzer/account/process_usage.h"
#include "analyzer/views/views.h"

struct info_report {
    const struct snapshot *snapshot;
    struct process_totals totals;
};

bool info_print(const struct info_report *report, const struct view_options *options,
                struct failure *why);
bool info_print_json(const struct info_report *report, FILE *to, struct failure *why);
