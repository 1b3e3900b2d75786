#include "analyzer/account/cgroup_tree.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/text_cursor.h"

static const struct slice v1_root = {"sys/fs/cgroup/memory", 20};
static const struct slice hybrid_root = {"sys/fs/cgroup/unified", 21};
static const struct slice v2_root = {"sys/fs/cgroup", 13};

/* Is `path` this folder or below it? *left: what follows the folder, "" or "/...". */
static bool is_within(struct slice path, struct slice folder, struct slice *left)
{
    if (!slice_starts(path, folder))
        return false;
    *left = slice_skip(path, folder.length_bytes);
    return left->length_bytes == 0 || left->at[0] == '/';
}

static struct slice folder_of(const struct snapshot *snapshot, size_t row)
{
    return snapshot_text(snapshot, snapshot->cgroups.rows[row].folder);
}

/* v2 has no folder "memory" of its own, but may have a cgroup of that name: what the files hold decides. */
static bool has_v1(const struct snapshot *snapshot)
{
    struct slice left;
    for (size_t i = 0; i < snapshot->cgroups.count; i++)
        if (is_within(folder_of(snapshot, i), v1_root, &left) &&
            cgroup_has_memory(&snapshot->cgroups.rows[i], CGROUP_VERSION_1))
            return true;
    return false;
}

/* v2 is mounted at unified/ when nothing but that is there. */
static struct slice find_v2_root(const struct snapshot *snapshot)
{
    struct slice left;
    for (size_t i = 0; i < snapshot->cgroups.count; i++)
        if (!is_within(folder_of(snapshot, i), hybrid_root, &left))
            return v2_root;
    return hybrid_root;
}

/* '/' stands before every other byte, so that what is below a cgroup follows it at once. */
static int order_of(char byte)
{
    return byte == '/' ? 0 : (unsigned char)byte + 1;
}

/* As strcmp(); *common: where they part. */
static int compare_paths(struct slice a, struct slice b, size_t *common)
{
    size_t at = 0;
    while (at < a.length_bytes && at < b.length_bytes && a.at[at] == b.at[at])
        at++;
    *common = at;
    if (at == a.length_bytes || at == b.length_bytes)
        return (a.length_bytes > b.length_bytes) - (a.length_bytes < b.length_bytes);
    return order_of(a.at[at]) - order_of(b.at[at]);
}

static int compare_nodes(const void *a, const void *b)
{
    size_t common;
    return compare_paths(((const struct cgroup_node *)a)->path,
                         ((const struct cgroup_node *)b)->path, &common);
}

/* Parents from the order: the last one met on each level is a stack, through the links themselves. */
static void link_nodes(struct cgroup_tree *tree)
{
    size_t above = CGROUP_NONE;
    for (size_t i = 0; i < tree->count; i++) {
        struct cgroup_node *node = &tree->nodes[i];
        struct slice left;
        while (above != CGROUP_NONE && !is_within(node->path, tree->nodes[above].path, &left)) {
            tree->nodes[above].end = i;
            above = tree->nodes[above].parent;
        }
        node->parent = above;
        node->depth = above == CGROUP_NONE ? 0 : tree->nodes[above].depth + 1;
        above = i;
    }
    for (; above != CGROUP_NONE; above = tree->nodes[above].parent)
        tree->nodes[above].end = tree->count;
}

bool cgroup_tree_build(const struct snapshot *snapshot, struct cgroup_tree *out,
                       struct failure *why)
{
    const struct cgroup_table *cgroups = &snapshot->cgroups;
    struct cgroup_tree tree = {0};
    tree.nodes = calloc(cgroups->count + 1, sizeof *tree.nodes);
    if (!tree.nodes)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    bool v1 = has_v1(snapshot);
    struct slice root = v1 ? v1_root : find_v2_root(snapshot);
    for (size_t i = 0; i < cgroups->count; i++) {
        struct cgroup_node *node = &tree.nodes[tree.count];
        if (!is_within(folder_of(snapshot, i), root, &node->path))
            continue;
        node->cgroup = &cgroups->rows[i];
        tree.count++;
    }
    if (tree.count)
        tree.version = v1 ? CGROUP_VERSION_1 : CGROUP_VERSION_2;
    qsort(tree.nodes, tree.count, sizeof *tree.nodes, compare_nodes);
    link_nodes(&tree);
    *out = tree;
    return true;
}

void cgroup_tree_deinit(struct cgroup_tree *tree)
{
    free(tree->nodes);
    *tree = (struct cgroup_tree){0};
}

/* The last node that does not stand behind `path`; CGROUP_NONE if all do. */
static size_t last_not_behind(const struct cgroup_tree *tree, struct slice path)
{
    size_t low = 0, high = tree->count, common;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_paths(tree->nodes[middle].path, path, &common) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : CGROUP_NONE;
}

size_t cgroup_tree_find(const struct cgroup_tree *tree, struct slice path)
{
    struct slice above_root;
    size_t common;
    while (path.length_bytes && path.at[path.length_bytes - 1] == '/')
        path.length_bytes--;
    if (is_within(path, SLICE("/.."), &above_root))
        return CGROUP_NONE;
    size_t node = last_not_behind(tree, path);
    if (node == CGROUP_NONE)
        return CGROUP_NONE;
    compare_paths(tree->nodes[node].path, path, &common);
    /* Whatever is above `path` is above this node, too, and no longer than what both share. */
    for (; node != CGROUP_NONE; node = tree->nodes[node].parent) {
        size_t length = tree->nodes[node].path.length_bytes;
        if (length < common ||
            (length == common && (length == path.length_bytes || path.at[length] == '/')))
            return node;
    }
    return CGROUP_NONE;
}

struct slice cgroup_last_component(struct slice path)
{
    size_t start = path.length_bytes;
    while (start && path.at[start - 1] != '/')
        start--;
    struct slice last = slice_skip(path, start);
    return last.length_bytes ? last : SLICE("/");
}

struct amount cgroups_dying(const struct snapshot *snapshot, const struct cgroup_tree *tree,
                            const char **source)
{
    const struct proc_cgroups *counted = &snapshot->system.proc_cgroups;
    *source = NULL;
    if (tree->version == CGROUP_VERSION_2 && tree->nodes[0].path.length_bytes == 0 &&
        tree->nodes[0].cgroup->dying.known) {
        *source = "cgroup.stat of the root";
        return tree->nodes[0].cgroup->dying;
    }
    if (tree->version != CGROUP_VERSION_1 || !counted->found || !counted->memory_hierarchy)
        return AMOUNT_UNKNOWN;
    *source = "/proc/cgroups less the cgroups that have files";
    return amount_of(subtract_to_zero(counted->memory_cgroups, tree->count));
}
