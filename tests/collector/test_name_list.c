#include "collector/read/folder_walk.h"
#include "collector/read/name_list.h"

#include "cmocka_all.h"
#include "fake_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_pattern_has_one_star(void **state)
{
    (void)state;
    assert_true(name_matches("hugepages-2048kB", "hugepages-*"));
    assert_true(name_matches("hugepages-", "hugepages-*"));
    assert_true(name_matches("hugetlb.2MB.current", "hugetlb.*.current"));
    assert_false(name_matches("hugetlb.current", "hugetlb.*.current"));
    assert_true(name_matches("anything", "*"));
    assert_true(name_matches("node", "node"));
    assert_false(name_matches("nodes", "node"));
}

static void names_are_sorted_by_their_bytes(void **state)
{
    static const char *const expected[] = {"B", "a", "a-b", "ab", "\xc3\xa4"};
    struct fake_tree tree;
    struct name_list list;
    (void)state;
    fake_tree_init(&tree);
    for (size_t i = 5; i-- > 0;) {
        char path[64];
        snprintf(path, sizeof path, "d/%s", expected[i]);
        fake_tree_write(&tree, path, "");
    }
    int folder = open(tree.folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(name_list_read(&list, folder, "d", "*", NAMES_ANY, NULL), 0);
    assert_int_equal(list.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(list.names[i], expected[i]);
    name_list_deinit(&list);
    assert_int_equal(name_list_read(&list, folder, "d", "*", NAMES_FOLDERS, NULL), 0);
    assert_int_equal(list.count, 0);
    name_list_deinit(&list);
    assert_int_equal(name_list_read(&list, folder, "none", "*", NAMES_ANY, NULL), ENOENT);
    name_list_deinit(&list);
    close(folder);
    fake_tree_deinit(&tree);
}

static void a_list_can_be_copied_by_its_bytes(void **state)
{
    struct name_list list;
    (void)state;
    assert_int_equal(name_list_copy(&list, "a\0bc\0\0", 6), 0);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.names[1], "bc");
    assert_string_equal(list.names[2], "");
    name_list_deinit(&list);
    assert_int_equal(name_list_copy(&list, "", 0), 0);
    assert_int_equal(list.count, 0);
    name_list_deinit(&list);
    assert_int_equal(name_list_copy(&list, "a\0torn", 6), 0);
    assert_int_equal(list.count, 1);
    name_list_deinit(&list);
}

/* Root could open them all the same, so only the mode can tell. */
static void a_file_that_nobody_may_read_is_not_listed(void **state)
{
    struct fake_tree tree;
    struct name_list list;
    (void)state;
    fake_tree_init(&tree);
    fake_tree_write(&tree, "d/read", "");
    fake_tree_write(&tree, "d/write", "");
    int folder = open(tree.folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(fchmodat(folder, "d/write", 0200, 0), 0);
    _Atomic uint32_t beats = 0;
    assert_int_equal(name_list_read(&list, folder, "d", "*", NAMES_READABLE, &beats), 0);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.names[0], "read");
    assert_true(beats >= 2);
    name_list_deinit(&list);
    close(folder);
    fake_tree_deinit(&tree);
}

struct seen {
    int root;
    char folders[512];
    size_t length;
};

static bool see(void *context, const char *folder, struct failure *why)
{
    struct seen *seen = context;
    (void)why;
    seen->length += (size_t)snprintf(seen->folders + seen->length,
                                     sizeof seen->folders - seen->length, "%s ", folder);
    return true;
}

static bool list(void *context, const struct name_query *query, struct name_list *names, int *error,
                 struct failure *why)
{
    const struct seen *seen = context;
    (void)why;
    *error = name_list_read(names, seen->root, query->folder, query->pattern, query->kind, NULL);
    return true;
}

static const char *walked(const struct fake_tree *tree, const char *pattern, struct seen *seen)
{
    *seen = (struct seen){.root = open(tree->folder, O_RDONLY | O_DIRECTORY)};
    struct folder_walk walk = {.visit = see, .list = list, .context = seen};
    assert_true(folder_walk(&walk, pattern, NULL));
    close(seen->root);
    return seen->folders;
}

static void patterns_name_folders(void **state)
{
    struct fake_tree tree;
    struct seen seen;
    (void)state;
    fake_tree_init(&tree);
    fake_tree_write(&tree, "sys/node1/huge/h2/x", "");
    fake_tree_write(&tree, "sys/node0/huge/h1/x", "");
    fake_tree_write(&tree, "sys/node0/huge/h0/x", "");
    fake_tree_write(&tree, "sys/other/x", "");
    assert_string_equal(walked(&tree, "sys/node*", &seen), "sys/node0 sys/node1 ");
    assert_string_equal(walked(&tree, "sys/node*/huge/h*", &seen),
                        "sys/node0/huge/h0 sys/node0/huge/h1 sys/node1/huge/h2 ");
    assert_string_equal(walked(&tree, "sys/other/**", &seen), "sys/other ");
    assert_string_equal(walked(&tree, "sys/node0/**", &seen),
                        "sys/node0 sys/node0/huge sys/node0/huge/h0 sys/node0/huge/h1 ");
    /* Without a star the folder is visited even if it is not there. */
    assert_string_equal(walked(&tree, "sys/none", &seen), "sys/none ");
    assert_string_equal(walked(&tree, "none/n*", &seen), "");
    fake_tree_deinit(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_has_one_star),
        cmocka_unit_test(names_are_sorted_by_their_bytes),
        cmocka_unit_test(a_list_can_be_copied_by_its_bytes),
        cmocka_unit_test(a_file_that_nobody_may_read_is_not_listed),
        cmocka_unit_test(patterns_name_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
