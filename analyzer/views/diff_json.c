/* The diff as JSON: everything, unsorted by taste and uncut. */
#include <inttypes.h>

#include "analyzer/views/diff_view.h"

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
    }
}

static void add_side(struct json_document *document, struct json_node *parent, const char *key,
                     const struct process_usage *usage, const struct snapshot *snapshot)
{
    if (!usage->process) {
        json_add_null(document, parent, key);
        return;
    }
    struct json_node *node = json_add_object(document, parent, key);
    json_add_number(document, node, "pid", usage->process->pid);
    if (usage->process->files & PROCESS_COMM)
        json_add_slice(document, node, "comm", snapshot_text(snapshot, usage->process->comm));
    else
        json_add_null(document, node, "comm");
    json_add_text(document, node, "outcome", process_state_word(usage->state));
    json_add_amount(document, node, "rss_bytes", usage->rss);
    json_add_amount(document, node, "pss_bytes", usage->pss);
    json_add_amount(document, node, "uss_bytes", usage->uss);
    json_add_amount(document, node, "swap_bytes", usage->swap);
    json_add_amount(document, node, "hugetlb_bytes", usage->hugetlb);
}

static void add_mapping(struct json_document *document, struct json_node *list,
                        const struct snapshot_diff *diff, const struct mapping_change *change)
{
    const struct snapshot *snapshot = change->after ? diff->after : diff->before;
    const struct mapping *mapping = change->after ? change->after : change->before;
    struct json_node *node = json_add_object(document, list, NULL);
    char address[24];
    json_add_text(document, node, "status", match_status_word(change->status));
    snprintf(address, sizeof address, "%" PRIx64, mapping->start);
    json_add_text(document, node, "start", address);
    snprintf(address, sizeof address, "%" PRIx64, mapping->end);
    json_add_text(document, node, "end", address);
    json_add_slice(document, node, "name",
                   snapshot_text(snapshot, snapshot->mappings.objects[mapping->object].name));
    json_add_signed(document, node, "change_bytes", change->pss_change);
    json_add_signed(document, node, "rss_change_bytes", change->rss_change);
    json_add_signed(document, node, "size_change_bytes", change->size_change);
    json_add_signed(document, node, "swap_change_bytes", change->swap_change);
    json_add_signed(document, node, "hugetlb_change_bytes", change->hugetlb_change);
}

static void add_processes(struct json_document *document, const struct snapshot_diff *diff)
{
    struct json_node *list = json_add_array(document, document->root, "processes");
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *change = &diff->processes[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "status", match_status_word(change->status));
        add_side(document, node, "before", &change->before, diff->before);
        add_side(document, node, "after", &change->after, diff->after);
        json_add_signed(document, node, "change_bytes", change->change_bytes);
        json_add_signed(document, node, "rss_change_bytes", change->rss_change);
        json_add_signed(document, node, "swap_change_bytes", change->swap_change);
        json_add_signed(document, node, "hugetlb_change_bytes", change->hugetlb_change);
        json_add_signed(document, node, "minor_faults_change", change->minor_faults_change);
        json_add_signed(document, node, "major_faults_change", change->major_faults_change);
        struct json_node *mappings = json_add_array(document, node, "mappings");
        for (size_t j = 0; j < change->mapping_count; j++)
            add_mapping(document, mappings, diff, &diff->mappings[change->first_mapping + j]);
    }
}

static void add_objects(struct json_document *document, const struct snapshot_diff *diff)
{
    struct json_node *list = json_add_array(document, document->root, "objects");
    for (size_t i = 0; i < diff->object_count; i++) {
        const struct object_change *change = &diff->objects[i];
        const struct object_usage *usage = change->after ? change->after : change->before;
        const struct snapshot *snapshot = change->after ? diff->after : diff->before;
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "status", match_status_word(change->status));
        json_add_text(document, node, "kind", object_kind_word(usage->kind));
        json_add_slice(document, node, "name",
                       snapshot_text(snapshot, snapshot->mappings.objects[usage->object].name));
        json_add_number(document, node, "inode", snapshot->mappings.objects[usage->object].inode);
        json_add_amount(document, node, "before_bytes",
                        change->before ? amount_of(change->before->resident_bytes)
                                       : AMOUNT_UNKNOWN);
        json_add_amount(document, node, "after_bytes",
                        change->after ? amount_of(change->after->resident_bytes) : AMOUNT_UNKNOWN);
        json_add_signed(document, node, "change_bytes", change->change_bytes);
        json_add_signed(document, node, "hugetlb_change_bytes", change->hugetlb_change);
    }
}

static void add_kernel(struct json_document *document, const struct snapshot_diff *diff)
{
    static const char *const keys[] = {"vmalloc", "slab", "modules"};
    struct json_node *kernel = json_add_object(document, document->root, "kernel");
    for (unsigned kind = 0; kind < sizeof keys / sizeof keys[0]; kind++) {
        struct json_node *list = json_add_array(document, kernel, keys[kind]);
        for (size_t i = 0; i < diff->kernel_count; i++) {
            const struct kernel_change *change = &diff->kernel[i];
            if ((unsigned)change->kind != kind)
                continue;
            struct json_node *node = json_add_object(document, list, NULL);
            json_add_text(document, node, "name", change->name);
            json_add_text(document, node, "module", change->detail);
            json_add_text(document, node, "status", match_status_word(change->status));
            json_add_number(document, node, "before_bytes", change->before_bytes);
            json_add_number(document, node, "after_bytes", change->after_bytes);
            json_add_signed(document, node, "change_bytes", change->change_bytes);
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
    add_ledger(&document, diff);
    add_beside(&document, diff);
    add_processes(&document, diff);
    add_objects(&document, diff);
    add_kernel(&document, diff);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
