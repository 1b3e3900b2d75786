#include "analyzer/views/group_view.h"

static struct json_node *add_ends(struct json_document *document, struct json_node *parent,
                                  const char *key, uint64_t low_bytes, struct amount high,
                                  const char *grade)
{
    struct json_node *node = json_add_object(document, parent, key);
    json_add_number(document, node, "low_bytes", low_bytes);
    json_add_amount(document, node, "high_bytes", high);
    json_add_text(document, node, "grade", grade);
    return node;
}

struct json_node *range_add_json(struct json_document *document, struct json_node *parent,
                                 const char *key, struct byte_range range)
{
    return add_ends(document, parent, key, range.low, amount_of(range.high), range_grade(range));
}

/* One of a set's ranges, which may have no upper end. */
static struct json_node *add_range(struct json_document *document, struct json_node *parent,
                                   const char *key, const struct set_sharing *set,
                                   struct byte_range range)
{
    const struct amount high = set_at_most(set, range);
    return add_ends(document, parent, key, range.low, high,
                    high.known ? range_grade(range) : "bounded");
}

static void add_figures(struct json_document *document, struct json_node *node,
                        const struct set_sharing *set, struct amount available)
{
    struct set_growth growth = set_growth_of(set, available);
    json_add_number(document, node, "processes", set->processes);
    json_add_number(document, node, "address_spaces", set->address_spaces);
    json_add_number(document, node, "unread", set->unread);
    json_add_bool(document, node, "unread_unbounded", set->unread_unbounded);
    json_add_bool(document, node, "by_pages", set->by_pages);
    json_add_number(document, node, "rss_bytes", set->rss_bytes);
    json_add_number(document, node, "uss_bytes", set->uss_bytes);
    add_range(document, node, "pss", set, set->pss);
    add_range(document, node, "footprint", set, set->footprint);
    add_range(document, node, "shared_with_others", set, set->with_others);
    struct json_node *last = add_range(document, node, "last_mapped", set, set->last_mapped);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        add_range(document, last, page_fate_key(fate), set, set->fate[fate]);
    json_add_amount(document, node, "page_table_bytes", set->page_tables);
    json_add_amount(document, node, "kernel_stack_bytes", set->kernel_stacks);
    add_range(document, node, "freed_at_once", set, set_freed_at_once(set));
    add_range(document, node, "swap", set, set->swap);
    json_add_amount(document, node, "one_more_bytes", growth.one_more);
    json_add_amount(document, node, "available_bytes", growth.available);
    json_add_amount(document, node, "fit", growth.fit);
}

static void add_members(struct json_document *document, struct json_node *node,
                        const struct group_report *report, uint32_t group)
{
    struct json_node *pids = json_add_array(document, node, "pids");
    for (size_t i = 0; i < report->snapshot->process_count; i++)
        if (report->groups->set_of[i] == group)
            json_add_number(document, pids, NULL, report->snapshot->processes[i].pid);
}

void group_add_json(struct json_document *document, struct json_node *node,
                    const struct group_report *report, uint32_t group)
{
    add_members(document, node, report, group);
    add_figures(document, node, &report->figures[group], report->available);
}

void groups_add_json(struct json_document *document, const struct group_report *report)
{
    struct json_node *groups = json_add_array(document, document->root, "groups");
    for (uint32_t i = 0; i < report->groups->count; i++) {
        struct json_node *node = json_add_object(document, groups, NULL);
        json_add_text(document, node, "group", report->groups->groups[i].name);
        group_add_json(document, node, report, i);
    }
}
