/* analyzer/base/key_index.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/base/key_index.h"

static void an_empty_index_has_no_key(void **state)
{
    (void)state;
    struct key_index index = {0};
    assert_int_equal(key_index_find(&index, 0), NO_ROW);
    key_index_deinit(&index);
}

static void keys_are_found_however_many(void **state)
{
    (void)state;
    struct key_index index = {0};
    for (uint32_t row = 0; row < 10000; row++)
        assert_true(key_index_add(&index, (uint64_t)row << 40, row));
    assert_int_equal(index.count, 10000);
    for (uint32_t row = 0; row < 10000; row++)
        assert_int_equal(key_index_find(&index, (uint64_t)row << 40), row);
    assert_int_equal(key_index_find(&index, 1), NO_ROW);
    assert_int_equal(key_index_find(&index, (uint64_t)10000 << 40), NO_ROW);
    key_index_deinit(&index);
}

static void the_largest_key_and_row_are_ordinary(void **state)
{
    (void)state;
    struct key_index index = {0};
    assert_true(key_index_add(&index, UINT64_MAX, NO_ROW - 1));
    assert_true(key_index_add(&index, 0, 0));
    assert_int_equal(key_index_find(&index, UINT64_MAX), NO_ROW - 1);
    assert_int_equal(key_index_find(&index, 0), 0);
    key_index_deinit(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_index_has_no_key),
        cmocka_unit_test(keys_are_found_however_many),
        cmocka_unit_test(the_largest_key_and_row_are_ordinary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
