/* The diff's last table: to what a change of free memory is put down, and what is left. */
#include "analyzer/views/diff_parts_view.h"

struct cause_rows {
    const struct diff_waterfall *waterfall;
    enum diff_cause causes[DIFF_CAUSE_COUNT];
    size_t count;
};

static struct cell cause_bytes(const void *report, size_t row)
{
    const struct cause_rows *rows = report;
    return cell_of_change(rows->waterfall->cause_bytes[rows->causes[row]]);
}

static struct cell cause_share(const void *report, size_t row)
{
    const struct cause_rows *rows = report;
    return diff_share_of(rows->waterfall, rows->waterfall->cause_bytes[rows->causes[row]]);
}

static struct cell cause_label(const void *report, size_t row)
{
    return cell_of_text(diff_cause_label(((const struct cause_rows *)report)->causes[row]));
}

static const struct column cause_columns[] = {
    {"took",  "TOOK",   "from free memory",         true,  cause_bytes},
    {"share", "SHARE%", "of what free memory lost", true,  cause_share},
    {"cause", "CAUSE",  "they do not overlap",      false, cause_label},
};

struct cell diff_share_of(const struct diff_waterfall *waterfall, int64_t took_bytes)
{
    if (!waterfall->known || !waterfall->beyond_noise)
        return cell_of_text(NULL);
    return cell_of_signed_percent(took_bytes, -waterfall->change_bytes);
}

bool diff_print_causes(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why)
{
    struct cause_rows rows = {.waterfall = diff->waterfall};
    struct view_options shown = *options;
    if (!diff->waterfall->known || !(diff->waterfall->beyond_noise || options->all))
        return true;
    for (unsigned i = 0; i < DIFF_CAUSE_COUNT; i++)
        if (diff->waterfall->cause_bytes[i] || i == CAUSE_UNEXPLAINED || options->all)
            rows.causes[rows.count++] = (enum diff_cause)i;
    shown.table.rows = rows.count;
    return diff_print_part(DIFF_COLUMNS(cause_columns), "took,share,cause", &rows, rows.count,
                           &shown, why);
}
