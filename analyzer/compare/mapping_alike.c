/* Mappings of two runs of one program, whose addresses have nothing in common. */
#include "analyzer/compare/mapping_nodes.h"

/* Memory without a name right behind a file is that file's bss: the file's name + 1, else 0. */
static uint64_t follows_file(const struct mapping_matcher *matcher, size_t item, bool is_after)
{
    const struct snapshot *snapshot = matcher->sides[is_after];
    const struct mapping_node *node = &matcher->nodes[item];
    const struct mapped_object *object = &snapshot->mappings.objects[node->mapping->object];
    size_t first = is_after ? matcher->before_count : 0;
    if (item == first || object->inode || snapshot_text(snapshot, object->name).length_bytes)
        return 0;
    const struct mapping_node *previous = node - 1;
    bool is_behind = previous->mapping->end == node->mapping->start &&
                     snapshot->mappings.objects[previous->mapping->object].inode != 0;
    return is_behind ? (uint64_t)previous->name + 1 : 0;
}

/* Entries of all that has no match yet; without offsets only files. */
static size_t fill_entries(struct mapping_matcher *matcher, bool with_offsets)
{
    size_t count = 0;
    for (size_t i = 0; i < matcher->count; i++) {
        const struct mapping_node *node = &matcher->nodes[i];
        const struct mapping *mapping = node->mapping;
        bool is_after = i >= matcher->before_count;
        bool is_file = matcher->sides[is_after]->mappings.objects[mapping->object].inode != 0;
        if (node->is_paired || (!with_offsets && !is_file))
            continue;
        matcher->entries[count++] = (struct match_entry){
            .key = {node->name, mapping->permissions,
                    with_offsets && is_file ? mapping->offset_bytes : 0,
                    follows_file(matcher, i, is_after)},
            .item = (uint32_t)i,
            .after = is_after,
        };
    }
    match_entries_sort(matcher->entries, count);
    return count;
}

static void join_group(struct mapping_matcher *matcher, const struct match_group *group)
{
    uint32_t first = group->before->item;
    for (size_t i = 0; i < group->before_count; i++) {
        matcher->nodes[group->before[i].item].is_paired = true;
        mapping_nodes_join(matcher, first, group->before[i].item);
    }
    for (size_t i = 0; i < group->after_count; i++) {
        matcher->nodes[group->after[i].item].is_paired = true;
        mapping_nodes_join(matcher, first, group->after[i].item);
    }
}

void mapping_nodes_join_alike(struct mapping_matcher *matcher)
{
    /* the second time for another release of a file, whose parts begin elsewhere */
    for (int with_offsets = 1; with_offsets >= 0; with_offsets--) {
        struct match_group group;
        size_t count = fill_entries(matcher, with_offsets), at = 0;
        while (match_next_group(matcher->entries, count, &at, &group))
            if (group.before_count && group.after_count)
                join_group(matcher, &group);
    }
}
