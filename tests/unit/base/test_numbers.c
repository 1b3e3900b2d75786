/* analyzer/base/numbers.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/base/numbers.h"

static void decimals_are_strict(void **state)
{
    (void)state;
    uint64_t value = 42;
    static const char *const refused[] = {
        "", "-1", "+1", "0x1", " 1", "1 ", "1 kB", "18446744073709551616", "99999999999999999999",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(parse_decimal(slice_of(refused[i]), &value));
    assert_int_equal(value, 42);
    assert_true(parse_decimal(SLICE("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_true(parse_decimal(SLICE("007"), &value));
    assert_int_equal(value, 7);
}

static void signed_decimals_are_strict(void **state)
{
    (void)state;
    int64_t value = 42;
    static const char *const refused[] = {
        "", "-", "--1", "+1", "9223372036854775808", "-9223372036854775809",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(parse_signed_decimal(slice_of(refused[i]), &value));
    assert_int_equal(value, 42);
    assert_true(parse_signed_decimal(SLICE("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(parse_signed_decimal(SLICE("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
}

static void hexadecimals_are_strict(void **state)
{
    (void)state;
    uint64_t value = 42;
    assert_false(parse_hexadecimal(SLICE(""), &value));
    assert_false(parse_hexadecimal(SLICE("0x1"), &value));
    assert_false(parse_hexadecimal(SLICE("g"), &value));
    assert_false(parse_hexadecimal(SLICE("11111111111111111"), &value));
    assert_int_equal(value, 42);
    assert_true(parse_hexadecimal(SLICE("ffffffffff600aBC"), &value));
    assert_true(value == UINT64_C(0xffffffffff600abc));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_strict),
        cmocka_unit_test(signed_decimals_are_strict),
        cmocka_unit_test(hexadecimals_are_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
