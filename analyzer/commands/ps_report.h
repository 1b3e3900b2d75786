/* The rows of ps, for ps itself and for the summary. */
#pragma once

#include "analyzer/commands/request.h"
#include "analyzer/views/ps_view.h"

/* Processes that pass the request's filters; without `all` only those with memory, or whose memory
 * could not be read. With -M their figures are those of the mappings that match. Users or names of
 * mappings are added up if the request asks for them. False when memory ran out. Free with ps_report_deinit(). */
bool ps_report_fill(const struct request *request, const struct snapshot *snapshot, bool all,
                    struct ps_report *out, struct failure *why);
void ps_report_deinit(struct ps_report *report);
