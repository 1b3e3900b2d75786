/* analyzer/compare/diff_named: two lists of names, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "analyzer/compare/diff_named.h"

struct seen {
    char text[200];
    bool stop;
};

static void put(struct named_list *list, unsigned kind, const char *name, const char *detail,
                uint64_t bytes)
{
    const struct named_amount row = {
        .kind = kind, .name = name, .detail = detail, .bytes = bytes, .noise_bytes = bytes / 2};
    assert_true(named_list_add(list, &row));
}

static bool note(void *context, const struct named_amount *before, const struct named_amount *after)
{
    struct seen *seen = context;
    const struct named_amount *row = before ? before : after;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%u%s%s:%d>%d ", row->kind, row->name,
             row->detail ? row->detail : "", before ? (int)before->bytes : -1,
             after ? (int)after->bytes : -1);
    return !seen->stop;
}

static void each_name_is_visited_once_in_order(void **state)
{
    (void)state;
    struct named_list before = {0}, after = {0};
    struct seen seen = {0};
    put(&before, 1, "b", NULL, 10);
    put(&before, 0, "z", "x", 1);
    put(&before, 1, "b", NULL, 20);
    put(&after, 1, "b", NULL, 5);
    put(&after, 0, "z", "y", 2);
    put(&after, 1, "a", NULL, 7);
    assert_true(named_lists_match(&before, &after, note, &seen));
    assert_string_equal(seen.text, "0zx:1>-1 0zy:-1>2 1a:-1>7 1b:30>5 ");
    assert_int_equal(before.rows[1].noise_bytes, 10); /* the larger one, not the sum */
    named_list_deinit(&before);
    named_list_deinit(&after);
}

static void the_visitor_can_stop(void **state)
{
    (void)state;
    struct named_list before = {0}, after = {0};
    struct seen seen = {.stop = true};
    put(&before, 0, "a", NULL, 1);
    put(&after, 0, "b", NULL, 1);
    assert_false(named_lists_match(&before, &after, note, &seen));
    assert_string_equal(seen.text, "0a:1>-1 ");
    named_list_deinit(&before);
    named_list_deinit(&after);
}

static void empty_lists_match(void **state)
{
    (void)state;
    struct named_list before = {0}, after = {0};
    struct seen seen = {0};
    assert_true(named_lists_match(&before, &after, note, &seen));
    assert_string_equal(seen.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_is_visited_once_in_order),
        cmocka_unit_test(the_visitor_can_stop),
        cmocka_unit_test(empty_lists_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
