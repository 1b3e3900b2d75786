/* analyzer/parse/process/statm.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/process/statm.h"

static bool parse(struct slice text, struct failure *why)
{
    struct process_statm statm;
    return process_statm_parse(text, &statm, why);
}

static void reads_the_pages(void **state)
{
    (void)state;
    struct process_statm statm;
    struct failure why = {0};
    assert_true(process_statm_parse(SLICE("581 391 376 388 0 73 0\n"), &statm, &why));
    assert_int_equal(statm.size_pages, 581);
    assert_int_equal(statm.resident_pages, 391);
    assert_int_equal(statm.shared_pages, 376);
    assert_int_equal(statm.text_pages, 388);
    assert_int_equal(statm.data_pages, 73);
}

static void refuses_what_is_no_statm(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",     "",                                   1, "whole line"},
        {"cut",       "581 391 376 388 0 73 0",             1, "whole line"},
        {"two lines", "581 391 376 388 0 73 0\n1\n",        1, "whole line"},
        {"six",       "581 391 376 388 0 73\n",             1, "figure 7"  },
        {"eight",     "581 391 376 388 0 73 0 1\n",         1, "more than" },
        {"no number", "581 x 376 388 0 73 0\n",             1, "figure 2"  },
        {"negative",  "581 -1 376 388 0 73 0\n",            1, "figure 2"  },
        {"overflow",  "18446744073709551616 1 1 1 0 1 0\n", 1, "figure 1"  },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, "581 391 376 388 0 73 0\n"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_pages),
        cmocka_unit_test(refuses_what_is_no_statm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
