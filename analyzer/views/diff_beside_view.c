/* The diff's figures beside the ledger: those that changed, largest change first. */
#include <stdlib.h>

#include "analyzer/views/diff_parts_view.h"

static const struct beside_change *beside_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return &picked->diff->beside[picked->rows[row]];
}

static struct cell beside_change_cell(const void *report, size_t row)
{
    return cell_of_change(beside_at(report, row)->change_bytes);
}

static struct cell beside_before(const void *report, size_t row)
{
    return cell_of_amount(beside_at(report, row)->before);
}

static struct cell beside_after(const void *report, size_t row)
{
    return cell_of_amount(beside_at(report, row)->after);
}

static struct cell beside_label(const void *report, size_t row)
{
    return cell_of_text(beside_at(report, row)->label);
}

static struct cell beside_also_in(const void *report, size_t row)
{
    const struct beside_change *change = beside_at(report, row);
    return cell_of_text(change->also_in[0] ? change->also_in : NULL);
}

static struct cell beside_growth(const void *report, size_t row)
{
    const struct beside_change *change = beside_at(report, row);
    return diff_growth(change->change_bytes, change->before);
}

static const struct column beside_columns[] = {
    {"before", "BEFORE",  "earlier bundle",             true,  beside_before     },
    {"after",  "AFTER",   "later bundle",               true,  beside_after      },
    {"change", "CHANGE",  "after - before",             true,  beside_change_cell},
    {"growth", "%",       "change, of what was before", true,  beside_growth     },
    {"in",     "ALSO IN", "lines that hold it",         false, beside_also_in    },
    {"figure", "BESIDE",  "a part of these lines",      false, beside_label      },
};

/* Keeps rows of equal size in the ledger's order; there are a few dozen at most. */
static void insert_row(struct diff_picked *picked, size_t row)
{
    const struct beside_change *beside = picked->diff->beside;
    uint64_t size = diff_magnitude(beside[row].change_bytes);
    size_t at = picked->count++;
    for (; at > 0 && diff_magnitude(beside[picked->rows[at - 1]].change_bytes) < size; at--)
        picked->rows[at] = picked->rows[at - 1];
    picked->rows[at] = row;
}

bool diff_print_beside(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, diff->beside_count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->beside_count; i++)
        if (diff->beside[i].beyond_noise || options->all)
            insert_row(&picked, i);
    bool ok = diff_print_part(DIFF_COLUMNS(beside_columns), "before,after,change,growth,in,figure",
                              &picked, picked.count, options, why);
    free(picked.rows);
    return ok;
}
