/* The ledger as JSON: schema/ledger.schema.json. */
#include "analyzer/views/baseline_view.h"
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

static void json_add_physical(struct json_document *document,
                              const struct physical_memory *physical)
{
    struct json_node *node = json_add_object(document, document->root, "physical");
    json_add_amount(document, node, "present_bytes", physical->present);
    json_add_text(document, node, "source", physical->source);
    struct json_node *parts = json_add_array(document, node, "parts");
    for (size_t i = 0; i < physical->count; i++) {
        struct json_node *part = json_add_object(document, parts, NULL);
        json_add_text(document, part, "id", physical->parts[i].id);
        json_add_text(document, part, "label", physical->parts[i].label);
        json_add_number(document, part, "bytes", physical->parts[i].bytes);
        json_add_text(document, part, "grade", grade_word(physical->parts[i].grade));
        json_add_text(document, part, "source", physical->parts[i].source);
    }
}

static void json_add_available(struct json_document *document,
                               const struct mem_available *available)
{
    struct json_node *node = json_add_object(document, document->root, "mem_available");
    json_add_amount(document, node, "printed_bytes", available->printed);
    json_add_amount(document, node, "computed_bytes", available->computed);
    json_add_text(document, node, "formula", available->formula);
}

static void json_add_form(struct json_document *document, struct json_node *forms,
                          const struct decomposition *form)
{
    struct json_node *node = json_add_object(document, forms, NULL);
    json_add_text(document, node, "id", form->id);
    json_add_amount(document, node, "total_bytes",
                    form->known ? amount_of(form->total_bytes) : AMOUNT_UNKNOWN);
    struct json_node *parts = json_add_array(document, node, "parts");
    for (size_t i = 0; i < form->part_count; i++) {
        struct json_node *part = json_add_object(document, parts, NULL);
        json_add_text(document, part, "id", form->parts[i].id);
        json_add_text(document, part, "label", form->parts[i].label);
        json_add_number(document, part, "bytes", form->parts[i].bytes);
        json_add_text(document, part, "source", form->parts[i].source);
    }
    json_add_signed(document, node, "difference_bytes", form->difference_bytes);
    struct json_node *reasons = json_add_array(document, node, "reasons");
    for (size_t i = 0; i < form->reason_count; i++) {
        struct json_node *reason = json_add_object(document, reasons, NULL);
        json_add_text(document, reason, "id", form->reasons[i].id);
        json_add_signed(document, reason, "low_bytes", form->reasons[i].low_bytes);
        json_add_signed(document, reason, "high_bytes", form->reasons[i].high_bytes);
        json_add_text(document, reason, "text", form->reasons[i].text);
    }
    json_add_signed(document, node, "unexplained_bytes", form->unexplained_bytes);
}

static void json_add_user_memory(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *forms = json_add_object(document, document->root, "user_memory");
    json_add_amount(document, forms, "lru_bytes", ledger->user_forms.lru);
    json_add_amount(document, forms, "page_cache_bytes", ledger->user_forms.page_cache);
    json_add_amount(document, forms, "process_bytes", ledger->user_forms.process);
    struct json_node *list = json_add_array(document, document->root, "decompositions");
    for (size_t i = 0; i < DECOMPOSITION_COUNT; i++)
        json_add_form(document, list, &ledger->forms[i]);
}

static void json_add_owners(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *owners = json_add_array(document, document->root, "shmem_owners");
    for (size_t i = 0; i < ledger->owner_count; i++) {
        const struct ledger_owner *owner = &ledger->owners[i];
        char line[48];
        snprintf(line, sizeof line, "user.shmem.%s", shared_line_word(owner->kind));
        struct json_node *node = json_add_object(document, owners, NULL);
        json_add_text(document, node, "line", line);
        json_add_text(document, node, "name", owner->name);
        json_add_number(document, node, "bytes", owner->bytes);
        json_add_text(document, node, "detail", owner->detail);
    }
    json_add_number(document, document->root, "shmem_owners_left_out", ledger->owners_left_out);
}

static void json_add_pools(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *pools = json_add_array(document, document->root, "huge_page_pools");
    for (size_t i = 0; i < ledger->pool_count; i++) {
        const struct ledger_pool *pool = &ledger->pools[i];
        struct json_node *node = json_add_object(document, pools, NULL);
        json_add_number(document, node, "page_bytes", pool->page_bytes);
        if (pool->node < 0)
            json_add_null(document, node, "node");
        else
            json_add_number(document, node, "node", (uint64_t)pool->node);
        json_add_number(document, node, "total_bytes", pool->total_bytes);
        json_add_amount(document, node, "used_bytes", pool->used);
        json_add_amount(document, node, "free_bytes", pool->free);
        json_add_amount(document, node, "reserved_bytes", pool->reserved);
        json_add_amount(document, node, "surplus_bytes", pool->surplus);
    }
}

static void json_add_census(struct json_document *document, const struct ledger_census *census)
{
    if (!census->known) {
        json_add_null(document, document->root, "census");
        return;
    }
    struct json_node *node = json_add_object(document, document->root, "census");
    json_add_signed(document, node, "measured_bytes", census->measured_bytes);
    json_add_signed(document, node, "difference_bytes", census->difference_bytes);
    json_add_number(document, node, "unflagged_bytes", census->unflagged_bytes);
    json_add_number(document, node, "offline_bytes", census->offline_bytes);
    json_add_number(document, node, "placed_bytes", census->placed_bytes);
    json_add_bool(document, node, "is_whole", census->is_whole);
}

void ledger_json_add_suspects(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *suspects = json_add_array(document, document->root, "suspects");
    for (size_t i = 0; i < ledger->suspect_count; i++) {
        const struct ledger_suspect *suspect = &ledger->suspects[i];
        struct json_node *node = json_add_object(document, suspects, NULL);
        json_add_text(document, node, "id", suspect->id);
        json_add_text(document, node, "weight", suspect_weight_word(suspect->weight));
        json_add_number(document, node, "at_most_bytes", suspect->at_most_bytes);
        json_add_text(document, node, "evidence", suspect->evidence);
        json_add_text(document, node, "confirm", suspect->confirm);
    }
}

static void json_add_residual(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *residual = json_add_object(document, document->root, "residual");
    json_add_signed(document, residual, "bytes", ledger->residual_bytes);
    json_add_signed(document, residual, "low_bytes", ledger->residual_low_bytes);
    json_add_signed(document, residual, "high_bytes", ledger->residual_high_bytes);
    json_add_text(document, residual, "grade", grade_word(ledger->residual_grade));
    json_add_number(document, residual, "readings", ledger->samples_used);
    json_add_number(document, residual, "unexplained_bytes", ledger->unexplained_low_bytes);
    json_add_number(document, residual, "unexplained_low_bytes", ledger->unexplained_low_bytes);
    json_add_number(document, residual, "unexplained_high_bytes", ledger->unexplained_high_bytes);
    ledger_json_add_suspects(document, ledger);
}

static void json_add_beside(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *beside = json_add_array(document, document->root, "beside");
    for (size_t i = 0; i < ledger->beside_count; i++) {
        struct json_node *node = json_add_object(document, beside, NULL);
        json_add_text(document, node, "id", ledger->beside[i].id);
        json_add_text(document, node, "label", ledger->beside[i].label);
        json_add_number(document, node, "bytes", ledger->beside[i].bytes);
        json_add_text(document, node, "grade", grade_word(ledger->beside[i].grade));
        json_add_text(document, node, "also_in", ledger->beside[i].also_in);
        json_add_text(document, node, "source", ledger->beside[i].source);
    }
}

bool ledger_print_json(const struct snapshot *snapshot, const struct ledger *ledger,
                       const struct baseline *baseline, FILE *to, struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.ledger/1");
    json_add_snapshot(&document, "snapshot", snapshot);
    json_add_number(&document, document.root, "mem_total_bytes", ledger->mem_total_bytes);
    json_add_text(&document, document.root, "reading", ledger->reading);
    json_add_physical(&document, &ledger->physical);
    json_add_available(&document, &ledger->available);
    struct json_node *lines = json_add_array(&document, document.root, "lines");
    for (size_t i = 0; i < ledger->line_count; i++)
        json_add_line(&document, lines, ledger, &ledger->lines[i]);
    json_add_residual(&document, ledger);
    json_add_census(&document, &ledger->census);
    json_add_beside(&document, ledger);
    json_add_user_memory(&document, ledger);
    json_add_owners(&document, ledger);
    json_add_pools(&document, ledger);
    struct json_node *notes = json_add_array(&document, document.root, "notes");
    for (size_t i = 0; i < ledger->note_count; i++)
        json_add_text(&document, notes, NULL, ledger->notes[i]);
    json_add_baseline(&document, baseline);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
