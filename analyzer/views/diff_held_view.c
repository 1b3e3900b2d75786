/* Of the diff's groups: what each holds once, before and after. */
#include "analyzer/account/set_growth.h"
#include "analyzer/views/diff_parts_view.h"
#include "analyzer/views/group_view.h"

static const struct group_change *group_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return &picked->diff->groups.rows[picked->rows[row]];
}

static struct set_growth growth_of(const struct snapshot *snapshot, const struct set_sharing *held)
{
    return set_growth_of(held, available_memory(snapshot));
}

static const struct snapshot *earlier(const void *report)
{
    return ((const struct diff_picked *)report)->diff->before;
}

static const struct snapshot *later(const void *report)
{
    return ((const struct diff_picked *)report)->diff->after;
}

/* Absent where the group has no process on that side. */
#define HELD_CELL(name, side, expression)                                                          \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        const struct set_sharing *held = group_at(report, row)->side;                              \
        return held ? expression : cell_of_text(NULL);                                             \
    }

HELD_CELL(was_low, held_before, cell_of_bytes(held->footprint.low))
HELD_CELL(was_high, held_before, cell_of_amount(set_at_most(held, held->footprint)))
HELD_CELL(low, held_after, cell_of_bytes(held->footprint.low))
HELD_CELL(high, held_after, cell_of_amount(set_at_most(held, held->footprint)))
HELD_CELL(own_low, held_after, cell_of_bytes(held->last_mapped.low))
HELD_CELL(own_high, held_after, cell_of_amount(set_at_most(held, held->last_mapped)))
HELD_CELL(with_low, held_after, cell_of_bytes(held->with_others.low))
HELD_CELL(with_high, held_after, cell_of_amount(set_at_most(held, held->with_others)))
HELD_CELL(one_more, held_after, cell_of_amount(growth_of(later(report), held).one_more))
HELD_CELL(fitted, held_before, cell_of_count(growth_of(earlier(report), held).fit))
HELD_CELL(fit, held_after, cell_of_count(growth_of(later(report), held).fit))

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_text(group_at(report, row)->name);
}

static const struct column columns[] = {
    {"waslow",   "WASLOW",   "held before at least, each page once",  true,  was_low_cell  },
    {"washigh",  "WASHIGH",  "and at most",                           true,  was_high_cell },
    {"low",      "LOW",      "holds after at least, each page once",  true,  low_cell      },
    {"high",     "HIGH",     "and at most",                           true,  high_cell     },
    {"ownlow",   "OWNLOW",   "of that nobody else maps, at least",    true,  own_low_cell  },
    {"ownhigh",  "OWNHIGH",  "and at most",                           true,  own_high_cell },
    {"withlow",  "WITHLOW",  "of that others map too, at least",      true,  with_low_cell },
    {"withhigh", "WITHHIGH", "and at most",                           true,  with_high_cell},
    {"onemore",  "ONEMORE",  "one more of the same would take",       true,  one_more_cell },
    {"fitted",   "FITTED",   "so many more fitted into MemAvailable", true,  fitted_cell   },
    {"fit",      "FIT",      "so many more would fit into it after",  true,  fit_cell      },
    {"name",     "GROUP",    "what they have in common",              false, name_cell     },
};

bool diff_print_held(const struct diff_picked *picked, const struct view_options *options,
                     struct failure *why)
{
    if (!picked->diff->groups.held_after || !picked->count)
        return true;
    if (!diff_print_part(DIFF_COLUMNS(columns),
                         "waslow,washigh,low,high,ownlow,ownhigh,withlow,withhigh,onemore,fitted,"
                         "fit,name",
                         picked, picked->count, options, why))
        return false;
    if (!options->table.no_headings)
        groups_print_assumption(options->to);
    return true;
}

static void add_side(struct json_document *document, struct json_node *node, const char *key,
                     struct group_report *report, const struct set_sharing *held)
{
    if (!held) {
        json_add_null(document, node, key);
        return;
    }
    report->available = available_memory(report->snapshot);
    group_add_json(document, json_add_object(document, node, key), report,
                   (uint32_t)(held - report->figures));
}

void diff_add_held(struct json_document *document, struct json_node *node,
                   const struct snapshot_diff *diff, const struct group_change *group)
{
    const struct diff_groups *groups = &diff->groups;
    struct group_report before = {
        .snapshot = diff->before, .groups = &groups->before, .figures = groups->held_before};
    struct group_report after = {
        .snapshot = diff->after, .groups = &groups->after, .figures = groups->held_after};
    add_side(document, node, "held_before", &before, group->held_before);
    add_side(document, node, "held_after", &after, group->held_after);
}
