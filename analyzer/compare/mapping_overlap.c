/* Mappings of one process at two times. Addresses decide; permissions help where one boundary moved
 * between two neighbours (an arena grows into what it had reserved). */
#include "analyzer/compare/mapping_nodes.h"

static bool is_of_a_file(const struct mapping_matcher *matcher, bool is_after,
                         const struct mapping_node *node)
{
    return matcher->sides[is_after]->mappings.objects[node->mapping->object].inode != 0;
}

/* The same part of a file at each common address; memory without a file has no offsets. */
static bool maps_the_same(const struct mapping_matcher *matcher, const struct mapping_node *before,
                          const struct mapping_node *after)
{
    const struct mapping *a = before->mapping, *b = after->mapping;
    return before->identity == after->identity &&
           (!is_of_a_file(matcher, false, before) ||
            a->offset_bytes - a->start == b->offset_bytes - b->start);
}

static void remember_best(struct mapping_node *node, uint32_t other, uint64_t bytes)
{
    if (bytes > node->best_bytes) {
        node->best = other;
        node->best_bytes = bytes;
    }
}

static void join_if_overlapping(struct mapping_matcher *matcher, uint32_t i, uint32_t j)
{
    struct mapping_node *before = &matcher->nodes[i], *after = &matcher->nodes[j];
    const struct mapping *a = before->mapping, *b = after->mapping;
    uint64_t start = a->start > b->start ? a->start : b->start;
    uint64_t end = a->end < b->end ? a->end : b->end;
    bool is_equal = a->start == b->start && a->end == b->end;
    if ((start >= end && !is_equal) || !maps_the_same(matcher, before, after))
        return;
    if (is_equal || a->permissions == b->permissions) {
        before->is_paired = after->is_paired = true;
        mapping_nodes_join(matcher, i, j);
    } else {
        remember_best(before, j, end - start);
        remember_best(after, i, end - start);
    }
}

/* Both lists are in the order of addresses and their mappings do not overlap, so whatever ends first
 * overlaps nothing further on. */
static void sweep(struct mapping_matcher *matcher)
{
    size_t i = 0, j = matcher->before_count;
    while (i < matcher->before_count && j < matcher->count) {
        join_if_overlapping(matcher, (uint32_t)i, (uint32_t)j);
        if (matcher->nodes[i].mapping->end <= matcher->nodes[j].mapping->end)
            i++;
        else
            j++;
    }
}

/* Where no neighbour has its permissions, a mapping was made of the one whose place it took. */
static void join_with_best(struct mapping_matcher *matcher)
{
    for (size_t i = 0; i < matcher->count; i++) {
        const struct mapping_node *node = &matcher->nodes[i];
        if (!node->is_paired && node->best != MAPPING_NO_NODE)
            mapping_nodes_join(matcher, (uint32_t)i, node->best);
    }
}

/* What mremap moves with a mapping. */
static const enum smaps_field moved_along[] = {SMAPS_RSS, SMAPS_SWAP, SMAPS_ANONYMOUS,
                                               SMAPS_PRIVATE_DIRTY};

static bool moved_entry(const struct mapping_matcher *matcher, uint32_t item,
                        struct match_entry *entry)
{
    const struct mapping_node *node = &matcher->nodes[item];
    const struct mapping *mapping = node->mapping;
    bool is_after = item >= matcher->before_count;
    bool is_file = is_of_a_file(matcher, is_after, node);
    uint64_t value[SMAPS_FIELD_COUNT];
    *entry = (struct match_entry){
        .key = {(uint64_t)node->identity << 8 | mapping->permissions, mapping->end - mapping->start,
                is_file ? mapping->offset_bytes : 0, 0},
        .item = item,
        .after = is_after,
    };
    if (is_file)
        return true;
    /* Without a file only the pages tell: untouched memory of one size is not known from other. */
    mapping_values(&matcher->sides[is_after]->mappings, mapping, value);
    for (size_t i = 0; i < sizeof moved_along / sizeof moved_along[0]; i++)
        entry->key[3] = entry->key[3] * UINT64_C(0x9e3779b97f4a7c15) + value[moved_along[i]];
    return value[SMAPS_RSS] || value[SMAPS_SWAP];
}

static void join_moved(struct mapping_matcher *matcher)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < matcher->count; i++) {
        const struct mapping_node *node = &matcher->nodes[i];
        if (!node->is_paired && node->best == MAPPING_NO_NODE)
            count += moved_entry(matcher, (uint32_t)i, &matcher->entries[count]);
    }
    match_entries_sort(matcher->entries, count);
    struct match_group group;
    while (match_next_group(matcher->entries, count, &at, &group))
        if (group.before_count == 1 && group.after_count == 1)
            mapping_nodes_join(matcher, group.before->item, group.after->item);
}

void mapping_nodes_join_overlapping(struct mapping_matcher *matcher)
{
    sweep(matcher);
    join_with_best(matcher);
    join_moved(matcher);
}
