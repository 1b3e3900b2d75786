#include "analyzer/views/group_view.h"
#include "analyzer/views/maps_view.h"

static const struct object_group *row_at(const void *report, size_t row)
{
    return &((const struct maps_report *)report)->object_groups->rows[row];
}

static const struct mapped_object *object_at(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return &maps->snapshot->mappings
                .objects[maps->objects->usages[row_at(report, row)->usage].object];
}

#define ROW_CELL(name, expression)                                                                 \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        const struct object_group *part = row_at(report, row);                                     \
        return expression;                                                                         \
    }

ROW_CELL(sharers, cell_of_number(part->sharers))
ROW_CELL(rss, cell_of_bytes(part->rss_bytes))
ROW_CELL(pss, cell_of_bytes(part->pss_bytes))
ROW_CELL(uss, cell_of_bytes(part->uss_bytes))
ROW_CELL(swap, cell_of_bytes(part->swap_bytes))
ROW_CELL(hugetlb, cell_of_amount(maps_hugetlb(report, part->hugetlb_bytes)))
ROW_CELL(held_low, cell_of_bytes(part->footprint.low))
ROW_CELL(held_high, cell_of_bytes(part->footprint.high))
ROW_CELL(own_low, cell_of_bytes(part->last_mapped.low))
ROW_CELL(own_high, cell_of_bytes(part->last_mapped.high))
ROW_CELL(with_low, cell_of_bytes(part->with_others.low))
ROW_CELL(with_high, cell_of_bytes(part->with_others.high))

static struct cell kind_cell(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return cell_of_text(object_kind_word(maps->objects->usages[row_at(report, row)->usage].kind));
}

static struct cell group_cell(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return cell_of_text(maps->groups->groups[row_at(report, row)->group].name);
}

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_slice(
        object_name(((const struct maps_report *)report)->snapshot, object_at(report, row)));
}

static const struct column columns[] = {
    {"kind",     "KIND",     "as without --group",                       false, kind_cell     },
    {"sharers",  "SHARERS",  "processes of the group that map it",       true,  sharers_cell  },
    {"rss",      "RSS",      "sum of RSS over these",                    true,  rss_cell      },
    {"pss",      "PSS",      "sum of PSS over these",                    true,  pss_cell      },
    {"uss",      "USS",      "sum of USS over these",                    true,  uss_cell      },
    {"swap",     "SWAP",     "swapped out, over these",                  true,  swap_cell     },
    {"hugetlb",  "HUGETLB",  "huge pages, over these",                   true,  hugetlb_cell  },
    {"low",      "LOW",      "the group holds at least, each page once", true,  held_low_cell },
    {"high",     "HIGH",     "and at most",                              true,  held_high_cell},
    {"ownlow",   "OWNLOW",   "of that nobody else maps, at least",       true,  own_low_cell  },
    {"ownhigh",  "OWNHIGH",  "and at most",                              true,  own_high_cell },
    {"withlow",  "WITHLOW",  "of that others map too, at least",         true,  with_low_cell },
    {"withhigh", "WITHHIGH", "and at most",                              true,  with_high_cell},
    {"group",    "GROUP",    "name of the group",                        false, group_cell    },
    {"name",     "NAME",     "path or name as the kernel prints it",     false, name_cell     },
};

bool maps_print_groups(const struct maps_report *report, const struct view_options *options,
                       struct failure *why)
{
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns = "kind,sharers,low,high,ownlow,ownhigh,withlow,"
                                             "withhigh,group,name",
                          .default_sort = "high",
                          .report = report,
                          .row_count = report->object_groups->count};
    return table_print(&table, &options->table, options->to, why);
}

void maps_add_groups_json(struct json_document *document, struct json_node *node,
                          const struct maps_report *report, size_t usage)
{
    struct json_node *groups = json_add_array(document, node, "groups");
    const struct object_groups *all = report->object_groups;
    size_t first = 0, end = all->count; /* rows are in the order of the usages: by index */
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (all->rows[middle].usage < usage)
            first = middle + 1;
        else
            end = middle;
    }
    for (; first < all->count && all->rows[first].usage == usage; first++) {
        const struct object_group *part = &all->rows[first];
        struct json_node *entry = json_add_object(document, groups, NULL);
        json_add_text(document, entry, "group", report->groups->groups[part->group].name);
        json_add_number(document, entry, "sharers", part->sharers);
        json_add_number(document, entry, "rss_bytes", part->rss_bytes);
        json_add_number(document, entry, "pss_bytes", part->pss_bytes);
        json_add_number(document, entry, "uss_bytes", part->uss_bytes);
        json_add_number(document, entry, "swap_bytes", part->swap_bytes);
        json_add_amount(document, entry, "hugetlb_bytes",
                        maps_hugetlb(report, part->hugetlb_bytes));
        range_add_json(document, entry, "footprint", part->footprint);
        range_add_json(document, entry, "last_mapped", part->last_mapped);
        range_add_json(document, entry, "shared_with_others", part->with_others);
    }
}
