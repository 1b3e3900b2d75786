#include "analyzer/views/share_view.h"

static struct json_node *add_range(struct json_document *document, struct json_node *parent,
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
    json_add_number(document, node, "rss_bytes", set->rss_bytes);
    json_add_number(document, node, "uss_bytes", set->uss_bytes);
    add_range(document, node, "pss", set->pss);
    add_range(document, node, "footprint", set->footprint);
    add_range(document, node, "shared_with_others", set->with_others);
    struct json_node *last = add_range(document, node, "last_mapped", set->last_mapped);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        add_range(document, last, page_fate_key(fate), set->fate[fate]);
    json_add_amount(document, node, "page_table_bytes", set->page_tables);
    json_add_amount(document, node, "kernel_stack_bytes", set->kernel_stacks);
    add_range(document, node, "swap", set->swap);
    json_add_amount(document, node, "one_more_bytes", growth.one_more);
    json_add_amount(document, node, "available_bytes", growth.available);
    json_add_amount(document, node, "fit", growth.fit);
}

static void add_members(struct json_document *document, struct json_node *node,
                        const struct share_report *report, uint32_t group)
{
    struct json_node *pids = json_add_array(document, node, "pids");
    for (size_t i = 0; i < report->snapshot->process_count; i++)
        if (report->groups->set_of[i] == group)
            json_add_number(document, pids, NULL, report->snapshot->processes[i].pid);
}

static void add_groups(struct json_document *document, const struct share_report *report)
{
    struct amount available = available_memory(report->snapshot);
    if (report->one_set) {
        add_members(document, document->root, report, 0);
        add_figures(document, document->root, &report->figures[0], available);
        return;
    }
    struct json_node *groups = json_add_array(document, document->root, "groups");
    for (uint32_t i = 0; i < report->groups->count; i++) {
        struct json_node *node = json_add_object(document, groups, NULL);
        json_add_text(document, node, "group", report->groups->groups[i].name);
        add_members(document, node, report, i);
        add_figures(document, node, &report->figures[i], available);
    }
}

static void add_sets(struct json_document *document, const struct share_report *report,
                     uint64_t rows)
{
    struct json_node *sets = json_add_array(document, document->root, "sets");
    for (size_t i = 0; report->sets && i < report->sets->count && (!rows || i < rows); i++) {
        const struct sharing_set *set = &report->sets->sets[i];
        struct json_node *node = json_add_object(document, sets, NULL);
        struct json_node *pids = json_add_array(document, node, "pids");
        for (uint32_t j = 0; j < set->count; j++) {
            uint32_t process = report->sets->processes[set->first_process + j];
            json_add_number(document, pids, NULL, report->snapshot->processes[process].pid);
        }
        json_add_text(document, node, "kind", object_kind_word(set->kind));
        json_add_number(document, node, "low_bytes", set->exactly.low);
        json_add_number(document, node, "high_bytes", set->exactly.high);
        json_add_text(document, node, "grade", range_grade(set->exactly));
        add_range(document, node, "by_two_or_more", set->distinct);
    }
}

bool share_print_json(const struct share_report *report, uint64_t rows, FILE *to,
                      struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.share/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    json_add_bool(&document, document.root, "all_mappers_read", report->all_mappers_read);
    add_sets(&document, report, rows);
    if (report->groups)
        add_groups(&document, report);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
