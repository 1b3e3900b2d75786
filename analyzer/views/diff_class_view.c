/* The diff's classes of mappings, as text and as JSON. */
#include "analyzer/compare/diff_class.h"
#include "analyzer/views/diff_parts_view.h"

struct class_report {
    const struct snapshot_diff *diff;
    struct class_changes changes;
};

static const struct class_change *class_at(const void *report, size_t row)
{
    return &((const struct class_report *)report)->changes.rows[row];
}

static struct cell class_before(const void *report, size_t row)
{
    return cell_of_bytes(class_at(report, row)->before.pss_bytes);
}

static struct cell class_after(const void *report, size_t row)
{
    return cell_of_bytes(class_at(report, row)->after.pss_bytes);
}

static struct cell class_change_cell(const void *report, size_t row)
{
    return cell_of_change(class_at(report, row)->change_bytes);
}

static struct cell class_growth(const void *report, size_t row)
{
    const struct class_change *change = class_at(report, row);
    return diff_growth(change->change_bytes, amount_of(change->before.pss_bytes));
}

static struct cell class_share(const void *report, size_t row)
{
    const struct class_report *classes = report;
    return diff_share_of(classes->diff->waterfall, class_at(report, row)->change_bytes);
}

static struct cell class_rss(const void *report, size_t row)
{
    return cell_of_change(class_at(report, row)->rss_change);
}

static struct cell class_swap(const void *report, size_t row)
{
    return cell_of_change(class_at(report, row)->swap_change);
}

static struct cell class_hugetlb(const void *report, size_t row)
{
    return cell_of_change(class_at(report, row)->hugetlb_change);
}

static struct cell class_were(const void *report, size_t row)
{
    return cell_of_number(class_at(report, row)->before.mappings);
}

static struct cell class_are(const void *report, size_t row)
{
    return cell_of_number(class_at(report, row)->after.mappings);
}

static struct cell class_id(const void *report, size_t row)
{
    return cell_of_text(class_change_id(class_at(report, row)));
}

static const struct column class_columns[] = {
    {"before",  "BEFORE",  "PSS",                              true,  class_before     },
    {"after",   "AFTER",   "the same later",                   true,  class_after      },
    {"change",  "CHANGE",  "after - before",                   true,  class_change_cell},
    {"growth",  "%",       "change, of what was before",       true,  class_growth     },
    {"share",   "SHARE%",  "change, of what free memory lost", true,  class_share      },
    {"rss",     "RSS",     "change of RSS",                    true,  class_rss        },
    {"swap",    "SWAP",    "change of swap",                   true,  class_swap       },
    {"hugetlb", "HUGETLB", "change of huge pages",             true,  class_hugetlb    },
    {"were",    "WERE",    "mappings before",                  true,  class_were       },
    {"are",     "ARE",     "mappings after",                   true,  class_are        },
    {"class",   "CLASS",   "as in pmap --long",                false, class_id         },
};

bool diff_print_classes(const struct snapshot_diff *diff, const struct view_options *options,
                        struct failure *why)
{
    struct class_report report = {.diff = diff};
    if (!class_changes_compute(diff, &report.changes, why))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < report.changes.count; i++)
        if (report.changes.rows[i].beyond_noise || options->all)
            report.changes.rows[kept++] = report.changes.rows[i];
    return diff_print_part(DIFF_COLUMNS(class_columns),
                           "before,after,change,growth,share,rss,swap,hugetlb,were,are,class",
                           &report, kept, options, why);
}

bool diff_add_classes(struct json_document *document, const struct snapshot_diff *diff,
                      struct failure *why)
{
    struct class_changes changes;
    if (!class_changes_compute(diff, &changes, why))
        return false;
    struct json_node *list = json_add_array(document, document->root, "classes");
    for (size_t i = 0; i < changes.count; i++) {
        const struct class_change *change = &changes.rows[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "class", class_change_id(change));
        json_add_number(document, node, "before_mappings", change->before.mappings);
        json_add_number(document, node, "after_mappings", change->after.mappings);
        json_add_number(document, node, "before_bytes", change->before.pss_bytes);
        json_add_number(document, node, "after_bytes", change->after.pss_bytes);
        json_add_signed(document, node, "change_bytes", change->change_bytes);
        diff_add_noise(document, node, change->noise_bytes, change->beyond_noise);
        json_add_signed(document, node, "rss_change_bytes", change->rss_change);
        json_add_signed(document, node, "swap_change_bytes", change->swap_change);
        json_add_signed(document, node, "hugetlb_change_bytes", change->hugetlb_change);
    }
    return true;
}
