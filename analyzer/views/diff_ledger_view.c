/* The diff's ledger: lines by the size of their change. */
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/diff_parts_view.h"

#define ROWS_OF_LEDGER   12
#define LEDGER_DEPTH_MAX 3

/* Ledger lines in the order of printing, with their labels indented by depth. */
struct ledger_rows {
    const struct snapshot_diff *diff;
    size_t rows[2 * LEDGER_LINES_MAX + 2];
    char labels[2 * LEDGER_LINES_MAX + 2][80];
    size_t count;
};

static const struct ledger_change *ledger_at(const void *report, size_t row)
{
    const struct ledger_rows *rows = report;
    return &rows->diff->ledger[rows->rows[row]];
}

static struct cell signed_cell(int64_t value)
{
    return value < 0 ? cell_of_change(value) : cell_of_bytes((uint64_t)value);
}

static struct cell ledger_before(const void *report, size_t row)
{
    const struct ledger_change *change = ledger_at(report, row);
    return change->before.known ? signed_cell(change->before_signed) : cell_of_text(NULL);
}

static struct cell ledger_after(const void *report, size_t row)
{
    const struct ledger_change *change = ledger_at(report, row);
    return change->after.known ? signed_cell(change->after_signed) : cell_of_text(NULL);
}

static struct cell ledger_change_cell(const void *report, size_t row)
{
    return cell_of_change(ledger_at(report, row)->change_bytes);
}

static struct cell ledger_label(const void *report, size_t row)
{
    return cell_of_text(((const struct ledger_rows *)report)->labels[row]);
}

static struct cell ledger_id(const void *report, size_t row)
{
    return cell_of_text(ledger_at(report, row)->id);
}

static const struct column ledger_columns[] = {
    {"change", "CHANGE", "after - before",          true,  ledger_change_cell},
    {"before", "BEFORE", "earlier bundle",          true,  ledger_before     },
    {"after",  "AFTER",  "later bundle",            true,  ledger_after      },
    {"id",     "ID",     "stable name of the line", false, ledger_id         },
    {"line",   "LEDGER", "what it is",              false, ledger_label      },
};

/* The largest changed line below `parent` that is not yet in the list; count of all if none. */
static size_t largest_left(const struct ledger_rows *rows, const char *parent, const bool *taken)
{
    const struct snapshot_diff *diff = rows->diff;
    size_t best = diff->ledger_count;
    for (size_t i = 0; i < diff->ledger_count; i++) {
        if (taken[i] || strcmp(diff->ledger[i].parent, parent) != 0)
            continue;
        if (best == diff->ledger_count || diff_magnitude(diff->ledger[i].change_bytes) >
                                              diff_magnitude(diff->ledger[best].change_bytes))
            best = i;
    }
    return best;
}

/* Lines by the size of their change, each followed by its own parts in the same order. */
static void list_lines(struct ledger_rows *rows, const char *parent, unsigned depth, bool *taken,
                       bool all)
{
    size_t line;
    while ((line = largest_left(rows, parent, taken)) < rows->diff->ledger_count) {
        const struct ledger_change *change = &rows->diff->ledger[line];
        taken[line] = true;
        if (change->change_bytes || all) {
            snprintf(rows->labels[rows->count], sizeof rows->labels[0], "%*s%s", (int)(2 * depth),
                     "", change->label);
            rows->rows[rows->count++] = line;
        }
        if (depth < LEDGER_DEPTH_MAX)
            list_lines(rows, change->id, depth + 1, taken, all);
    }
}

bool diff_print_ledger(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why)
{
    AUTO_FREE struct ledger_rows *rows = calloc(1, sizeof *rows);
    bool taken[2 * LEDGER_LINES_MAX + 2] = {false};
    if (!rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    rows->diff = diff;
    list_lines(rows, "", 0, taken, options->all);
    struct view_options shown = *options;
    if (!shown.table.rows)
        shown.table.rows = ROWS_OF_LEDGER;
    return diff_print_part(DIFF_COLUMNS(ledger_columns), "change,before,after,line", rows,
                           rows->count, &shown, why);
}
