#include "analyzer/views/share_view.h"

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
        range_add_json(document, node, "by_two_or_more", set->distinct);
    }
}

/* null: the bundle has no pages, and figures are bounds. */
static void add_pages(struct json_document *document, const struct page_sharing *pages)
{
    if (!pages) {
        json_add_null(document, document->root, "pages");
        return;
    }
    struct json_node *node = json_add_object(document, document->root, "pages");
    json_add_bool(document, node, "all_read", pages->all_read);
    json_add_number(document, node, "moved_bytes",
                    multiply_saturating(pages->moved_pages, pages->page_bytes));
}

bool share_print_json(const struct share_report *report, uint64_t rows, FILE *to,
                      struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.share/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    json_add_bool(&document, document.root, "all_mappers_read", report->all_mappers_read);
    add_pages(&document, report->pages);
    add_sets(&document, report, rows);
    if (report->one_set)
        group_add_json(&document, document.root, report->groups, 0);
    else if (report->groups)
        groups_add_json(&document, report->groups);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
