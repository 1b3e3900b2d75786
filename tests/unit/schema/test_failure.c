/* schema/failure.c and schema/outcome.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/failure.h"
#include "schema/outcome.h"

static void first_failure_wins(void **state)
{
    (void)state;
    struct failure why = {0};
    assert_false(failure_set(&why, FAILURE_MALFORMED, 3, "value %d", 7));
    assert_false(failure_set(&why, FAILURE_SYSTEM, 9, "later"));
    failure_in(&why, "proc/1/smaps");
    failure_in(&why, "proc/2/smaps");
    char text[128];
    assert_string_equal(failure_text(&why, text, sizeof text), "proc/1/smaps:3: value 7");
    assert_int_equal(why.kind, FAILURE_MALFORMED);
}

static void nobody_listens(void **state)
{
    (void)state;
    assert_false(failure_set(NULL, FAILURE_SYSTEM, 0, "unheard"));
}

static void member_cannot_disturb_a_terminal(void **state)
{
    (void)state;
    struct failure why = {0};
    failure_set(&why, FAILURE_MALFORMED, 0, "bad");
    failure_in(&why, "proc/\x1b[2J\n/x");
    char text[128];
    assert_string_equal(failure_text(&why, text, sizeof text), "proc/?[2J?/x: bad");
}

static void outcome_words_go_both_ways(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        enum outcome back = OUTCOME_COUNT;
        const char *word = outcome_word((enum outcome)i);
        assert_true(outcome_from_word(word, strlen(word), &back));
        assert_int_equal(back, i);
    }
    enum outcome untouched = OUTCOME_REFUSED;
    assert_false(outcome_from_word("refuse", 6, &untouched));
    assert_false(outcome_from_word("", 0, &untouched));
    assert_int_equal(untouched, OUTCOME_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_failure_wins),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(member_cannot_disturb_a_terminal),
        cmocka_unit_test(outcome_words_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
