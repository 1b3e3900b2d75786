#include "analyzer/views/pages_view.h"

#include "analyzer/base/checked_math.h"

static void add_census(struct json_document *document, const struct page_census *census)
{
    if (!census) {
        json_add_null(document, document->root, "census");
        return;
    }
    struct json_node *node = json_add_object(document, document->root, "census");
    json_add_bool(document, node, "within_ram", census->within_ram);
    json_add_bool(document, node, "whole", census->is_whole);
    json_add_number(document, node, "frame_bytes", census->frame_bytes);
    json_add_number(document, node, "mapped_bytes", census->all.mapped_bytes);
    struct json_node *classes = json_add_array(document, node, "classes");
    for (unsigned class = 0; class < PAGE_CLASS_COUNT; class ++) {
        struct json_node *row = json_add_object(document, classes, NULL);
        json_add_text(document, row, "class", page_class_word(class));
        json_add_number(document, row, "bytes", census->classes[class].bytes);
        json_add_number(document, row, "mapped_bytes", census->classes[class].mapped_bytes);
    }
}

static void add_total(struct json_document *document, struct json_node *parent, const char *key,
                      struct page_total total)
{
    struct json_node *node = json_add_object(document, parent, key);
    json_add_number(document, node, "once_bytes", total.once);
    json_add_number(document, node, "mapped_bytes", total.mapped);
}

static void add_totals(struct json_document *document, const struct pages_report *report)
{
    if (!report->sharing) {
        json_add_null(document, document->root, "mapped");
        return;
    }
    struct json_node *node = json_add_object(document, document->root, "mapped");
    json_add_bool(document, node, "all_read", report->sharing->all_read);
    json_add_number(document, node, "moved_bytes",
                    multiply_saturating(report->sharing->moved_pages, report->sharing->page_bytes));
    add_total(document, node, "resident", report->totals.resident);
    add_total(document, node, "merged", report->totals.merged);
    add_total(document, node, "thp", report->totals.thp);
    add_total(document, node, "swap", report->totals.swap);
    struct json_node *kinds = json_add_object(document, node, "kinds");
    for (unsigned kind = 0; kind < OBJECT_KIND_COUNT; kind++)
        if (report->totals.kinds[kind].once)
            add_total(document, kinds, object_kind_word(kind), report->totals.kinds[kind]);
}

static void add_process(struct json_document *document, struct json_node *rows,
                        const struct pages_report *report, const struct pages_process *at)
{
    struct json_node *row = json_add_object(document, rows, NULL);
    json_add_number(document, row, "pid", at->process->pid);
    if (at->process->files & PROCESS_COMM)
        json_add_slice(document, row, "comm", snapshot_text(report->snapshot, at->process->comm));
    else
        json_add_null(document, row, "comm");
    json_add_bool(document, row, "all_pages_known", at->pages.known);
#define ADD_FIGURE(name) json_add_number(document, row, #name "_bytes", at->pages.name);
    PAGE_FIGURES(ADD_FIGURE)
#undef ADD_FIGURE
    json_add_amount(document, row, "smaps_rss_bytes", at->smaps.rss);
    json_add_amount(document, row, "smaps_uss_bytes", at->smaps.uss);
    json_add_amount(document, row, "smaps_pss_bytes", at->smaps.pss);
    json_add_amount(document, row, "smaps_swap_bytes", at->smaps.swap);
}

bool pages_print_json(const struct pages_report *report, uint64_t rows, FILE *to,
                      struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.pages/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    add_census(&document, report->census);
    add_totals(&document, report);
    struct json_node *processes = json_add_array(&document, document.root, "processes");
    for (size_t i = 0; i < report->process_count && (!rows || i < rows); i++)
        add_process(&document, processes, report, &report->processes[i]);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
