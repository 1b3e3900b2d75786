/* analyzer/parse/system/single_number.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/single_number.h"

static bool parse(struct slice text, struct failure *why)
{
    int64_t value;
    return single_number_parse(text, &value, why);
}

static void expect_number(const char *text, int64_t expected)
{
    struct failure why = {0};
    int64_t value = 0;
    assert_true(single_number_parse(slice_of(text), &value, &why));
    assert_true(value == expected);
}

static void reads_a_number(void **state)
{
    (void)state;
    expect_number("0\n", 0);
    expect_number("16384\n", 16384);
    expect_number("16384", 16384);
    expect_number("-17\n", -17);
    expect_number("9223372036854775807\n", INT64_MAX);
}

static void refuses_anything_else(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",         "",                      1, "single number"},
        {"line end",      "\n",                    1, "single number"},
        {"two line ends", "1\n\n",                 1, "single number"},
        {"blank",         " 1\n",                  1, "single number"},
        {"unit",          "2048kB\n",              1, "single number"},
        {"two",           "1 2\n",                 1, "single number"},
        {"hexadecimal",   "0x10\n",                1, "single number"},
        {"overflow",      "9223372036854775808\n", 1, "single number"},
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, "-123\n"), 4);
}

static void folders_tell_the_size(void **state)
{
    (void)state;
    uint64_t bytes = 7;
    static const char *const refused[] = {
        "",
        "hugepages-",
        "hugepages-kB",
        "hugepages-2048",
        "hugepages-2048MB",
        "hugepages--1kB",
        "hugepages-2048kB ",
        "kB",
        "hugepages-18014398509481984kB",
        "nr_hugepages",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(hugepages_folder_parse(slice_of(refused[i]), &bytes));
    assert_int_equal(bytes, 7);
    assert_true(hugepages_folder_parse(SLICE("hugepages-2048kB"), &bytes));
    assert_int_equal(bytes, 2 * 1024 * 1024);
    assert_true(hugepages_folder_parse(SLICE("hugepages-16777216kB"), &bytes));
    assert_true(bytes == UINT64_C(16) << 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_number),
        cmocka_unit_test(refuses_anything_else),
        cmocka_unit_test(folders_tell_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
