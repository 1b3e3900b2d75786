/* analyzer/parse/system/swaps.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/swaps.h"

static bool parse(struct slice text, struct failure *why)
{
    struct swaps parsed_file = {0};
    bool parsed = swaps_parse(text, &parsed_file, why);
    swaps_deinit(&parsed_file);
    return parsed;
}

#define HEADING "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

static const char usual[] =
    HEADING "/dev/zram0                              partition\t65532\t\t14336\t\t-2\n"
            "/swap\\040file\\040(deleted)             file\t\t1048572\t0\t5\n";

static void reads_the_areas(void **state)
{
    (void)state;
    struct swaps swaps = {0};
    struct failure why = {0};
    assert_true(swaps_parse(SLICE(usual), &swaps, &why));
    assert_int_equal(swaps.count, 2);
    assert_string_equal(swaps.areas[0].name, "/dev/zram0");
    assert_string_equal(swaps.areas[0].type, "partition");
    assert_int_equal(swaps.areas[0].size_bytes, 65532 * 1024);
    assert_int_equal(swaps.areas[0].used_bytes, 14336 * 1024);
    assert_int_equal(swaps.areas[0].priority, -2);
    assert_string_equal(swaps.areas[1].name, "/swap\\040file\\040(deleted)");
    assert_int_equal(swaps.areas[1].priority, 5);
    swaps_deinit(&swaps);
}

static void no_swap_is_no_failure(void **state)
{
    (void)state;
    struct swaps swaps = {0};
    struct failure why = {0};
    assert_true(swaps_parse(SLICE(HEADING), &swaps, &why));
    assert_int_equal(swaps.count, 0);
    swaps_deinit(&swaps);
}

static void refuses_what_is_no_swaps(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",      "",                                                    1, "no heading"},
        {"no heading", "/dev/sda2 partition 1 1 1\n",                         1, "no heading"},
        {"few words",  HEADING "/dev/sda2 partition 1 1\n",                   2, "no 'NAME"  },
        {"many words", HEADING "/dev/sda2 partition 1 1 1 1\n",               2, "no 'NAME"  },
        {"no number",  HEADING "/dev/sda2 partition x 1 1\n",                 2, "no 'NAME"  },
        {"overflow",   HEADING "/dev/sda2 partition 18014398509481984 1 1\n", 2, "no 'NAME"  },
        {"cut",        HEADING "/dev/sda2 partition 1 1 1",                   2, "cut"       },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, usual), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_areas),
        cmocka_unit_test(no_swap_is_no_failure),
        cmocka_unit_test(refuses_what_is_no_swaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
