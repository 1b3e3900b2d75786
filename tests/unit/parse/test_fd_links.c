/* analyzer/parse/process/fd_links.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/process/fd_links.h"

static void gives_each_target(void **state)
{
    (void)state;
    struct slice rest = SLICE("0 -> /dev/console\n"
                              "3 -> /memfd:a -> b (deleted)\n"
                              "4 -> /a\nfile with a second line\n"
                              "x -> /no/number\n"
                              "5 > /no/arrow\n"
                              "\n"
                              "17 -> pipe:[4711]");
    struct slice target;
    assert_true(fd_link_next(&rest, &target));
    EXPECT_SLICE(target, "/dev/console");
    assert_true(fd_link_next(&rest, &target));
    EXPECT_SLICE(target, "/memfd:a -> b (deleted)");
    assert_true(fd_link_next(&rest, &target));
    EXPECT_SLICE(target, "/a");
    assert_true(fd_link_next(&rest, &target));
    EXPECT_SLICE(target, "pipe:[4711]");
    assert_false(fd_link_next(&rest, &target));
}

static void tells_pipes(void **state)
{
    (void)state;
    uint64_t inode = 0;
    assert_true(pipe_target_parse(SLICE("pipe:[4711]"), &inode));
    assert_int_equal(inode, 4711);
    static const char *const others[] = {
        "",        "pipe:[",    "pipe:[]",       "pipe:[1",   "pipe:[1]x",
        "pipe:1]", "pipe:[-1]", "socket:[4711]", "/pipe:[1]", "pipe:[18446744073709551616]",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (pipe_target_parse(slice_of(others[i]), &inode))
            fail_msg("'%s' is no pipe", others[i]);
    assert_int_equal(inode, 4711);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_target),
        cmocka_unit_test(tells_pipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
