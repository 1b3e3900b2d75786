/* analyzer/parse/system/proc_cgroups.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/proc_cgroups.h"

#define HEADING "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"

static bool parse(struct slice text, struct failure *why)
{
    struct proc_cgroups cgroups;
    return proc_cgroups_parse(text, &cgroups, why);
}

static void finds_the_memory_controller(void **state)
{
    (void)state;
    struct proc_cgroups cgroups;
    struct failure why = {0};
    assert_true(proc_cgroups_parse(SLICE(HEADING "cpu\t1\t1\t1\nmemory\t4\t57\t1\npids\t8\t1\t1\n"),
                                   &cgroups, &why));
    assert_true(cgroups.found && cgroups.memory_enabled);
    assert_int_equal(cgroups.memory_hierarchy, 4);
    assert_int_equal(cgroups.memory_cgroups, 57);
    assert_true(proc_cgroups_parse(SLICE(HEADING "memory\t0\t1\t0\n"), &cgroups, &why));
    assert_false(cgroups.memory_enabled);
    assert_true(proc_cgroups_parse(SLICE(HEADING "cpu\t1\t1\t1\n"), &cgroups, &why));
    assert_false(cgroups.found);
}

static void refuses_what_is_no_list(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",      "",                                           1, "heading"},
        {"no heading", "memory\t4\t57\t1\n",                         1, "heading"},
        {"cut",        HEADING "memory\t4\t57\t1",                   2, "is cut" },
        {"too few",    HEADING "memory\t4\t57\n",                    2, "ENABLED"},
        {"too many",   HEADING "cpu\t1\t2\t3\t4\n",                  2, "ENABLED"},
        {"no number",  HEADING "cpu\t1\tx\t3\n",                     2, "ENABLED"},
        {"twice",      HEADING "memory\t1\t2\t1\nmemory\t1\t2\t1\n", 3, "twice"  },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_true(expect_safe_prefixes(parse, HEADING "memory\t4\t57\t1\n") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_memory_controller),
        cmocka_unit_test(refuses_what_is_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
