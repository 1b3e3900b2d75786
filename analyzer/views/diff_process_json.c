/* The diff's processes and their mappings as JSON. */
#include <inttypes.h>

#include "analyzer/views/diff_parts_view.h"
#include "analyzer/views/maps_view.h"

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

static void add_address(struct json_document *document, struct json_node *node, const char *key,
                        uint64_t address)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIx64, address);
    json_add_text(document, node, key, text);
}

static void add_mapping_side(struct json_document *document, struct json_node *parent,
                             const char *key, const struct mapping *first, uint32_t count,
                             const struct mapping_figures *figures)
{
    if (!first) {
        json_add_null(document, parent, key);
        return;
    }
    struct json_node *node = json_add_object(document, parent, key);
    add_address(document, node, "start", first->start);
    add_address(document, node, "end", first->end);
    json_add_text(document, node, "permissions", mapping_mode(first));
    json_add_number(document, node, "mappings", count);
    json_add_number(document, node, "size_bytes", figures->size_bytes);
    json_add_number(document, node, "rss_bytes", figures->rss_bytes);
    json_add_number(document, node, "pss_bytes", figures->pss_bytes);
    json_add_number(document, node, "uss_bytes", figures->uss_bytes);
    json_add_number(document, node, "private_dirty_bytes", figures->private_dirty_bytes);
    json_add_number(document, node, "swap_bytes", figures->swap_bytes);
    json_add_number(document, node, "hugetlb_bytes", figures->hugetlb_bytes);
    json_add_number(document, node, "locked_bytes", figures->locked_bytes);
}

static void add_mapping(struct json_document *document, struct json_node *list,
                        const struct snapshot_diff *diff, const struct mapping_change *change)
{
    const struct snapshot *snapshot = change->after ? diff->after : diff->before;
    const struct mapping *mapping = change->after ? change->after : change->before;
    struct json_node *node = json_add_object(document, list, NULL);
    json_add_text(document, node, "status", mapping_status_word(change->status));
    add_address(document, node, "start", mapping->start);
    add_address(document, node, "end", mapping->end);
    json_add_slice(document, node, "name",
                   snapshot_text(snapshot, snapshot->mappings.objects[mapping->object].name));
    add_mapping_side(document, node, "before", change->before, change->before_count,
                     &change->before_figures);
    add_mapping_side(document, node, "after", change->after, change->after_count,
                     &change->after_figures);
    json_add_signed(document, node, "change_bytes", change->pss_change);
    diff_add_noise(document, node, change->noise_bytes, change->beyond_noise);
    json_add_signed(document, node, "rss_change_bytes", change->rss_change);
    json_add_signed(document, node, "size_change_bytes", change->size_change);
    json_add_signed(document, node, "swap_change_bytes", change->swap_change);
    json_add_signed(document, node, "hugetlb_change_bytes", change->hugetlb_change);
    json_add_signed(document, node, "uss_change_bytes", change->uss_change);
    json_add_signed(document, node, "private_dirty_change_bytes", change->private_dirty_change);
    json_add_signed(document, node, "locked_change_bytes", change->locked_change);
}

/* How the two were found to be one. */
static void add_match(struct json_document *document, struct json_node *node,
                      const struct process_change *change)
{
    bool is_pair = change->before.process && change->after.process;
    json_add_text(document, node, "matched_by", is_pair ? process_basis_word(change->basis) : NULL);
    if (change->status == MATCH_RESTARTED)
        json_add_number(document, node, "instance", change->instance);
    else
        json_add_null(document, node, "instance");
    json_add_number(document, node, "candidates", change->candidates);
    json_add_bool(document, node, "renamed", change->renamed);
    json_add_bool(document, node, "executed", change->executed);
    json_add_bool(document, node, "is_collector", change->is_collector);
}

static void add_change(struct json_document *document, struct json_node *node, const char *key,
                       bool is_known, int64_t change)
{
    if (is_known)
        json_add_signed(document, node, key, change);
    else
        json_add_null(document, node, key);
}

void diff_add_processes(struct json_document *document, const struct snapshot_diff *diff)
{
    struct json_node *list = json_add_array(document, document->root, "processes");
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *change = &diff->processes[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "status", match_status_word(change->status));
        add_match(document, node, change);
        add_side(document, node, "before", &change->before, diff->before);
        add_side(document, node, "after", &change->after, diff->after);
        add_change(document, node, "change_bytes", change->has_change, change->change_bytes);
        diff_add_noise(document, node, change->noise_bytes, change->beyond_noise);
        add_change(document, node, "rss_change_bytes", change->has_rss, change->rss_change);
        add_change(document, node, "swap_change_bytes", change->has_swap, change->swap_change);
        add_change(document, node, "hugetlb_change_bytes", change->has_hugetlb,
                   change->hugetlb_change);
        add_change(document, node, "minor_faults_change", change->has_faults,
                   change->minor_faults_change);
        add_change(document, node, "major_faults_change", change->has_faults,
                   change->major_faults_change);
        struct json_node *mappings = json_add_array(document, node, "mappings");
        for (size_t j = 0; j < change->mapping_count; j++)
            add_mapping(document, mappings, diff, &diff->mappings[change->first_mapping + j]);
    }
}
