/* analyzer/base/string_pool.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "analyzer/base/string_pool.h"

static void equal_strings_are_one(void **state)
{
    (void)state;
    struct string_pool pool;
    uint32_t first;
    uint32_t second;
    uint32_t other;
    assert_true(string_pool_init(&pool));
    assert_true(string_pool_add(&pool, SLICE("/usr/lib/libc.so.6"), &first));
    assert_true(string_pool_add(&pool, SLICE("/usr/lib/libm.so.6"), &other));
    assert_true(string_pool_add(&pool, SLICE("/usr/lib/libc.so.6"), &second));
    assert_int_equal(first, second);
    assert_int_not_equal(first, other);
    struct slice text = string_pool_get(&pool, first);
    assert_true(slice_equal(text, SLICE("/usr/lib/libc.so.6")));
    assert_int_equal(text.at[text.length_bytes], '\0');
    string_pool_deinit(&pool);
}

static void the_empty_string_is_id_0(void **state)
{
    (void)state;
    struct string_pool pool;
    uint32_t id = 9;
    assert_true(string_pool_init(&pool));
    assert_true(string_pool_add(&pool, SLICE(""), &id));
    assert_int_equal(id, 0);
    assert_true(string_pool_add(&pool, (struct slice){NULL, 0}, &id));
    assert_int_equal(id, 0);
    assert_int_equal(string_pool_get(&pool, 0).length_bytes, 0);
    string_pool_deinit(&pool);
}

static void bytes_are_kept_as_they_are(void **state)
{
    (void)state;
    struct string_pool pool;
    uint32_t with_nul;
    uint32_t before_nul;
    uint32_t id;
    assert_true(string_pool_init(&pool));
    assert_true(string_pool_add(&pool, SLICE("a\0b\xff\n"), &with_nul));
    assert_true(string_pool_add(&pool, SLICE("a"), &before_nul));
    assert_int_not_equal(with_nul, before_nul);
    assert_true(slice_equal(string_pool_get(&pool, with_nul), SLICE("a\0b\xff\n")));
    assert_true(string_pool_find(&pool, SLICE("a"), &id));
    assert_int_equal(id, before_nul);
    id = 77;
    assert_false(string_pool_find(&pool, SLICE("b"), &id));
    assert_int_equal(id, 77);
    string_pool_deinit(&pool);
}

static void ids_survive_growth(void **state)
{
    (void)state;
    struct string_pool pool;
    char name[64];
    assert_true(string_pool_init(&pool));
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 20000; i++) {
            uint32_t id;
            snprintf(name, sizeof name, "/long/enough/to/be/hashed/by/words/%u", i);
            assert_true(string_pool_add(&pool, slice_of(name), &id));
            assert_int_equal(id, i + 1);
            assert_true(slice_equal(string_pool_get(&pool, id), slice_of(name)));
        }
    }
    assert_int_equal(pool.count, 20001);
    string_pool_deinit(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_strings_are_one),
        cmocka_unit_test(the_empty_string_is_id_0),
        cmocka_unit_test(bytes_are_kept_as_they_are),
        cmocka_unit_test(ids_survive_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
