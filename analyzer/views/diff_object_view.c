/* The diff's objects. */
#include <stdlib.h>

#include "analyzer/views/diff_parts_view.h"
#include "analyzer/views/maps_view.h"

static const struct object_change *object_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return &picked->diff->objects[picked->rows[row]];
}

static struct cell object_before(const void *report, size_t row)
{
    const struct object_usage *before = object_at(report, row)->before;
    return before ? cell_of_bytes(before->resident_bytes) : cell_of_text(NULL);
}

static struct cell object_after(const void *report, size_t row)
{
    const struct object_usage *after = object_at(report, row)->after;
    return after ? cell_of_bytes(after->resident_bytes) : cell_of_text(NULL);
}

static struct cell object_change_cell(const void *report, size_t row)
{
    return cell_of_change(object_at(report, row)->change_bytes);
}

static struct cell object_growth(const void *report, size_t row)
{
    const struct object_change *change = object_at(report, row);
    return diff_growth(change->change_bytes,
                       amount_of(change->before ? change->before->resident_bytes : 0));
}

static struct cell object_share(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return diff_share_of(picked->diff->waterfall, object_at(report, row)->change_bytes);
}

static struct cell object_hugetlb(const void *report, size_t row)
{
    return cell_of_change(object_at(report, row)->hugetlb_change);
}

/* replaces: a new file of a name that another one had, as after an upgrade that not all processes have
 * seen; new?: nothing tells which one of several it is. */
static struct cell object_status(const void *report, size_t row)
{
    const struct object_change *change = object_at(report, row);
    if (change->status == MATCH_SAME)
        return cell_of_text(object_relation_word(change->relation));
    if (change->status == MATCH_NEW && change->name_reused)
        return cell_of_text(change->candidates ? "new?" : "replaces");
    return cell_of_text(match_status_word(change->status));
}

static struct cell object_sharers(const void *report, size_t row)
{
    const struct object_usage *after = object_at(report, row)->after;
    return cell_of_number(after ? after->sharer_count : 0);
}

static struct cell object_name_cell(const void *report, size_t row)
{
    const struct snapshot_diff *diff = ((const struct diff_picked *)report)->diff;
    const struct object_change *change = object_at(report, row);
    const struct snapshot *snapshot = change->after ? diff->after : diff->before;
    const struct object_usage *usage = change->after ? change->after : change->before;
    return cell_of_slice(object_name(snapshot, &snapshot->mappings.objects[usage->object]));
}

static const struct column object_columns[] = {
    {"before",  "BEFORE",  "its pages, counted once",          true,  object_before     },
    {"after",   "AFTER",   "the same later",                   true,  object_after      },
    {"change",  "CHANGE",  "after - before",                   true,  object_change_cell},
    {"growth",  "%",       "change, of what was before",       true,  object_growth     },
    {"share",   "SHARE%",  "change, of what free memory lost", true,  object_share      },
    {"hugetlb", "HUGETLB", "change of its huge pages",         true,  object_hugetlb    },
    {"status",  "STATUS",  "what became of it",                false, object_status     },
    {"sharers", "SHARERS", "processes that map it now",        true,  object_sharers    },
    {"name",    "OBJECT",  "what is mapped",                   false, object_name_cell  },
};

/* An upgraded library is said also where its pages are as many as before. */
static bool is_shown(const struct object_change *change, bool all)
{
    return all || change->beyond_noise ||
           (change->status == MATCH_SAME && change->relation == OBJECT_RELATION_REPLACED &&
            change->before->kind == OBJECT_FILE);
}

bool diff_print_objects(const struct snapshot_diff *diff, const struct view_options *options,
                        struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, diff->object_count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->object_count; i++)
        if (is_shown(&diff->objects[i], options->all))
            picked.rows[picked.count++] = i;
    bool ok = diff_print_part(DIFF_COLUMNS(object_columns),
                              "before,after,change,growth,share,hugetlb,status,sharers,name",
                              &picked, picked.count, options, why);
    free(picked.rows);
    return ok;
}
