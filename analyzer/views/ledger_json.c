/* The ledger as JSON: schema/ledger.schema.json. */
#include "analyzer/views/ledger_view.h"

static void json_add_line(struct json_document *document, struct json_node *lines,
                          const struct ledger *ledger, const struct ledger_line *line)
{
    struct json_node *node = json_add_object(document, lines, NULL);
    json_add_text(document, node, "id", line->id);
    json_add_text(document, node, "parent",
                  line->parent < 0 ? NULL : ledger->lines[line->parent].id);
    json_add_text(document, node, "label", line->label);
    json_add_number(document, node, "bytes", line->bytes);
    json_add_text(document, node, "grade", grade_word(line->grade));
    json_add_text(document, node, "source", line->source);
    json_add_number(document, node, "low_bytes", line->low_bytes);
    json_add_number(document, node, "high_bytes", line->high_bytes);
}

static void json_add_rest(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *residual = json_add_object(document, document->root, "residual");
    json_add_signed(document, residual, "bytes", ledger->residual_bytes);
    json_add_signed(document, residual, "low_bytes", ledger->residual_low_bytes);
    json_add_signed(document, residual, "high_bytes", ledger->residual_high_bytes);
    json_add_text(document, residual, "grade", grade_word(ledger->residual_grade));
    json_add_number(document, residual, "readings", ledger->samples_used);
    struct json_node *suspects = json_add_array(document, document->root, "suspects");
    for (size_t i = 0; i < ledger->suspect_count; i++) {
        struct json_node *node = json_add_object(document, suspects, NULL);
        json_add_text(document, node, "id", ledger->suspects[i].id);
        json_add_number(document, node, "at_most_bytes", ledger->suspects[i].at_most_bytes);
        json_add_text(document, node, "evidence", ledger->suspects[i].evidence);
        json_add_text(document, node, "confirm", ledger->suspects[i].confirm);
    }
    struct json_node *beside = json_add_array(document, document->root, "beside");
    for (size_t i = 0; i < ledger->beside_count; i++) {
        struct json_node *node = json_add_object(document, beside, NULL);
        json_add_text(document, node, "id", ledger->beside[i].id);
        json_add_text(document, node, "label", ledger->beside[i].label);
        json_add_number(document, node, "bytes", ledger->beside[i].bytes);
        json_add_text(document, node, "also_in", ledger->beside[i].also_in);
        json_add_text(document, node, "source", ledger->beside[i].source);
    }
    struct json_node *forms = json_add_object(document, document->root, "user_memory");
    json_add_amount(document, forms, "lru_bytes", ledger->user_forms.lru);
    json_add_amount(document, forms, "page_cache_bytes", ledger->user_forms.page_cache);
    json_add_amount(document, forms, "process_bytes", ledger->user_forms.process);
    struct json_node *notes = json_add_array(document, document->root, "notes");
    for (size_t i = 0; i < ledger->note_count; i++)
        json_add_text(document, notes, NULL, ledger->notes[i]);
}

bool ledger_print_json(const struct snapshot *snapshot, const struct ledger *ledger, FILE *to,
                       struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.ledger/1");
    json_add_snapshot(&document, "snapshot", snapshot);
    json_add_number(&document, document.root, "mem_total_bytes", ledger->mem_total_bytes);
    struct json_node *lines = json_add_array(&document, document.root, "lines");
    for (size_t i = 0; i < ledger->line_count; i++)
        json_add_line(&document, lines, ledger, &ledger->lines[i]);
    json_add_rest(&document, ledger);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
