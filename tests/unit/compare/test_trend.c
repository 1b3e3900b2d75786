/* analyzer/compare: lines through points, what a series looks like, and the bounded table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/compare/trend_table.h"

#include <math.h>
#include <stdio.h>

#define MIB(n) ((int64_t)(n) << 20)

static struct trend_moment moment(uint32_t index, uint32_t count)
{
    return (struct trend_moment){.seconds = 60.0 * index,
                                 .last_seconds = 60.0 * (count - 1),
                                 .index = index,
                                 .count = count};
}

static void a_line_is_found_whatever_the_gaps(void **state)
{
    (void)state;
    const double seconds[] = {0, 1, 2, 50, 51, 400};
    struct trend_fit fit = {0};
    for (size_t i = 0; i < 6; i++)
        trend_fit_add(&fit, seconds[i], 1e12 + 4096 * seconds[i]);
    struct trend_slope slope = trend_fit_slope(&fit, 0);
    assert_true(slope.known);
    assert_true(fabs(slope.per_second - 4096) < 0.01);
    assert_true(slope.error_per_second < 0.1);
}

/* By hand: points 0, 10, 2, 12 at 0, 1, 2, 3 s lie around 1.8 + 2.8 x with a sum of squares of 64.8,
 * hence s = sqrt(32.4), and 4.303 s / sqrt(5) is the half of the interval. */
static void the_error_is_students(void **state)
{
    (void)state;
    const double bytes[] = {0, 10, 2, 12};
    struct trend_fit fit = {0};
    for (size_t i = 0; i < 4; i++)
        trend_fit_add(&fit, (double)i, bytes[i]);
    struct trend_slope slope = trend_fit_slope(&fit, 0);
    assert_true(fabs(slope.per_second - 2.8) < 1e-9);
    double scatter = sqrt((104 - 2.8 * 2.8 * 5) / 2);
    assert_true(fabs(slope.scatter_bytes - scatter) < 1e-9);
    assert_true(fabs(slope.error_per_second - 4.303 * scatter / sqrt(5)) < 1e-6);
    assert_true(trend_fit_slope(&fit, 100).error_per_second > slope.error_per_second);
}

static void two_points_or_one_moment_have_no_slope(void **state)
{
    (void)state;
    struct trend_fit fit = {0};
    trend_fit_add(&fit, 0, 1);
    trend_fit_add(&fit, 1, 2);
    assert_false(trend_fit_slope(&fit, 0).known);
    fit = (struct trend_fit){0};
    for (int i = 0; i < 5; i++)
        trend_fit_add(&fit, 7, i);
    assert_false(trend_fit_slope(&fit, 0).known);
}

static enum trend_verdict verdict_of(const int64_t *mib, uint32_t count, uint64_t noise_bytes)
{
    struct trend_series series = {0};
    for (uint32_t i = 0; i < count; i++) {
        struct trend_moment now = moment(i, count);
        trend_series_add(&series, &now, MIB(mib[i]), noise_bytes);
    }
    return trend_series_judge(&series, count);
}

#define VERDICT(noise, ...)                                                                        \
    verdict_of((const int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), \
               (noise))

static void only_steady_growth_looks_like_a_leak(void **state)
{
    (void)state;
    assert_int_equal(VERDICT(0, 10, 20, 30), TREND_STEADY);
    assert_int_equal(VERDICT(0, 10, 13, 15, 19, 21, 25, 27), TREND_STEADY);
    assert_int_equal(VERDICT(0, 10, 14, 13, 17, 16, 20, 22), TREND_STEADY);
    assert_int_equal(VERDICT(0, 10, 10, 10, 40, 40, 40, 40), TREND_GREW);     /* one step        */
    assert_int_equal(VERDICT(0, 10, 30, 38, 40, 41, 41, 41, 41), TREND_GREW); /* it filled up    */
    assert_int_equal(VERDICT(0, 10, 36, 14, 40, 18, 44, 22, 48, 30, 56, 38, 62),
                     TREND_GREW); /* with setbacks   */
    assert_int_equal(VERDICT(0, 40, 36, 30, 26, 20), TREND_FELL);
    assert_int_equal(VERDICT(0, 10, 30, 10, 31, 11), TREND_MOVED);
    assert_int_equal(VERDICT(0, 10, 10, 10, 10), TREND_NOISE);
}

static void noise_of_the_machine_hides_a_direction(void **state)
{
    (void)state;
    assert_int_equal(VERDICT((uint64_t)MIB(9), 10, 14, 18, 22, 26), TREND_NOISE);
    assert_int_equal(VERDICT((uint64_t)MIB(1), 10, 14, 18, 22, 26), TREND_STEADY);
}

/* Half of the growth in one interval, which takes nine tenths of the time. */
static void growth_in_a_gap_is_no_step(void **state)
{
    (void)state;
    const double seconds[] = {0, 10, 20, 180, 190, 200};
    const int64_t mib[] = {100, 105, 110, 190, 195, 200};
    struct trend_series series = {0};
    for (uint32_t i = 0; i < 6; i++) {
        struct trend_moment now = {
            .seconds = seconds[i], .last_seconds = 200, .index = i, .count = 6};
        trend_series_add(&series, &now, MIB(mib[i]), 0);
    }
    assert_int_equal(trend_series_judge(&series, 6), TREND_STEADY);
}

static void changes_count_what_is_not_there_as_nothing(void **state)
{
    (void)state;
    struct trend_series series = {0};
    for (uint32_t i = 2; i < 5; i++) {
        struct trend_moment now = moment(i, 8);
        trend_series_add(&series, &now, MIB(i), 0);
    }
    assert_true(trend_series_change(&series, 8) == 0); /* came and went */
    assert_true(trend_series_change(&series, 5) == MIB(4));
    assert_true(trend_series_step(&series, 5) == MIB(1));
    assert_true(trend_series_step(&series, 6) == -MIB(4));
    assert_true(trend_series_step(&series, 8) == 0);
}

static void what_a_snapshot_cannot_tell_is_no_change(void **state)
{
    (void)state;
    struct trend_series series = {0};
    for (uint32_t i = 0; i < 6; i++) {
        struct trend_moment now = moment(i, 6);
        if (i == 0 || i == 3)
            trend_series_skip(&series, &now);
        else
            trend_series_add(&series, &now, MIB(5), 0);
        assert_int_equal(trend_series_is_told(&series, i), i != 0 && i != 3);
    }
    assert_false(trend_series_has_change(&series, 6));
    assert_true(trend_series_has_step(&series, 6));
    assert_false(trend_series_has_step(&series, 5));
    assert_false(trend_series_has_step(&series, 4));
    assert_true(trend_series_change(&series, 6) == 0);
    assert_int_equal(trend_series_judge(&series, 6), TREND_NOISE);
    struct trend_moment last = moment(6, 7);
    trend_series_skip(&series, &last);
    assert_int_equal(trend_series_judge(&series, 7), TREND_NOISE);
}

static void put_lines(struct trend_table *table, uint32_t index, bool is_divided)
{
    const bool is_read[TREND_PART_COUNT] = {[TREND_SLAB] = is_divided};
    struct trend_figure figure = {.part = TREND_SLAB, .key = SLICE("a"), .bytes = MIB(4)};
    struct trend_moment now = moment(index, 3);
    struct failure why = {0};
    if (is_divided)
        assert_true(trend_table_put(table, &figure, &why));
    figure = (struct trend_figure){
        .part = TREND_LEDGER, .key = SLICE("b"), .bytes = MIB(4), .was_untold = true};
    if (is_divided)
        assert_true(trend_table_put(table, &figure, &why));
    for (size_t i = 0; i < table->count; i++)
        table->entries[i].is_untold = !is_divided;
    assert_true(trend_table_commit(table, &now, is_read, &why));
}

static void what_comes_with_its_file_is_not_new(void **state)
{
    (void)state;
    struct trend_table table;
    struct failure why = {0};
    assert_true(trend_table_init(&table, &why));
    for (uint32_t i = 0; i < 3; i++)
        put_lines(&table, i, i == 1);
    trend_table_judge(&table, 3, true);
    assert_int_equal(table.count, 2);
    for (size_t i = 0; i < table.count; i++) {
        assert_int_equal(table.entries[i].series.fit.points, 1);
        assert_int_equal(table.entries[i].verdict, TREND_NOISE);
        assert_false(trend_series_has_change(&table.entries[i].series, 3));
    }
    trend_table_deinit(&table);
}

static bool put(struct trend_table *table, enum trend_part part, const char *key, int64_t bytes)
{
    struct failure why = {0};
    const struct trend_figure figure = {.part = part,
                                        .key = slice_of(key),
                                        .name = slice_of(key),
                                        .detail = SLICE(""),
                                        .bytes = bytes};
    return trend_table_put(table, &figure, &why);
}

static void equal_identities_of_one_snapshot_add_up(void **state)
{
    (void)state;
    const bool is_read[TREND_PART_COUNT] = {[TREND_OBJECTS] = true};
    struct trend_table table;
    struct failure why = {0};
    assert_true(trend_table_init(&table, &why));
    for (uint32_t i = 0; i < 3; i++) {
        struct trend_moment now = moment(i, 3);
        if (i > 0)
            assert_true(put(&table, TREND_OBJECTS, "a", MIB(1)) &&
                        put(&table, TREND_OBJECTS, "a", MIB(i)));
        assert_true(put(&table, TREND_PROCESSES, "a", 7)); /* another part, another figure */
        assert_true(trend_table_commit(&table, &now, is_read, &why));
    }
    assert_int_equal(table.count, 2);
    const struct trend_series *series =
        &table.entries[table.entries[0].part == TREND_OBJECTS ? 0 : 1].series;
    assert_int_equal(series->fit.points, 3); /* it was 0 before it came */
    assert_true(series->first_bytes == 0 && series->last_bytes == MIB(3));
    trend_table_deinit(&table);
}

static void the_last_name_counts(void **state)
{
    (void)state;
    const bool is_read[TREND_PART_COUNT] = {[TREND_PROCESSES] = true};
    static const char *const names[] = {"sh", "server", "server"};
    struct trend_table table;
    struct failure why = {0};
    assert_true(trend_table_init(&table, &why));
    for (uint32_t i = 0; i < 3; i++) {
        const struct trend_figure figure = {
            .part = TREND_PROCESSES, .key = SLICE("7"), .name = slice_of(names[i]), .bytes = 1};
        struct trend_moment now = moment(i, 3);
        assert_true(trend_table_put(&table, &figure, &why));
        assert_true(trend_table_commit(&table, &now, is_read, &why));
    }
    assert_int_equal(table.count, 1);
    assert_true(slice_equal(string_pool_get(&table.texts, table.entries[0].name), SLICE("server")));
    trend_table_deinit(&table);
}

/* Ever new processes, and one that stays. */
static void what_has_ended_is_bounded(void **state)
{
    (void)state;
    const bool is_read[TREND_PART_COUNT] = {[TREND_PROCESSES] = true};
    const uint32_t snapshots = 30, each = 1500;
    struct trend_table table;
    struct failure why = {0};
    size_t most = 0;
    assert_true(trend_table_init(&table, &why));
    for (uint32_t i = 0; i < snapshots; i++) {
        struct trend_moment now = moment(i, snapshots);
        assert_true(put(&table, TREND_PROCESSES, "stays", 1));
        for (uint32_t k = 0; k < each; k++) {
            char key[32];
            snprintf(key, sizeof key, "%u", i * each + k);
            assert_true(put(&table, TREND_PROCESSES, key, i == 0 && k == 7 ? MIB(9) : MIB(1)));
        }
        assert_true(trend_table_commit(&table, &now, is_read, &why));
        most = table.count > most ? table.count : most;
    }
    assert_true(most <= TREND_GONE_MOST + each + 1);
    assert_true(table.forgotten[TREND_PROCESSES] + table.count == snapshots * each + 1);
    assert_int_equal(table.entries[0].series.fit.points, snapshots);
    bool large_is_kept = false;
    for (size_t i = 0; i < table.count; i++)
        large_is_kept = large_is_kept || table.entries[i].series.highest_bytes == MIB(9);
    assert_true(large_is_kept);
    trend_table_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_found_whatever_the_gaps),
        cmocka_unit_test(the_error_is_students),
        cmocka_unit_test(two_points_or_one_moment_have_no_slope),
        cmocka_unit_test(only_steady_growth_looks_like_a_leak),
        cmocka_unit_test(noise_of_the_machine_hides_a_direction),
        cmocka_unit_test(growth_in_a_gap_is_no_step),
        cmocka_unit_test(changes_count_what_is_not_there_as_nothing),
        cmocka_unit_test(what_a_snapshot_cannot_tell_is_no_change),
        cmocka_unit_test(what_comes_with_its_file_is_not_new),
        cmocka_unit_test(equal_identities_of_one_snapshot_add_up),
        cmocka_unit_test(the_last_name_counts),
        cmocka_unit_test(what_has_ended_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
