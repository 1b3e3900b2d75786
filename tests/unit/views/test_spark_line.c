/* analyzer/views/spark_line */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/views/spark_line.h"

static void the_range_is_used_whole(void **state)
{
    (void)state;
    char buffer[SPARK_TEXT_MAX];
    const struct spark_cells cells = {
        .value = {-100, 0,    0,     600 },
          .known = {true, true, false, true},
          .count = 4
    };
    assert_string_equal(spark_line(buffer, &cells, false), "_. #");
    assert_string_equal(spark_line(buffer, &cells, true), "▁▂ █");
}

static void what_stands_still_is_low_and_extremes_are_drawn(void **state)
{
    (void)state;
    char buffer[SPARK_TEXT_MAX];
    struct spark_cells cells = {
        .value = {5,    5   },
          .known = {true, true},
          .count = 2
    };
    assert_string_equal(spark_line(buffer, &cells, false), "__");
    cells.value[0] = INT64_MIN;
    cells.value[1] = INT64_MAX;
    assert_string_equal(spark_line(buffer, &cells, false), "_#");
    cells.count = 0;
    assert_string_equal(spark_line(buffer, &cells, false), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_range_is_used_whole),
        cmocka_unit_test(what_stands_still_is_low_and_extremes_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
