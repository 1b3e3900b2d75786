/* The diff's ledger: as the steps from one amount of free memory to the other, and as a table. */
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/diff_parts_view.h"

#define ROWS_MAX  (2 * LEDGER_LINES_MAX + 6)
#define DEPTH_MAX 3

struct ledger_row {
    const struct ledger_change *line; /* NULL: free memory itself, or all that is noise */
    struct cell left;                 /* free memory behind this row                    */
    struct cell change, share;
    char label[80]; /* indented by depth */
};

struct ledger_rows {
    const struct snapshot_diff *diff;
    struct ledger_row rows[ROWS_MAX];
    size_t count;
    bool taken[2 * LEDGER_LINES_MAX + 2]; /* by index of the line */
    unsigned depth_max;
    bool all; /* also what is within noise */
};

static const struct ledger_row *row_at(const void *report, size_t row)
{
    return &((const struct ledger_rows *)report)->rows[row];
}

static struct cell signed_cell(int64_t value)
{
    return value < 0 ? cell_of_change(value) : cell_of_bytes((uint64_t)value);
}

static struct cell ledger_left(const void *report, size_t row)
{
    return row_at(report, row)->left;
}

static struct cell ledger_before(const void *report, size_t row)
{
    const struct ledger_change *line = row_at(report, row)->line;
    return line && line->before.known ? signed_cell(line->before_signed) : cell_of_text(NULL);
}

static struct cell ledger_after(const void *report, size_t row)
{
    const struct ledger_change *line = row_at(report, row)->line;
    return line && line->after.known ? signed_cell(line->after_signed) : cell_of_text(NULL);
}

static struct cell ledger_change_cell(const void *report, size_t row)
{
    return row_at(report, row)->change;
}

static struct cell ledger_growth(const void *report, size_t row)
{
    const struct ledger_change *line = row_at(report, row)->line;
    return line ? diff_growth(line->change_bytes, line->before) : cell_of_text(NULL);
}

static struct cell ledger_share(const void *report, size_t row)
{
    return row_at(report, row)->share;
}

static struct cell ledger_label(const void *report, size_t row)
{
    return cell_of_text(row_at(report, row)->label);
}

static const struct column ledger_columns[] = {
    {"free",   "FREE",   "free memory behind this step",     true,  ledger_left       },
    {"before", "BEFORE", "earlier bundle",                   true,  ledger_before     },
    {"after",  "AFTER",  "later bundle",                     true,  ledger_after      },
    {"change", "CHANGE", "after - before",                   true,  ledger_change_cell},
    {"growth", "%",      "change, of what was before",       true,  ledger_growth     },
    {"share",  "SHARE%", "change, of what free memory lost", true,  ledger_share      },
    {"line",   "LEDGER", "what it is",                       false, ledger_label      },
};

static struct ledger_row *add_row(struct ledger_rows *rows, unsigned depth, const char *label)
{
    struct ledger_row *row = &rows->rows[rows->count++];
    *row = (struct ledger_row){0};
    snprintf(row->label, sizeof row->label, "%*s%s", (int)(2 * depth), "", label);
    return row;
}

static struct ledger_row *add_line(struct ledger_rows *rows, const struct ledger_change *line,
                                   unsigned depth)
{
    struct ledger_row *row = add_row(rows, depth, line->label);
    bool takes = strcmp(line->id, "mem_total") != 0 && strcmp(line->id, "free") != 0;
    rows->taken[line - rows->diff->ledger] = true;
    row->line = line;
    row->change = cell_of_change(line->change_bytes);
    row->share =
        diff_share_of(rows->diff->waterfall, takes ? line->change_bytes : -line->change_bytes);
    return row;
}

/* The largest changed line below `parent` that is not yet in the list; NULL if there is none. */
static const struct ledger_change *largest_left(const struct ledger_rows *rows, const char *parent)
{
    const struct snapshot_diff *diff = rows->diff;
    const struct ledger_change *best = NULL;
    for (size_t i = 0; i < diff->ledger_count; i++) {
        const struct ledger_change *line = &diff->ledger[i];
        if (rows->taken[i] || strcmp(line->parent, parent) != 0)
            continue;
        if (!best || diff_magnitude(line->change_bytes) > diff_magnitude(best->change_bytes))
            best = line;
    }
    return best;
}

/* Lines by the size of their change, each followed by its own parts in the same order. */
static void list_lines(struct ledger_rows *rows, const char *parent, unsigned depth)
{
    const struct ledger_change *line;
    while ((line = largest_left(rows, parent))) {
        rows->taken[line - rows->diff->ledger] = true;
        if (rows->all || ledger_change_matters(rows->diff, line))
            add_line(rows, line, depth);
        if (depth < rows->depth_max)
            list_lines(rows, line->id, depth + 1);
    }
}

static void list_steps(struct ledger_rows *rows)
{
    const struct diff_waterfall *waterfall = rows->diff->waterfall;
    add_row(rows, 0, "Free, before")->left = signed_cell(waterfall->before_bytes);
    for (size_t i = 0; i < waterfall->step_count; i++) {
        const struct waterfall_step *step = &waterfall->steps[i];
        struct ledger_row *row =
            step->line ? add_line(rows, step->line, 0) : add_row(rows, 0, "within noise, together");
        row->left = signed_cell(step->left_bytes);
        if (step->line) {
            list_lines(rows, step->line->id, 1);
            continue;
        }
        row->change = cell_of_change(-step->change_bytes);
        row->share = diff_share_of(waterfall, -step->change_bytes);
    }
    struct ledger_row *last = add_row(rows, 0, "Free, after");
    last->left = signed_cell(waterfall->after_bytes);
    last->change = cell_of_change(waterfall->change_bytes);
}

static bool print_rows(const struct ledger_rows *rows, const char *columns,
                       const struct view_options *options, struct failure *why)
{
    return diff_print_part(DIFF_COLUMNS(ledger_columns), columns, rows, rows->count, options, why);
}

/* Whole, whatever -n says: cut, it would not add up. */
bool diff_print_waterfall(const struct snapshot_diff *diff, const struct view_options *options,
                          struct failure *why)
{
    AUTO_FREE struct ledger_rows *rows = calloc(1, sizeof *rows);
    struct view_options shown = *options;
    if (!rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!diff->waterfall->known)
        return options->all || diff_print_ledger(diff, options, why);
    if (!diff->changed && !options->all)
        return true;
    rows->diff = diff;
    rows->depth_max = 1;
    list_steps(rows);
    shown.table.rows = rows->count;
    return print_rows(rows, "free,before,after,change,share,line", &shown, why);
}

bool diff_print_ledger(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why)
{
    AUTO_FREE struct ledger_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    rows->diff = diff;
    rows->depth_max = DEPTH_MAX;
    rows->all = options->all;
    list_lines(rows, "", 0);
    return print_rows(rows, "before,after,change,growth,share,line", options, why);
}
