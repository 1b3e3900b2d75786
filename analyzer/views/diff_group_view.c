/* The diff's groups of processes: programs, or what --group says. */
#include <stdlib.h>

#include "analyzer/views/diff_parts_view.h"

static const struct group_change *group_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return &picked->diff->groups.rows[picked->rows[row]];
}

static struct cell group_before(const void *report, size_t row)
{
    const struct group_change *group = group_at(report, row);
    return group->before.processes ? cell_of_bytes(group->before.bytes) : cell_of_text(NULL);
}

static struct cell group_after(const void *report, size_t row)
{
    const struct group_change *group = group_at(report, row);
    return group->after.processes ? cell_of_bytes(group->after.bytes) : cell_of_text(NULL);
}

static struct cell group_change_cell(const void *report, size_t row)
{
    return cell_of_change(group_at(report, row)->change_bytes);
}

static struct cell group_growth(const void *report, size_t row)
{
    const struct group_change *group = group_at(report, row);
    return diff_growth(group->change_bytes, amount_of(group->before.bytes));
}

static struct cell group_share(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return diff_share_of(picked->diff->waterfall, group_at(report, row)->change_bytes);
}

static struct cell group_rss(const void *report, size_t row)
{
    return cell_of_change(group_at(report, row)->rss_change);
}

static struct cell group_swap(const void *report, size_t row)
{
    return cell_of_change(group_at(report, row)->swap_change);
}

static struct cell group_was(const void *report, size_t row)
{
    return cell_of_number(group_at(report, row)->before.processes);
}

static struct cell group_is(const void *report, size_t row)
{
    return cell_of_number(group_at(report, row)->after.processes);
}

static struct cell group_name(const void *report, size_t row)
{
    return cell_of_text(group_at(report, row)->name);
}

static const struct column group_columns[] = {
    {"before", "BEFORE", "PSS (RSS where PSS is not known)", true,  group_before     },
    {"after",  "AFTER",  "the same later",                   true,  group_after      },
    {"change", "CHANGE", "after - before",                   true,  group_change_cell},
    {"growth", "%",      "change, of what was before",       true,  group_growth     },
    {"share",  "SHARE%", "change, of what free memory lost", true,  group_share      },
    {"rss",    "RSS",    "change of RSS",                    true,  group_rss        },
    {"swap",   "SWAP",   "change of swap",                   true,  group_swap       },
    {"was",    "WERE",   "processes before",                 true,  group_was        },
    {"is",     "ARE",    "processes after",                  true,  group_is         },
    {"name",   "GROUP",  "what they have in common",         false, group_name       },
};

bool diff_print_groups(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, diff->groups.count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->groups.count; i++)
        if (diff->groups.rows[i].beyond_noise || options->all)
            picked.rows[picked.count++] = i;
    bool ok = diff_print_part(DIFF_COLUMNS(group_columns),
                              "before,after,change,growth,share,rss,swap,was,is,name", &picked,
                              picked.count, options, why) &&
              diff_print_held(&picked, options, why);
    free(picked.rows);
    return ok;
}

void diff_add_groups(struct json_document *document, const struct snapshot_diff *diff)
{
    struct json_node *list = json_add_array(document, document->root, "groups");
    for (size_t i = 0; i < diff->groups.count; i++) {
        const struct group_change *group = &diff->groups.rows[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "name", group->name);
        json_add_number(document, node, "before_processes", group->before.processes);
        json_add_number(document, node, "after_processes", group->after.processes);
        json_add_number(document, node, "before_bytes", group->before.bytes);
        json_add_number(document, node, "after_bytes", group->after.bytes);
        json_add_signed(document, node, "change_bytes", group->change_bytes);
        diff_add_noise(document, node, group->noise_bytes, group->beyond_noise);
        json_add_signed(document, node, "rss_change_bytes", group->rss_change);
        json_add_signed(document, node, "swap_change_bytes", group->swap_change);
        diff_add_held(document, node, diff, group);
    }
}
