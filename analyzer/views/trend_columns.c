#include "analyzer/views/trend_columns.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/views/text_escape.h"

#define HEADING_MAX 24 /* bytes of a label that stand above a column */
#define DAY_SECONDS 86400

static const struct trend_row *row_at(const void *report, size_t row)
{
    return &((const struct trend_rows *)report)->rows[row];
}

static const struct trends *trends_of(const void *report)
{
    return ((const struct trend_rows *)report)->trends;
}

static struct cell signed_bytes(bool known, int64_t bytes)
{
    if (!known)
        return (struct cell){.kind = CELL_ABSENT};
    return bytes < 0 ? cell_of_change(bytes) : cell_of_bytes((uint64_t)bytes);
}

/* With so few snapshots each has a cell of the curve to itself. */
static struct cell snapshot_cell(const void *report, size_t row, unsigned snapshot)
{
    int64_t bytes = 0;
    bool known = trend_series_cell(&row_at(report, row)->entry->series, snapshot, &bytes);
    return signed_bytes(known, bytes);
}

#define SNAPSHOT_CELL(number)                                                                      \
    static struct cell snapshot_##number##_cell(const void *report, size_t row)                    \
    {                                                                                              \
        return snapshot_cell(report, row, number);                                                 \
    }

SNAPSHOT_CELL(0)
SNAPSHOT_CELL(1)
SNAPSHOT_CELL(2)
SNAPSHOT_CELL(3)

static struct cell first_cell(const void *report, size_t row)
{
    const struct trend_series *series = &row_at(report, row)->entry->series;
    return signed_bytes(series->first_index == 0, series->first_bytes);
}

static struct cell previous_cell(const void *report, size_t row)
{
    const struct trend_series *series = &row_at(report, row)->entry->series;
    uint32_t count = (uint32_t)trends_of(report)->order.count;
    if (series->last_index + 2 == count)
        return signed_bytes(true, series->last_bytes);
    bool known = series->fit.points > 1 && series->last_index + 1 == count &&
                 series->previous_index + 2 == count;
    return signed_bytes(known, series->previous_bytes);
}

static struct cell last_cell(const void *report, size_t row)
{
    const struct trend_series *series = &row_at(report, row)->entry->series;
    uint32_t count = (uint32_t)trends_of(report)->order.count;
    return signed_bytes(trend_series_is_in_last(series, count), series->last_bytes);
}

static struct cell change_cell(const void *report, size_t row)
{
    const struct trend_series *series = &row_at(report, row)->entry->series;
    uint32_t count = (uint32_t)trends_of(report)->order.count;
    if (!trend_series_has_change(series, count))
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_change(trend_series_change(series, count));
}

static struct cell step_cell(const void *report, size_t row)
{
    const struct trend_series *series = &row_at(report, row)->entry->series;
    uint32_t count = (uint32_t)trends_of(report)->order.count;
    if (!trend_series_has_step(series, count))
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_change(trend_series_step(series, count));
}

static struct cell slope_cell(const void *report, size_t row)
{
    const struct trend_slope *slope = &row_at(report, row)->slope;
    if (!slope->known)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_change(trend_per_hour(slope->per_second));
}

static struct cell error_cell(const void *report, size_t row)
{
    const struct trend_slope *slope = &row_at(report, row)->slope;
    if (!slope->known)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_bytes((uint64_t)trend_per_hour(slope->error_per_second));
}

static struct cell verdict_cell(const void *report, size_t row)
{
    static const char *const words[] = {"noise", "moved", "fell", "grew", "LEAK?"};
    return cell_of_text(words[row_at(report, row)->entry->verdict]);
}

static struct cell curve_cell(const void *report, size_t row)
{
    return cell_of_text(row_at(report, row)->curve);
}

static struct cell pid_cell(const void *report, size_t row)
{
    uint64_t pid = row_at(report, row)->entry->pid;
    return pid ? cell_of_number(pid) : (struct cell){.kind = CELL_ABSENT};
}

static struct cell kind_cell(const void *report, size_t row)
{
    const struct trend_entry *entry = row_at(report, row)->entry;
    if (entry->part == TREND_OBJECTS)
        return cell_of_slice(string_pool_get(&trends_of(report)->table.texts, entry->detail));
    return cell_of_text(trend_part_word(entry->part));
}

static struct cell program_cell(const void *report, size_t row)
{
    return cell_of_slice(
        string_pool_get(&trends_of(report)->table.texts, row_at(report, row)->entry->parent));
}

static struct cell mode_cell(const void *report, size_t row)
{
    const struct trend_entry *entry = row_at(report, row)->entry;
    if (entry->part != TREND_MAPPINGS)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_slice(string_pool_get(&trends_of(report)->table.texts, entry->detail));
}

static struct cell name_cell(const void *report, size_t row)
{
    const struct trend_entry *entry = row_at(report, row)->entry;
    struct slice name = string_pool_get(&trends_of(report)->table.texts, entry->name);
    bool is_nameless =
        (entry->part == TREND_OBJECTS || entry->part == TREND_MAPPINGS) && !name.length_bytes;
    return cell_of_slice(is_nameless ? SLICE("[anon]") : name);
}

static const struct column all_columns[TREND_COLUMN_COUNT] = {
    {"snapshot1", "",         "the first snapshot",                 true,  snapshot_0_cell},
    {"snapshot2", "",         "the second one",                     true,  snapshot_1_cell},
    {"snapshot3", "",         "the third one",                      true,  snapshot_2_cell},
    {"snapshot4", "",         "the fourth one",                     true,  snapshot_3_cell},
    {"first",     "FIRST",    "in the first snapshot",              true,  first_cell     },
    {"previous",  "PREVIOUS", "in the last but one",                true,  previous_cell  },
    {"last",      "LAST",     "in the last one",                    true,  last_cell      },
    {"change",    "CHANGE",   "last - first",                       true,  change_cell    },
    {"step",      "STEP",     "last - previous",                    true,  step_cell      },
    {"slope",     "PER HOUR", "slope of the line through all",      true,  slope_cell     },
    {"error",     "+-",       "the slope is as near as this, 95 %", true,  error_cell     },
    {"trend",     "TREND",    "what it looks like",                 false, verdict_cell   },
    {"curve",     "CURVE",    "from the smallest to the largest",   false, curve_cell     },
    {"pid",       "PID",      "process id",                         true,  pid_cell       },
    {"program",   "PROGRAM",  "of a mapping: name of its process",  false, program_cell   },
    {"mode",      "MODE",     "of a mapping: its permissions",      false, mode_cell      },
    {"kind",      "KIND",     "kind of object, or table of kernel", false, kind_cell      },
    {"name",      "NAME",     "what it is",                         false, name_cell      },
};

/* The snapshots that have a column: all, or first, last but one, last. */
static size_t shown_snapshots(const struct trends *trends, size_t shown[TREND_COLUMNS_OF_SNAPSHOTS])
{
    size_t count = trends->order.count;
    if (count > TREND_COLUMNS_OF_SNAPSHOTS) {
        shown[0] = 0;
        shown[1] = count - 2;
        shown[2] = count - 1;
        return 3;
    }
    for (size_t i = 0; i < count; i++)
        shown[i] = i;
    return count;
}

/* As much of a label as a heading holds. */
static struct slice short_label(const struct trends *trends, size_t bundle)
{
    struct slice label = trend_order_text(&trends->order, trends->order.bundles[bundle].label);
    if (label.length_bytes > HEADING_MAX)
        label.length_bytes = HEADING_MAX;
    return label;
}

/* Labels name columns where each has one of its own. */
static bool labels_differ(const struct trends *trends, const size_t *shown, size_t count)
{
    const struct trend_bundle *bundles = trends->order.bundles;
    for (size_t i = 0; i < count; i++) {
        if (bundles[shown[i]].label == 0)
            return false;
        for (size_t j = 0; j < i; j++)
            if (slice_equal(short_label(trends, shown[j]), short_label(trends, shown[i])))
                return false;
    }
    return true;
}

/* The time of day where all are of one day; the date, too, otherwise. */
static char *time_heading(const struct trends *trends, size_t snapshot)
{
    const struct trend_bundle *bundles = trends->order.bundles;
    char words[64];
    if (!trends->order.is_timed) {
        snprintf(words, sizeof words, "NUMBER %zu", snapshot + 1);
        return strdup(words);
    }
    format_time(words, sizeof words, bundles[snapshot].taken_at_ns);
    bool one_day = trend_order_moment(&trends->order, 0).last_seconds < DAY_SECONDS;
    if (strlen(words) < 19) /* no date that can be told */
        return strdup(words);
    words[one_day ? 19 : 16] = '\0'; /* "2026-11-21 04:00:00" */
    return strdup(words + (one_day ? 11 : 5));
}

static const char *const ends[TREND_COLUMNS_OF_SNAPSHOTS] = {"FIRST", "PREVIOUS", "LAST", ""};

bool trend_headings_init(struct trend_headings *headings, const struct trends *trends)
{
    size_t shown[TREND_COLUMNS_OF_SNAPSHOTS] = {0};
    size_t count = shown_snapshots(trends, shown);
    bool by_label = labels_differ(trends, shown, count), ok = true;
    bool by_time = trends->order.count <= TREND_COLUMNS_OF_SNAPSHOTS;
    *headings = (struct trend_headings){{NULL}};
    for (size_t i = 0; i < count; i++) {
        headings->text[i] = by_label  ? escape_for_text(short_label(trends, shown[i]))
                            : by_time ? time_heading(trends, shown[i])
                                      : strdup(ends[i]);
        ok = ok && headings->text[i];
    }
    return ok;
}

void trend_headings_deinit(struct trend_headings *headings)
{
    for (size_t i = 0; i < TREND_COLUMNS_OF_SNAPSHOTS; i++)
        free(headings->text[i]);
}

void trend_columns_fill(struct column columns[TREND_COLUMN_COUNT],
                        const struct trend_headings *headings, const struct trends *trends)
{
    bool each = trends->order.count <= TREND_COLUMNS_OF_SNAPSHOTS;
    memcpy(columns, all_columns, sizeof all_columns);
    for (size_t i = 0; i < TREND_COLUMNS_OF_SNAPSHOTS; i++)
        if (headings->text[i])
            columns[each ? i : i + TREND_COLUMNS_OF_SNAPSHOTS].heading = headings->text[i];
}
