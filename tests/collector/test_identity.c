#include "collector/read/process.h"

#include "cmocka_all.h"

#include <string.h>

#define REST " 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 3 0 236721 3133440 364\n"

static bool parse(const char *stat, struct identity *identity)
{
    return identity_parse(stat, strlen(stat), identity);
}

static void fields_are_counted_from_the_last_parenthesis(void **state)
{
    static const char *const stats[] = {
        "7 (bash) S" REST,           "7 (x) S 1) S" REST, "7 () S" REST,
        "7 () R 99 9 (more) S" REST, "7 (a\nb) S" REST,   "7 (((((() S" REST,
    };
    (void)state;
    for (size_t i = 0; i < sizeof stats / sizeof stats[0]; i++) {
        struct identity identity = {0};
        assert_true(parse(stats[i], &identity));
        assert_int_equal(identity.state, 'S');
        assert_int_equal(identity.flags, 4194560);
        assert_int_equal(identity.threads, 3);
        assert_int_equal(identity.start_time_ticks, 236721);
    }
}

static void every_cut_is_refused_and_changes_nothing(void **state)
{
    static const char stat[] = "7 (bash) S" REST;
    (void)state;
    size_t needed = strlen("7 (bash) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 3 0 ");
    for (size_t length = 0; length <= needed; length++) {
        struct identity identity = {.start_time_ticks = 42};
        assert_false(identity_parse(stat, length, &identity));
        assert_int_equal(identity.start_time_ticks, 42);
    }
}

static void what_is_no_number_is_refused(void **state)
{
    struct identity identity = {0};
    (void)state;
    assert_false(parse("7 (b) S 1 7 7 0 -1 x 5 0 0 0 1 2 0 0 20 0 3 0 9 1\n", &identity));
    assert_false(parse("7 (b) S 1 7 7 0 -1 1 5 0 0 0 1 2 0 0 20 0 -3 0 9 1\n", &identity));
    assert_false(parse("7 (b) S 1 7 7 0 -1 1 5 0 0 0 1 2 0 0 20 0 3 0 9z 1\n", &identity));
    assert_false(parse("MemTotal: 1 kB\n", &identity));
}

static void kernel_threads_and_the_dead_are_bare(void **state)
{
    const struct identity kernel = {.state = 'S', .threads = 1, .flags = KERNEL_THREAD_FLAG};
    const struct identity zombie = {.state = 'Z', .threads = 1};
    const struct identity leader = {.state = 'Z', .threads = 2};
    const struct identity living = {.state = 'R', .threads = 2};
    (void)state;
    assert_true(identity_is_bare(&kernel));
    assert_true(identity_is_bare(&zombie));
    assert_false(identity_is_bare(&leader));
    assert_false(identity_is_bare(&living));
    assert_true(identity_is_dead_leader(&leader));
    assert_false(identity_is_dead_leader(&zombie));
    assert_false(identity_is_dead_leader(&living));
}

static void every_outcome_has_a_rank(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OUTCOME_COUNT; i++)
        for (unsigned j = 0; j < i; j++) {
            enum outcome one = (enum outcome)i;
            enum outcome two = (enum outcome)j;
            assert_int_equal(outcome_worse(one, two), outcome_worse(two, one));
        }
    assert_int_equal(outcome_worse(OUTCOME_READ, OUTCOME_ABSENT), OUTCOME_READ);
    assert_int_equal(outcome_worse(OUTCOME_REFUSED, OUTCOME_VANISHED), OUTCOME_VANISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_counted_from_the_last_parenthesis),
        cmocka_unit_test(every_cut_is_refused_and_changes_nothing),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(kernel_threads_and_the_dead_are_bare),
        cmocka_unit_test(every_outcome_has_a_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
