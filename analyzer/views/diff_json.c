/* The diff as JSON: everything, unsorted by taste and uncut. */
#include "analyzer/views/diff_parts_view.h"
#include "analyzer/views/diff_view.h"

void diff_add_noise(struct json_document *document, struct json_node *node, uint64_t noise_bytes,
                    bool beyond_noise)
{
    json_add_number(document, node, "noise_bytes", noise_bytes);
    json_add_bool(document, node, "beyond_noise", beyond_noise);
}

static void add_ledger(struct json_document *document, const struct snapshot_diff *diff)
{
    struct json_node *list = json_add_array(document, document->root, "ledger");
    for (size_t i = 0; i < diff->ledger_count; i++) {
        const struct ledger_change *change = &diff->ledger[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "id", change->id);
        json_add_text(document, node, "parent", change->parent[0] ? change->parent : NULL);
        json_add_text(document, node, "label", change->label);
        if (change->before.known)
            json_add_signed(document, node, "before_bytes", change->before_signed);
        else
            json_add_null(document, node, "before_bytes");
        if (change->after.known)
            json_add_signed(document, node, "after_bytes", change->after_signed);
        else
            json_add_null(document, node, "after_bytes");
        json_add_signed(document, node, "change_bytes", change->change_bytes);
        diff_add_noise(document, node, change->noise_bytes, change->beyond_noise);
    }
}

static void add_waterfall(struct json_document *document, const struct diff_waterfall *waterfall)
{
    if (!waterfall || !waterfall->known) {
        json_add_null(document, document->root, "waterfall");
        return;
    }
    struct json_node *node = json_add_object(document, document->root, "waterfall");
    json_add_signed(document, node, "before_bytes", waterfall->before_bytes);
    json_add_signed(document, node, "after_bytes", waterfall->after_bytes);
    json_add_signed(document, node, "change_bytes", waterfall->change_bytes);
    diff_add_noise(document, node, waterfall->noise_bytes, waterfall->beyond_noise);
    struct json_node *steps = json_add_array(document, node, "steps");
    for (size_t i = 0; i < waterfall->step_count; i++) {
        const struct waterfall_step *step = &waterfall->steps[i];
        struct json_node *one = json_add_object(document, steps, NULL);
        json_add_text(document, one, "id", step->line ? step->line->id : NULL);
        json_add_signed(document, one, "free_change_bytes", step->change_bytes);
    }
    struct json_node *causes = json_add_array(document, node, "causes");
    for (unsigned i = 0; i < DIFF_CAUSE_COUNT; i++) {
        struct json_node *one = json_add_object(document, causes, NULL);
        json_add_text(document, one, "id", diff_cause_word((enum diff_cause)i));
        json_add_signed(document, one, "used_change_bytes", waterfall->cause_bytes[i]);
    }
}

static void add_beside(struct json_document *document, const struct snapshot_diff *diff)
{
    struct json_node *list = json_add_array(document, document->root, "beside");
    for (size_t i = 0; i < diff->beside_count; i++) {
        const struct beside_change *change = &diff->beside[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "id", change->id);
        json_add_text(document, node, "label", change->label);
        json_add_text(document, node, "also_in", change->also_in);
        json_add_amount(document, node, "before_bytes", change->before);
        json_add_amount(document, node, "after_bytes", change->after);
        json_add_signed(document, node, "change_bytes", change->change_bytes);
        diff_add_noise(document, node, change->noise_bytes, change->beyond_noise);
    }
}

static void add_kernel(struct json_document *document, const struct snapshot_diff *diff)
{
    static const char *const keys[] = {
#define KERNEL_CHANGE_KEY(constant, word, key) key,
        KERNEL_CHANGE_KINDS(KERNEL_CHANGE_KEY)
#undef KERNEL_CHANGE_KEY
    };
    struct json_node *kernel = json_add_object(document, document->root, "kernel");
    for (unsigned kind = 0; kind < sizeof keys / sizeof keys[0]; kind++) {
        struct json_node *list = json_add_array(document, kernel, keys[kind]);
        for (size_t i = 0; i < diff->kernel_count; i++) {
            const struct kernel_change *change = &diff->kernel[i];
            if ((unsigned)change->kind != kind)
                continue;
            struct json_node *node = json_add_object(document, list, NULL);
            json_add_text(document, node, "name", change->name);
            json_add_text(document, node, "module",
                          change->kind == KERNEL_VMALLOC ? change->detail : NULL);
            json_add_text(document, node, "detail", change->detail);
            json_add_text(document, node, "status", match_status_word(change->status));
            json_add_number(document, node, "before_bytes", change->before_bytes);
            json_add_number(document, node, "after_bytes", change->after_bytes);
            json_add_signed(document, node, "change_bytes", change->change_bytes);
            diff_add_noise(document, node, change->noise_bytes, change->beyond_noise);
        }
    }
}

bool diff_print_json(const struct snapshot_diff *diff, FILE *to, struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.diff/1");
    json_add_snapshot(&document, "snapshot", diff->after);
    json_add_snapshot(&document, "before", diff->before);
    json_add_snapshot(&document, "after", diff->after);
    json_add_bool(&document, document.root, "changed", diff->changed);
    json_add_bool(&document, document.root, "same_host", diff->same_host);
    json_add_bool(&document, document.root, "same_boot", diff->same_boot);
    json_add_bool(&document, document.root, "same_kernel", diff->same_kernel);
    json_add_bool(&document, document.root, "same_page_size", diff->same_page_size);
    add_waterfall(&document, diff->waterfall);
    add_ledger(&document, diff);
    add_beside(&document, diff);
    json_add_text(&document, document.root, "grouped_by", diff->groups.how);
    diff_add_groups(&document, diff);
    diff_add_processes(&document, diff);
    diff_add_objects(&document, diff);
    add_kernel(&document, diff);
    bool ok = diff_add_classes(&document, diff, why) && json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
