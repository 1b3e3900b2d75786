/* analyzer/base/checked_math.h, amount.h and slice.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/base/amount.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/slice.h"

static void saturates(void **state)
{
    (void)state;
    assert_int_equal(add_saturating(1, 2), 3);
    assert_true(add_saturating(UINT64_MAX, 1) == UINT64_MAX);
    assert_int_equal(multiply_saturating(3, 4), 12);
    assert_true(multiply_saturating(UINT64_MAX / 2, 3) == UINT64_MAX);
    assert_int_equal(subtract_to_zero(5, 3), 2);
    assert_int_equal(subtract_to_zero(3, 5), 0);
}

static void unknown_makes_a_sum_unknown(void **state)
{
    (void)state;
    struct amount sum = amount_add(amount_of(1), amount_of(2));
    assert_true(sum.known);
    assert_int_equal(sum.bytes, 3);
    assert_false(amount_add(amount_of(1), AMOUNT_UNKNOWN).known);
    assert_false(amount_add(AMOUNT_UNKNOWN, amount_of(1)).known);
    assert_true(amount_add(amount_of(UINT64_MAX), amount_of(1)).bytes == UINT64_MAX);
}

static void slices_compare_by_bytes(void **state)
{
    (void)state;
    struct slice text = SLICE("a\0b");
    assert_int_equal(text.length_bytes, 3);
    assert_true(slice_equal(text, SLICE("a\0b")));
    assert_false(slice_equal(text, SLICE("a\0c")));
    assert_true(slice_equal((struct slice){NULL, 0}, SLICE("")));
    assert_true(slice_starts(text, SLICE("a")));
    assert_true(slice_ends(text, SLICE("b")));
    assert_false(slice_ends(SLICE("b"), SLICE("ab")));
    assert_int_equal(slice_skip(text, 2).length_bytes, 1);
    assert_int_equal(slice_skip(text, 9).length_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saturates),
        cmocka_unit_test(unknown_makes_a_sum_unknown),
        cmocka_unit_test(slices_compare_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
