/* The baseline beside a report: cells for its tables, a last line, and a key of its JSON. */
#pragma once

#include "analyzer/compare/baseline.h"
#include "analyzer/views/views.h"

/* Of one row; NULL gives absent cells. */
struct cell baseline_usual_cell(const struct baseline_row *row);
struct cell baseline_change_cell(const struct baseline_row *row);
struct cell baseline_mark_cell(const struct baseline_row *row); /* absent where all is as usual */

/* "against the baseline of TIME: 3 unusual"; nothing without a baseline. */
void baseline_print(const struct baseline *baseline, const struct view_options *options);

/* "baseline": which it is, and all rows; nothing without one. */
void json_add_baseline(struct json_document *document, const struct baseline *baseline);
