/* The diff's causes besides processes: kernel memory, shared memory by owner, cgroups, swap. */
#include <stdlib.h>

#include "analyzer/views/diff_parts_view.h"

static const struct kernel_change *kernel_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return &picked->diff->kernel[picked->rows[row]];
}

static struct cell kernel_change_cell(const void *report, size_t row)
{
    return cell_of_change(kernel_at(report, row)->change_bytes);
}

static struct cell kernel_before(const void *report, size_t row)
{
    return cell_of_bytes(kernel_at(report, row)->before_bytes);
}

static struct cell kernel_after(const void *report, size_t row)
{
    return cell_of_bytes(kernel_at(report, row)->after_bytes);
}

static struct cell kernel_kind(const void *report, size_t row)
{
    return cell_of_text(kernel_change_word(kernel_at(report, row)->kind));
}

static struct cell kernel_status(const void *report, size_t row)
{
    return cell_of_text(match_status_word(kernel_at(report, row)->status));
}

const char *diff_kernel_name(const struct snapshot_diff *diff, const struct kernel_change *change)
{
    if (change->kind != KERNEL_LINE)
        return change->name;
    const struct ledger_line *line = ledger_find(diff->after_ledger, change->name);
    return line ? line->label : ledger_find(diff->before_ledger, change->name)->label;
}

static struct cell kernel_name(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return cell_of_text(diff_kernel_name(picked->diff, kernel_at(report, row)));
}

static struct cell kernel_growth(const void *report, size_t row)
{
    const struct kernel_change *change = kernel_at(report, row);
    return diff_growth(change->change_bytes, amount_of(change->before_bytes));
}

/* Free memory does not know of swap, and what is charged to a cgroup is told by other names, too. */
static struct cell kernel_share(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    const struct kernel_change *change = kernel_at(report, row);
    if (change->kind == KERNEL_SWAP)
        return cell_of_text(NULL);
    return diff_share_of(picked->diff->waterfall, change->change_bytes);
}

static const struct column kernel_columns[] = {
    {"before", "BEFORE", "earlier bundle",                      true,  kernel_before     },
    {"after",  "AFTER",  "later bundle",                        true,  kernel_after      },
    {"change", "CHANGE", "after - before",                      true,  kernel_change_cell},
    {"growth", "%",      "change, of what was before",          true,  kernel_growth     },
    {"share",  "SHARE%", "change, of what free memory lost",    true,  kernel_share      },
    {"kind",   "KIND",   "kind of cause",                       false, kernel_kind       },
    {"status", "STATUS", "same, new, gone",                     false, kernel_status     },
    {"name",   "KERNEL", "caller, cache, module, segment, ...", false, kernel_name       },
};

bool diff_print_kernel(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, diff->kernel_count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->kernel_count; i++)
        if (diff->kernel[i].beyond_noise || options->all)
            picked.rows[picked.count++] = i;
    bool ok = diff_print_part(DIFF_COLUMNS(kernel_columns),
                              "before,after,change,growth,share,kind,status,name", &picked,
                              picked.count, options, why);
    free(picked.rows);
    return ok;
}
