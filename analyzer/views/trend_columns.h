/* The rows of a trend's tables and their columns. Not for other layers. */
#pragma once

#include "analyzer/views/spark_line.h"
#include "analyzer/views/trend_view.h"

/* So many snapshots have a column each; of more there are the first, the last but one, the last. */
#define TREND_COLUMNS_OF_SNAPSHOTS 4

struct trend_row {
    const struct trend_entry *entry;
    struct trend_slope slope;
    char curve[SPARK_TEXT_MAX];
};

struct trend_rows {
    const struct trends *trends;
    struct trend_row *rows; /* owned */
    size_t count;
};

/* What stands above the columns of snapshots: labels, times, or FIRST, PREVIOUS, LAST. */
struct trend_headings {
    char *text[TREND_COLUMNS_OF_SNAPSHOTS]; /* owned; NULL behind the last */
};

#define TREND_COLUMN_COUNT 18

/* Ends with trend_headings_deinit() also when it fails, which is without memory. */
bool trend_headings_init(struct trend_headings *headings, const struct trends *trends);
void trend_headings_deinit(struct trend_headings *headings);

/* All columns; they borrow the headings. */
void trend_columns_fill(struct column columns[TREND_COLUMN_COUNT],
                        const struct trend_headings *headings, const struct trends *trends);
