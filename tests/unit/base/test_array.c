/* analyzer/base/array.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/base/array.h"

static void grows_and_keeps_what_it_has(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *slot = ARRAY_PUSH(items, count, capacity);
        assert_non_null(slot);
        assert_int_equal(*slot, 0);
        *slot = i;
    }
    assert_int_equal(count, 1000);
    assert_true(capacity >= 1000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    free(items);
}

static void a_slot_used_before_comes_zeroed(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    uint32_t *slot = ARRAY_PUSH(items, count, capacity);
    assert_non_null(slot);
    *slot = 7;
    count = 0;
    slot = ARRAY_PUSH(items, count, capacity);
    assert_non_null(slot);
    assert_int_equal(*slot, 0);
    free(items);
}

static void refuses_a_size_that_overflows(void **state)
{
    (void)state;
    void *items = NULL;
    size_t capacity = SIZE_MAX / 2;
    assert_false(array_reserve(&items, &capacity, SIZE_MAX / 2, 16));
    assert_null(items);
    assert_int_equal(capacity, SIZE_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps_what_it_has),
        cmocka_unit_test(a_slot_used_before_comes_zeroed),
        cmocka_unit_test(refuses_a_size_that_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
