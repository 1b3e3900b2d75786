/* analyzer/parse/system/vmstat.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/vmstat.h"

static bool parse(struct slice text, struct failure *why)
{
    struct field_record record = {0};
    bool parsed = vmstat_parse(text, &record, why);
    field_record_deinit(&record);
    return parsed;
}

static void numbers_are_as_printed(void **state)
{
    (void)state;
    struct field_record record = {0};
    struct failure why = {0};
    uint64_t value = 0;
    assert_true(vmstat_parse(SLICE("nr_free_pages 13618\nnr_free_pages_blocks 7\nnr_zspages 0\n"
                                   "pgfault 18446744073709551615\n"),
                             &record, &why));
    assert_true(field_get(&record, VMSTAT_NR_FREE_PAGES, &value));
    assert_int_equal(value, 13618);
    assert_true(field_get(&record, VMSTAT_NR_ZSPAGES, &value));
    assert_int_equal(value, 0);
    assert_true(field_get(&record, VMSTAT_PGFAULT, &value));
    assert_true(value == UINT64_MAX);
    assert_false(field_get(&record, VMSTAT_NR_HUGETLB, &value));
    assert_int_equal(record.extra_count, 1);
    assert_string_equal(record.extra[0].name, "nr_free_pages_blocks");
    field_record_deinit(&record);
}

static void refuses_what_is_no_vmstat(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",         "",                                     1, "is this /proc/vmstat"},
        {"other file",    "nr_free_pages_blocks 7\n",             1, "is this /proc/vmstat"},
        {"meminfo",       "MemTotal:    300 kB\n",                1, "is this /proc/vmstat"},
        {"no number",     "nr_free_pages x\n",                    1, "no number"           },
        {"negative",      "nr_free_pages -3\n",                   1, "no number"           },
        {"two numbers",   "nr_free_pages 3 4\n",                  1, "no number"           },
        {"no value",      "nr_free_pages\n",                      1, "'key value'"         },
        {"overflow",      "nr_free_pages 18446744073709551616\n", 1, "no number"           },
        {"printed twice", "nr_free_pages 1\nnr_free_pages 1\n",   2, "printed twice"       },
        {"cut",           "nr_free_pages 1\npgfault 12",          2, "cut"                 },
    };
    EXPECT_REJECTED(parse, rejected);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    assert_int_equal(expect_safe_prefixes(parse, "nr_free_pages 13618\nnr_x 2\npgfault 7\n"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_as_printed),
        cmocka_unit_test(refuses_what_is_no_vmstat),
        cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
