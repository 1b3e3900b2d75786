/* analyzer/parse/text_cursor.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/text_cursor.h"

static void lines_are_counted(void **state)
{
    (void)state;
    struct slice rest = SLICE("one\n\nthree");
    struct slice line;
    uint64_t number = 0;
    assert_true(next_line(&rest, &line, &number));
    EXPECT_SLICE(line, "one");
    assert_true(next_line(&rest, &line, &number));
    EXPECT_SLICE(line, "");
    assert_true(next_line(&rest, &line, &number));
    EXPECT_SLICE(line, "three");
    assert_int_equal(number, 3);
    assert_false(next_line(&rest, &line, &number));
    assert_int_equal(number, 3);
}

static void words_from_both_ends(void **state)
{
    (void)state;
    struct slice rest = SLICE("  a\tbc  d ");
    struct slice word;
    assert_true(next_word(&rest, &word));
    EXPECT_SLICE(word, "a");
    assert_true(last_word(&rest, &word));
    EXPECT_SLICE(word, "d");
    assert_true(last_word(&rest, &word));
    EXPECT_SLICE(word, "bc");
    assert_false(last_word(&rest, &word));
    assert_false(next_word(&rest, &word));
}

static void splits_at_the_first(void **state)
{
    (void)state;
    struct slice left = SLICE("x");
    struct slice right = SLICE("y");
    assert_false(split_at(SLICE("no colon"), ':', &left, &right));
    assert_false(split_at((struct slice){NULL, 0}, ':', &left, &right));
    EXPECT_SLICE(left, "x");
    EXPECT_SLICE(right, "y");
    assert_true(split_at(SLICE("a:b:c"), ':', &left, &right));
    EXPECT_SLICE(left, "a");
    EXPECT_SLICE(right, "b:c");
}

static void trims_blanks_only(void **state)
{
    (void)state;
    EXPECT_SLICE(trim_blanks(SLICE(" \t a b\n\t")), "a b\n");
    EXPECT_SLICE(trim_blanks(SLICE("  ")), "");
}

static void next_decimal_leaves_the_rest(void **state)
{
    (void)state;
    struct slice rest = SLICE(" 12 x");
    uint64_t value = 0;
    assert_true(next_decimal(&rest, &value));
    assert_int_equal(value, 12);
    assert_false(next_decimal(&rest, &value));
    EXPECT_SLICE(rest, " x");
}

static void a_cut_text_is_noticed(void **state)
{
    (void)state;
    assert_true(ends_with_newline(SLICE("a\n")));
    assert_false(ends_with_newline(SLICE("a\nb")));
    assert_false(ends_with_newline(SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(words_from_both_ends),
        cmocka_unit_test(splits_at_the_first),
        cmocka_unit_test(trims_blanks_only),
        cmocka_unit_test(next_decimal_leaves_the_rest),
        cmocka_unit_test(a_cut_text_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
