/* analyzer/account/cgroup_tree.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/cgroup_tree.h"

static struct snapshot *snapshot;
static struct cgroup_tree tree;

static void give(const char *folder, const char *file, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    snapshot_give(snapshot, path, text);
}

static void build(void)
{
    struct failure why = {0};
    assert_true(cgroup_tree_build(snapshot, &tree, &why));
}

static int start(void **state)
{
    (void)state;
    snapshot = snapshot_of_nothing(4096);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cgroup_tree_deinit(&tree);
    snapshot_free(snapshot);
    return 0;
}

static void expect_node(size_t at, const char *path, size_t parent, unsigned depth, size_t behind)
{
    assert_true(at < tree.count);
    const struct cgroup_node *node = &tree.nodes[at];
    assert_int_equal(node->path.length_bytes, strlen(path));
    assert_true(slice_equal(node->path, slice_of(path)));
    assert_true(node->parent == parent);
    assert_int_equal(node->depth, depth);
    assert_int_equal(node->end, behind);
}

static void expect_found(const char *path, size_t node)
{
    assert_true(cgroup_tree_find(&tree, slice_of(path)) == node);
}

/* "a-b" stands behind what is below "a", although '-' is before '/' in ASCII. */
static void what_is_below_follows_at_once(void **state)
{
    (void)state;
    static const char *const folders[] = {"/a-b", "/a/c/d", "/b", "", "/a", "/a/b"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char folder[64];
        snprintf(folder, sizeof folder, "sys/fs/cgroup%s", folders[i]);
        give(folder, "memory.current", "1\n");
    }
    build();
    assert_int_equal(tree.version, CGROUP_VERSION_2);
    assert_int_equal(tree.count, 6);
    expect_node(0, "", CGROUP_NONE, 0, 6);
    expect_node(1, "/a", 0, 1, 4);
    expect_node(2, "/a/b", 1, 2, 3);
    expect_node(3, "/a/c/d", 1, 2, 4); /* no files of /a/c */
    expect_node(4, "/a-b", 0, 1, 5);
    expect_node(5, "/b", 0, 1, 6);
    expect_found("/", 0);
    expect_found("/a", 1);
    expect_found("/a/", 1);
    expect_found("/a/b", 2);
    expect_found("/a/b/c/d", 2);
    expect_found("/a/bb", 1);
    expect_found("/a/c", 1);
    expect_found("/a/c/d/e", 3);
    expect_found("/a/b (deleted)", 1);
    expect_found("/a-", 0);
    expect_found("/a-b/x", 4);
    expect_found("/z", 0);
    expect_found("/..", CGROUP_NONE);
    expect_found("/../a", CGROUP_NONE);
    expect_found("/..a", 0);
}

static void without_a_root_some_belong_nowhere(void **state)
{
    (void)state;
    give("sys/fs/cgroup/a", "memory.current", "1\n");
    give("sys/fs/cgroup/c", "memory.current", "1\n");
    build();
    expect_node(0, "/a", CGROUP_NONE, 0, 1);
    expect_node(1, "/c", CGROUP_NONE, 0, 2);
    expect_found("/", CGROUP_NONE);
    expect_found("/b", CGROUP_NONE);
    expect_found("/c/d", 1);
    expect_found("", CGROUP_NONE);
}

static void v1_is_known_by_its_files(void **state)
{
    (void)state;
    give("sys/fs/cgroup/memory", "memory.usage_in_bytes", "1\n");
    give("sys/fs/cgroup/memory/x", "memory.stat", "cache 1\n");
    give("sys/fs/cgroup/unified", "cgroup.stat", "nr_descendants 1\nnr_dying_descendants 9\n");
    build();
    assert_int_equal(tree.version, CGROUP_VERSION_1);
    assert_int_equal(tree.count, 2);
    expect_node(1, "/x", 0, 1, 2);
}

static void a_cgroup_of_v2_may_be_called_memory(void **state)
{
    (void)state;
    give("sys/fs/cgroup", "memory.stat", "anon 1\n");
    give("sys/fs/cgroup/memory", "memory.stat", "anon 1\n");
    give("sys/fs/cgroup/memory", "memory.current", "1\n");
    build();
    assert_int_equal(tree.version, CGROUP_VERSION_2);
    expect_node(1, "/memory", 0, 1, 2);
}

static void v2_may_be_mounted_beside_v1(void **state)
{
    (void)state;
    give("sys/fs/cgroup/unified", "memory.stat", "anon 1\n");
    give("sys/fs/cgroup/unified/u", "memory.stat", "anon 1\n");
    build();
    assert_int_equal(tree.version, CGROUP_VERSION_2);
    expect_node(0, "", CGROUP_NONE, 0, 2);
    expect_node(1, "/u", 0, 1, 2);
}

static void dying_ones_are_counted(void **state)
{
    (void)state;
    const char *source;
    build();
    assert_int_equal(tree.count, 0);
    assert_false(cgroups_dying(snapshot, &tree, &source).known);
    assert_null(source);
    cgroup_tree_deinit(&tree);
    give("sys/fs/cgroup", "cgroup.stat", "nr_descendants 5\nnr_dying_descendants 3\n");
    build();
    struct amount dying = cgroups_dying(snapshot, &tree, &source);
    assert_true(dying.known && dying.bytes == 3);
    cgroup_tree_deinit(&tree);
    give("sys/fs/cgroup/memory", "memory.usage_in_bytes", "1\n");
    build();
    assert_false(cgroups_dying(snapshot, &tree, &source).known);
    snapshot_give(snapshot, "proc/cgroups",
                  "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t57\t1\n");
    dying = cgroups_dying(snapshot, &tree, &source);
    assert_true(dying.known && dying.bytes == 56);
    assert_non_null(source);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_below_follows_at_once), TEST(without_a_root_some_belong_nowhere),
        TEST(v1_is_known_by_its_files),      TEST(a_cgroup_of_v2_may_be_called_memory),
        TEST(v2_may_be_mounted_beside_v1),   TEST(dying_ones_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
