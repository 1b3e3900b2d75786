/* analyzer/parse/system/buddyinfo.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/buddyinfo.h"

static bool parse(struct slice text, struct failure *why)
{
    struct buddyinfo parsed_file = {0};
    bool parsed = buddyinfo_parse(text, &parsed_file, why);
    buddyinfo_deinit(&parsed_file);
    return parsed;
}

static const char usual[] = "Node 0, zone      DMA      0      1      0      3 \n"
                            "Node 1, zone   Normal      2      1      2      0 \n";

static void reads_the_blocks(void **state)
{
    (void)state;
    struct buddyinfo buddyinfo = {0};
    struct failure why = {0};
    assert_true(buddyinfo_parse(SLICE(usual), &buddyinfo, &why));
    assert_int_equal(buddyinfo.count, 2);
    assert_string_equal(buddyinfo.zones[0].name, "DMA");
    assert_int_equal(buddyinfo.zones[0].order_count, 4);
    assert_int_equal(buddyinfo.zones[1].node, 1);
    assert_int_equal(buddyinfo.zones[1].blocks[2], 2);
    assert_int_equal(buddyinfo_free_pages(&buddyinfo), 2 + 24 + 2 + 2 + 8);
    buddyinfo_deinit(&buddyinfo);
}

static void the_sum_saturates(void **state)
{
    (void)state;
    struct buddyinfo buddyinfo = {0};
    struct failure why = {0};
    assert_true(
        buddyinfo_parse(SLICE("Node 0, zone DMA 1 18446744073709551615\n"), &buddyinfo, &why));
    assert_true(buddyinfo_free_pages(&buddyinfo) == UINT64_MAX);
    buddyinfo_deinit(&buddyinfo);
}

static void refuses_what_is_no_buddyinfo(void **state)
{
    (void)state;
#define NUMBERS_8  " 1 2 3 4 5 6 7 8"
#define NUMBERS_32 NUMBERS_8 NUMBERS_8 NUMBERS_8 NUMBERS_8
    static const struct rejected rejected[] = {
        {"empty",           "",                                           1, "empty"  },
        {"other file",      "MemTotal: 1 kB\n",                           1, "is this"},
        {"no counts",       "Node 0, zone DMA\n",                         1, "is this"},
        {"no number",       "Node 0, zone DMA 1\nNode 0, zone DMA32 x\n", 2, "is this"},
        {"node no number",  "Node x, zone DMA 1\n",                       1, "is this"},
        {"more in front",   "Node 0 1, zone DMA 1\n",                     1, "is this"},
        {"long name",       "Node 0, zone 1234567890123456 1\n",          1, "is this"},
        {"too many orders", "Node 0, zone DMA" NUMBERS_32 " 1\n",         1, "is this"},
        {"cut",             "Node 0, zone DMA 1",                         1, "cut"    },
    };
    EXPECT_REJECTED(parse, rejected);
    struct failure why = {0};
    assert_true(parse(SLICE("Node 0, zone DMA" NUMBERS_32 "\n"), &why));
    assert_int_equal(expect_safe_prefixes(parse, usual), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_blocks),
        cmocka_unit_test(the_sum_saturates),
        cmocka_unit_test(refuses_what_is_no_buddyinfo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
