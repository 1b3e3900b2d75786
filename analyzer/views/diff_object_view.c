/* The diff's objects and kernel causes. */
#include <stdlib.h>

#include "analyzer/views/diff_parts_view.h"
#include "analyzer/views/maps_view.h"

static const struct object_change *object_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return &picked->diff->objects[picked->rows[row]];
}

static struct cell object_change_cell(const void *report, size_t row)
{
    return cell_of_change(object_at(report, row)->change_bytes);
}

static struct cell object_hugetlb(const void *report, size_t row)
{
    return cell_of_change(object_at(report, row)->hugetlb_change);
}

static struct cell object_status(const void *report, size_t row)
{
    return cell_of_text(match_status_word(object_at(report, row)->status));
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
    {"change",  "CHANGE",  "of its pages, counted once", true,  object_change_cell},
    {"hugetlb", "HUGETLB", "change of its huge pages",   true,  object_hugetlb    },
    {"status",  "STATUS",  "same, new, gone",            false, object_status     },
    {"sharers", "SHARERS", "processes that map it now",  true,  object_sharers    },
    {"name",    "OBJECT",  "what is mapped",             false, object_name_cell  },
};

bool diff_print_objects(const struct snapshot_diff *diff, const struct view_options *options,
                        struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, diff->object_count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->object_count; i++)
        if (diff->objects[i].beyond_noise || options->all)
            picked.rows[picked.count++] = i;
    bool ok = diff_print_part(DIFF_COLUMNS(object_columns), "change,hugetlb,status,sharers,name",
                              &picked, picked.count, options, why);
    free(picked.rows);
    return ok;
}
