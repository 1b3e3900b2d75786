/* analyzer/parse/system/zram_mm_stat.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/zram_mm_stat.h"

static bool parse(struct slice text, struct failure *why)
{
    struct zram_mm_stat stat;
    return zram_mm_stat_parse(text, &stat, why);
}

static void reads_old_and_new(void **state)
{
    (void)state;
    struct zram_mm_stat stat;
    struct failure why = {0};
    assert_true(zram_mm_stat_parse(
        SLICE("14684160  4349513  4386816        0  4386816     1024        0     1024     1024\n"),
        &stat, &why));
    assert_int_equal(stat.original_bytes, 14684160);
    assert_int_equal(stat.compressed_bytes, 4349513);
    assert_int_equal(stat.used_bytes, 4386816);
    assert_true(zram_mm_stat_parse(SLICE("1 2 3 0 5 6 7\n"), &stat, &why));
    assert_int_equal(stat.used_bytes, 3);
}

static void refuses_what_is_no_mm_stat(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",     "",                   1, "whole line"    },
        {"cut",       "1 2 3 0 5 6 7",      1, "whole line"    },
        {"two lines", "1 2 3 0 5 6 7\n1\n", 1, "whole line"    },
        {"too few",   "1 2 3 0 5 6\n",      1, "only 6 figures"},
        {"no number", "1 2 x 0 5 6 7\n",    1, "figure 3"      },
        {"negative",  "1 2 3 0 5 6 7 -1\n", 1, "figure 8"      },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, "1 2 3 0 5 6 7 8\n"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_old_and_new),
        cmocka_unit_test(refuses_what_is_no_mm_stat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
