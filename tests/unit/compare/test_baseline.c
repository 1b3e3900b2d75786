/* analyzer/compare/baseline.c: where the unusual begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/compare/baseline.h"

#define MIB(n) ((int64_t)(n) << 20)

static void each_bound_must_be_passed(void **state)
{
    (void)state;
    const uint64_t total = (uint64_t)MIB(10000);
    assert_int_equal(baseline_judge(MIB(100), MIB(121), 0, total), BASELINE_MORE);
    assert_int_equal(baseline_judge(MIB(100), MIB(120), 0, total), BASELINE_USUAL); /* a fifth */
    assert_int_equal(baseline_judge(MIB(100), MIB(79), 0, total), BASELINE_LESS);
    assert_int_equal(baseline_judge(MIB(100), MIB(80), 0, total), BASELINE_USUAL);
    assert_int_equal(baseline_judge(0, MIB(10), 0, total), BASELINE_USUAL); /* a thousandth */
    assert_int_equal(baseline_judge(0, MIB(10) + 1, 0, total), BASELINE_MORE);
    assert_int_equal(baseline_judge(0, MIB(30), (uint64_t)MIB(30), total), BASELINE_USUAL);
    assert_int_equal(baseline_judge(0, MIB(31), (uint64_t)MIB(30), total), BASELINE_MORE);
}

static void a_negative_residual_is_a_size_as_well(void **state)
{
    (void)state;
    assert_int_equal(baseline_judge(-MIB(50), MIB(50), 0, (uint64_t)MIB(1000)), BASELINE_MORE);
    assert_int_equal(baseline_judge(MIB(50), -MIB(50), 0, (uint64_t)MIB(1000)), BASELINE_LESS);
    assert_int_equal(baseline_judge(-MIB(50), -MIB(55), 0, (uint64_t)MIB(1000)), BASELINE_USUAL);
}

static void rows_are_found_by_id_and_by_pid(void **state)
{
    (void)state;
    struct baseline_row lines[] = {{.id = "free"}, {.id = "user"}};
    struct baseline_row processes[] = {{.pid = 2}, {.pid = 7}, {.pid = 9}};
    const struct baseline by_id = {.rows = lines, .count = 2};
    const struct baseline by_pid = {.rows = processes, .count = 3};
    assert_ptr_equal(baseline_find(&by_id, "user"), &lines[1]);
    assert_null(baseline_find(&by_id, "slab"));
    assert_null(baseline_find(NULL, "user"));
    assert_ptr_equal(baseline_find_pid(&by_pid, 9), &processes[2]);
    assert_ptr_equal(baseline_find_pid(&by_pid, 2), &processes[0]);
    assert_null(baseline_find_pid(&by_pid, 8));
    assert_null(baseline_find_pid(&by_pid, 10));
    assert_null(baseline_find_pid(NULL, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bound_must_be_passed),
        cmocka_unit_test(a_negative_residual_is_a_size_as_well),
        cmocka_unit_test(rows_are_found_by_id_and_by_pid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
