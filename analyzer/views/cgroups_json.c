/* memtally cgroups --json. */
#include "analyzer/account/cgroup_name.h"
#include "analyzer/views/cgroups_view.h"

static const char *const figure_keys[CGROUP_FIGURE_COUNT] = {
#define FIGURE_KEY(constant, key) [CGROUP_FIGURE_##constant] = key "_bytes",
    CGROUP_FIGURES(FIGURE_KEY)
#undef FIGURE_KEY
};

static void add_slice_or_null(struct json_document *document, struct json_node *node,
                              const char *key, struct slice text)
{
    if (text.length_bytes)
        json_add_slice(document, node, key, text);
    else
        json_add_null(document, node, key);
}

static void add_figures(struct json_document *document, struct json_node *node, const char *key,
                        const struct amount *figures)
{
    struct json_node *to = json_add_object(document, node, key);
    for (unsigned i = 0; i < CGROUP_FIGURE_COUNT; i++)
        json_add_amount(document, to, figure_keys[i], figures[i]);
}

static void add_members(struct json_document *document, struct json_node *node, const char *key,
                        const struct cgroup_members *members)
{
    struct json_node *to = json_add_object(document, node, key);
    bool split = members->split;
    json_add_number(document, to, "processes", members->processes);
    json_add_number(document, to, "unread", members->unread);
    json_add_amount(document, to, "unread_rss_bytes",
                    (struct amount){members->unread_rss_bytes, members->unread_rss_complete});
    json_add_number(document, to, "pss_bytes", members->pss_bytes);
    json_add_amount(document, to, "pss_anon_bytes",
                    (struct amount){members->pss_anon_bytes, split});
    json_add_amount(document, to, "pss_file_bytes",
                    (struct amount){members->pss_file_bytes, split});
    json_add_amount(document, to, "pss_shmem_bytes",
                    (struct amount){members->pss_shmem_bytes, split});
}

static void add_interval(struct json_document *document, struct json_node *node, const char *key,
                         const struct cgroup_interval *interval)
{
    struct json_node *to = json_add_object(document, node, key);
    json_add_amount(document, to, "low_bytes", interval->low);
    json_add_amount(document, to, "high_bytes", interval->high);
    json_add_text(document, to, "grade", interval->low.known ? "bounded" : NULL);
}

static void add_name(struct json_document *document, struct json_node *node, struct slice path)
{
    struct cgroup_name name = cgroup_name_of(path);
    add_slice_or_null(document, node, "unit", name.unit);
    add_slice_or_null(document, node, "container", name.container);
    json_add_text(document, node, "runtime", name.runtime);
    add_slice_or_null(document, node, "pod", name.pod);
}

static struct slice shown_path(const struct cgroup_node *node)
{
    return node->path.length_bytes ? node->path : SLICE("/");
}

static void add_cgroup(struct json_document *document, struct json_node *list,
                       const struct cgroups *cgroups, size_t row)
{
    const struct cgroup_usage *usage = &cgroups->rows[row];
    const struct cgroup_node *node = usage->node;
    struct json_node *to = json_add_object(document, list, NULL);
    json_add_slice(document, to, "path", shown_path(node));
    if (node->parent == CGROUP_NONE)
        json_add_null(document, to, "parent");
    else
        json_add_slice(document, to, "parent", shown_path(&cgroups->tree.nodes[node->parent]));
    json_add_number(document, to, "depth", node->depth);
    add_name(document, to, node->path);
    add_figures(document, to, "total", usage->total);
    add_figures(document, to, "own", usage->own);
    json_add_amount(document, to, "limit_bytes", usage->limit);
    json_add_amount(document, to, "soft_limit_bytes", usage->soft_limit);
    json_add_amount(document, to, "swap_limit_bytes", usage->swap_limit);
    json_add_amount(document, to, "peak_bytes", usage->peak);
    json_add_amount(document, to, "limit_hits", usage->limit_hits);
    json_add_amount(document, to, "oom_kills", usage->oom_kills);
    json_add_amount(document, to, "dying_descendants", node->cgroup->dying);
    add_members(document, to, "members", &usage->members);
    add_members(document, to, "own_members", &usage->own_members);
    add_interval(document, to, "used_elsewhere", &usage->used_elsewhere);
    add_interval(document, to, "charged_elsewhere", &usage->charged_elsewhere);
}

bool cgroups_print_json(const struct snapshot *snapshot, const struct cgroups *cgroups, FILE *to,
                        struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.cgroups/1");
    struct json_node *root = document.root;
    json_add_snapshot(&document, "snapshot", snapshot);
    if (cgroups->tree.count)
        json_add_number(&document, root, "version", (uint64_t)cgroups->tree.version);
    else
        json_add_null(&document, root, "version");
    struct json_node *list = json_add_array(&document, root, "cgroups");
    for (size_t i = 0; i < cgroups->tree.count; i++)
        add_cgroup(&document, list, cgroups, i);
    add_members(&document, root, "unplaced", &cgroups->unplaced);
    add_members(&document, root, "all", &cgroups->all);
    json_add_number(&document, root, "in_removed_cgroups", cgroups->removed);
    json_add_amount(&document, root, "dying_cgroups", cgroups->dying);
    json_add_text(&document, root, "dying_source", cgroups->dying_source);
    json_add_amount(&document, root, "counter_error_bytes", cgroups->counter_error);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
