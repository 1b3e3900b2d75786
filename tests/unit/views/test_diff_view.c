/* analyzer/views/diff_process_view, diff_mapping_view: what is told in words, and columns that come and go. */
#include "tests/unit/compare/diff_pair.h"
#include "tests/unit/views/printed.h"

#include "analyzer/views/diff_view.h"

static struct printed printed;

static const char *print_level(enum diff_level level)
{
    struct failure why = {0};
    compare();
    printed_begin(&printed);
    const struct view_options options = {.to = printed.to, .diff_level = level};
    assert_true(diff_print(&diff, &options, &why));
    printed_end(&printed);
    return printed.text;
}

static int forget(void **state)
{
    printed_deinit(&printed);
    return tear_down(state);
}

static void one_that_waits_for_its_parent_is_a_zombie(void **state)
{
    (void)state;
    const struct block blocks[] = {ANON(0x10000, 0x20000, 40)};
    put(0, 7, 100, blocks, 1);
    tree_put(&trees[1], "proc/7/stat",
             "7 (p) Z 1 1 1 0 -1 4194304 100 0 5 0 0 0 0 0 20 0 1 0 100 0 0 18446744073709551615 0 "
             "0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    const char *text = print_level(DIFF_BY_PROCESS);
    assert_non_null(strstr(text, " zombie "));
    assert_null(strstr(text, "HUGETLB"));
}

static void huge_pages_have_a_column_where_they_changed(void **state)
{
    (void)state;
    const struct block before[] = {ANON(0x10000, 0x810000, 0)};
    const struct block after[] = {
        {.start = 0x10000, .end = 0x810000, .private_hugetlb = 2048}
    };
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 1);
    const char *text = print_level(DIFF_SCREEN);
    const char *processes = strstr(text, " PROCESS\n"), *mappings = strstr(text, " MAPPING\n");
    assert_non_null(processes);
    assert_non_null(mappings);
    assert_memory_equal(processes - strlen("HUGETLB STATUS PID"), "HUGETLB STATUS PID",
                        strlen("HUGETLB STATUS PID"));
    assert_memory_equal(mappings - strlen("HUGETLB VSS STATUS PID"), "HUGETLB VSS STATUS PID",
                        strlen("HUGETLB VSS STATUS PID"));
    assert_non_null(strstr(processes, " +2097152 same     7 "));
    assert_non_null(strstr(mappings, " +2097152   0 same     7 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_waits_for_its_parent_is_a_zombie, set_up, forget),
        cmocka_unit_test_setup_teardown(huge_pages_have_a_column_where_they_changed, set_up,
                                        forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
