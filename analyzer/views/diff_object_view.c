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

static const char *kernel_kind_word(enum kernel_change_kind kind)
{
    static const char *const words[] = {"vmalloc", "slab", "module"};
    return words[kind];
}

static struct cell kernel_kind(const void *report, size_t row)
{
    return cell_of_text(kernel_kind_word(kernel_at(report, row)->kind));
}

static struct cell kernel_status(const void *report, size_t row)
{
    return cell_of_text(match_status_word(kernel_at(report, row)->status));
}

static struct cell kernel_name(const void *report, size_t row)
{
    return cell_of_text(kernel_at(report, row)->name);
}

static const struct column kernel_columns[] = {
    {"change", "CHANGE", "after - before",        true,  kernel_change_cell},
    {"before", "BEFORE", "earlier bundle",        true,  kernel_before     },
    {"after",  "AFTER",  "later bundle",          true,  kernel_after      },
    {"kind",   "KIND",   "vmalloc, slab, module", false, kernel_kind       },
    {"status", "STATUS", "same, new, gone",       false, kernel_status     },
    {"name",   "KERNEL", "caller, cache, module", false, kernel_name       },
};

static bool print_all_of(const struct snapshot_diff *diff, size_t count,
                         const struct column *columns, size_t column_count, const char *defaults,
                         const struct view_options *options, struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < count; i++)
        picked.rows[picked.count++] = i;
    bool ok = diff_print_part(columns, column_count, defaults, &picked, count, options, why);
    free(picked.rows);
    return ok;
}

bool diff_print_objects(const struct snapshot_diff *diff, const struct view_options *options,
                        struct failure *why)
{
    return print_all_of(diff, diff->object_count, DIFF_COLUMNS(object_columns),
                        "change,hugetlb,status,sharers,name", options, why);
}

bool diff_print_kernel(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why)
{
    return print_all_of(diff, diff->kernel_count, DIFF_COLUMNS(kernel_columns),
                        "change,before,after,kind,status,name", options, why);
}
