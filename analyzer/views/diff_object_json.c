/* The diff's objects as JSON. */
#include "analyzer/views/diff_parts_view.h"

/* Name and inode on one side: they may be others on the other one. */
static void add_side(struct json_document *document, struct json_node *node, const char *name_key,
                     const char *inode_key, const struct snapshot *snapshot,
                     const struct object_usage *usage)
{
    if (!usage) {
        json_add_null(document, node, name_key);
        json_add_null(document, node, inode_key);
        return;
    }
    const struct mapped_object *object = &snapshot->mappings.objects[usage->object];
    json_add_slice(document, node, name_key, snapshot_text(snapshot, object->name));
    json_add_number(document, node, inode_key, object->inode);
}

void diff_add_objects(struct json_document *document, const struct snapshot_diff *diff)
{
    struct json_node *list = json_add_array(document, document->root, "objects");
    for (size_t i = 0; i < diff->object_count; i++) {
        const struct object_change *change = &diff->objects[i];
        const struct object_usage *usage = change->after ? change->after : change->before;
        const struct snapshot *snapshot = change->after ? diff->after : diff->before;
        const struct mapped_object *object = &snapshot->mappings.objects[usage->object];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "status", match_status_word(change->status));
        json_add_text(document, node, "matched_by",
                      change->before && change->after ? object_relation_word(change->relation)
                                                      : NULL);
        json_add_bool(document, node, "name_reused", change->name_reused);
        json_add_number(document, node, "candidates", change->candidates);
        json_add_text(document, node, "kind", object_kind_word(usage->kind));
        json_add_slice(document, node, "name", snapshot_text(snapshot, object->name));
        json_add_number(document, node, "inode", object->inode);
        add_side(document, node, "before_name", "before_inode", diff->before, change->before);
        add_side(document, node, "after_name", "after_inode", diff->after, change->after);
        json_add_amount(document, node, "before_bytes",
                        change->before ? amount_of(change->before->resident_bytes)
                                       : AMOUNT_UNKNOWN);
        json_add_amount(document, node, "after_bytes",
                        change->after ? amount_of(change->after->resident_bytes) : AMOUNT_UNKNOWN);
        json_add_signed(document, node, "change_bytes", change->change_bytes);
        diff_add_noise(document, node, change->noise_bytes, change->beyond_noise);
        json_add_signed(document, node, "hugetlb_change_bytes", change->hugetlb_change);
    }
}
