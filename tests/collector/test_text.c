#include "collector/base/text.h"

#include "collector/base/clock.h"

#include "cmocka_all.h"

#include <string.h>
#include <time.h>

static void escapes_what_is_not_printable(void **state)
{
    static const char bytes[] = "a b\\c\nd\t\x7f\xc3\xa4";
    char storage[64];
    struct text text = TEXT_OVER(storage);
    (void)state;
    text_escaped(&text, bytes, sizeof bytes - 1);
    assert_string_equal(text_string(&text), "a b\\\\c\\nd\\x09\\x7f\\xc3\\xa4");
    assert_false(text.overflow);
}

static void never_cuts_in_silence(void **state)
{
    char storage[4];
    struct text text = TEXT_OVER(storage);
    (void)state;
    text_add(&text, "abc");
    assert_false(text.overflow);
    text_add(&text, "d");
    assert_true(text.overflow);
    text_add(&text, "");
    assert_true(text.overflow);
    assert_string_equal(text_string(&text), "abc");
}

static void writes_numbers(void **state)
{
    char storage[64];
    struct text text = TEXT_OVER(storage);
    (void)state;
    text_decimal(&text, 0);
    text_add(&text, " ");
    text_decimal(&text, UINT64_MAX);
    text_add(&text, " ");
    text_padded(&text, 7, 4);
    text_add(&text, " ");
    text_padded(&text, 12345, 4);
    assert_string_equal(text_string(&text), "0 18446744073709551615 0007 12345");
}

static void reads_only_decimals(void **state)
{
    static const char *const refused[] = {"",   "-1",  "+1", " 1",
                                          "1 ", "0x1", "1k", "18446744073709551616"};
    uint64_t value = 42;
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(decimal_whole(refused[i], &value));
    assert_int_equal(value, 42);
    assert_true(decimal_whole("18446744073709551615", &value));
    assert_true(value == UINT64_MAX);
    assert_int_equal(decimal_read("123 456", 7, &value), 3);
    assert_int_equal(value, 123);
    assert_int_equal(decimal_read("123", 2, &value), 2);
    assert_int_equal(value, 12);
}

static void dates_are_the_library_s(void **state)
{
    (void)state;
    for (uint64_t seconds = 0; seconds < UINT64_C(8000000000); seconds += 40013) {
        time_t time = (time_t)seconds;
        struct tm expected;
        assert_non_null(gmtime_r(&time, &expected));
        struct utc utc = utc_from_seconds(seconds);
        assert_int_equal(utc.year, expected.tm_year + 1900);
        assert_int_equal(utc.month, expected.tm_mon + 1);
        assert_int_equal(utc.day, expected.tm_mday);
        assert_int_equal(utc.hour, expected.tm_hour);
        assert_int_equal(utc.minute, expected.tm_min);
        assert_int_equal(utc.second, expected.tm_sec);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_is_not_printable),
        cmocka_unit_test(never_cuts_in_silence),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(reads_only_decimals),
        cmocka_unit_test(dates_are_the_library_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
