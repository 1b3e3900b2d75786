#include "analyzer/views/group_view.h"

struct json_node *range_add_json(struct json_document *document, struct json_node *parent,
                                 const char *key, struct byte_range range)
{
    struct json_node *node = json_add_object(document, parent, key);
    json_add_number(document, node, "low_bytes", range.low);
    json_add_number(document, node, "high_bytes", range.high);
    json_add_text(document, node, "grade", range_grade(range));
    return node;
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
    range_add_json(document, node, "pss", set->pss);
    range_add_json(document, node, "footprint", set->footprint);
    range_add_json(document, node, "shared_with_others", set->with_others);
    struct json_node *last = range_add_json(document, node, "last_mapped", set->last_mapped);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        range_add_json(document, last, page_fate_key(fate), set->fate[fate]);
    json_add_amount(document, node, "page_table_bytes", set->page_tables);
    json_add_amount(document, node, "kernel_stack_bytes", set->kernel_stacks);
    range_add_json(document, node, "freed_at_once", set_freed_at_once(set));
    range_add_json(document, node, "swap", set->swap);
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
