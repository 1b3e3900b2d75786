#include "analyzer/compare/trend_series.h"

#include <math.h>

#include "analyzer/base/checked_math.h"

/* Growth that falls back by more than 1 / SETBACK of it, or has less than 1 / UNEVEN of it in one half
 * of the time, is not steady. */
#define SETBACK 4
#define UNEVEN  4

const char *trend_verdict_word(enum trend_verdict verdict)
{
    static const char *const words[] = {"noise", "moved", "fell", "grew", "steady_growth"};
    return words[verdict];
}

static unsigned cell_of(const struct trend_moment *moment)
{
    if (moment->count <= TREND_CELLS)
        return moment->index;
    return (unsigned)((uint64_t)moment->index * TREND_CELLS / moment->count);
}

static void begin(struct trend_series *series, const struct trend_moment *moment, int64_t bytes)
{
    *series = (struct trend_series){.gaps = series->gaps,
                                    .first_bytes = bytes,
                                    .previous_bytes = bytes,
                                    .first_index = moment->index,
                                    .first_seconds = moment->seconds,
                                    .highest_bytes = bytes,
                                    .lowest_bytes = bytes,
                                    .middle_seconds = (moment->seconds + moment->last_seconds) / 2};
}

/* The value half way, on the line between the points before and behind it. */
static void pass_middle(struct trend_series *series, const struct trend_moment *moment,
                        int64_t bytes)
{
    double step_seconds = moment->seconds - series->last_seconds;
    if (series->has_middle || moment->seconds < series->middle_seconds || step_seconds <= 0)
        return;
    double part = (series->middle_seconds - series->last_seconds) / step_seconds;
    series->middle_bytes =
        series->last_bytes + (int64_t)((double)(bytes - series->last_bytes) * part);
    series->has_middle = true;
}

void trend_series_add(struct trend_series *series, const struct trend_moment *moment, int64_t bytes,
                      uint64_t noise_bytes)
{
    if (series->fit.points == 0)
        begin(series, moment, bytes);
    else
        pass_middle(series, moment, bytes);
    trend_fit_add(&series->fit, moment->seconds, (double)bytes);
    if (series->fit.points > 1 && bytes - series->last_bytes > series->largest_rise_bytes) {
        series->largest_rise_bytes = bytes - series->last_bytes;
        series->largest_rise_seconds = moment->seconds - series->last_seconds;
    }
    if (series->fit.points > 1) {
        series->previous_bytes = series->last_bytes;
        series->previous_index = series->last_index;
    }
    series->last_bytes = bytes;
    series->last_index = moment->index;
    series->last_seconds = moment->seconds;
    if (bytes > series->highest_bytes)
        series->highest_bytes = bytes;
    if (bytes < series->lowest_bytes)
        series->lowest_bytes = bytes;
    if (series->highest_bytes - bytes > series->deepest_fall_bytes)
        series->deepest_fall_bytes = series->highest_bytes - bytes;
    if (noise_bytes > series->noise_bytes)
        series->noise_bytes = noise_bytes;
    unsigned cell = cell_of(moment);
    double points = ++series->cell_points[cell];
    series->cell_bytes[cell] += ((double)bytes - series->cell_bytes[cell]) / points;
}

void trend_series_skip(struct trend_series *series, const struct trend_moment *moment)
{
    struct trend_gaps *gaps = &series->gaps;
    gaps->first = gaps->first || moment->index == 0;
    gaps->last_numbers[1] = gaps->last_numbers[0];
    gaps->last_numbers[0] = moment->index + 1;
}

bool trend_series_is_told(const struct trend_series *series, uint32_t index)
{
    const struct trend_gaps *gaps = &series->gaps;
    return gaps->last_numbers[0] != index + 1 && gaps->last_numbers[1] != index + 1 &&
           !(gaps->first && index == 0);
}

bool trend_series_has_change(const struct trend_series *series, uint32_t count)
{
    return trend_series_is_told(series, 0) && trend_series_is_told(series, count - 1);
}

bool trend_series_has_step(const struct trend_series *series, uint32_t count)
{
    return trend_series_is_told(series, count - 1) && trend_series_is_told(series, count - 2);
}

bool trend_series_is_in_last(const struct trend_series *series, uint32_t count)
{
    return series->fit.points && series->last_index + 1 == count;
}

int64_t trend_series_change(const struct trend_series *series, uint32_t count)
{
    bool has_first = series->first_index == 0 || !trend_series_is_told(series, 0);
    bool has_last =
        trend_series_is_in_last(series, count) || !trend_series_is_told(series, count - 1);
    return (has_last ? series->last_bytes : 0) - (has_first ? series->first_bytes : 0);
}

int64_t trend_series_step(const struct trend_series *series, uint32_t count)
{
    if (series->fit.points == 0 || series->last_index + 2 < count)
        return 0; /* gone before that */
    if (series->last_index + 2 == count)
        return -series->last_bytes;
    bool was_there = series->fit.points > 1 && series->previous_index + 2 == count;
    return series->last_bytes - (was_there ? series->previous_bytes : 0);
}

bool trend_series_cell(const struct trend_series *series, unsigned cell, int64_t *bytes)
{
    if (series->cell_points[cell] == 0)
        return false;
    *bytes = (int64_t)series->cell_bytes[cell];
    return true;
}

struct trend_slope trend_series_slope(const struct trend_series *series)
{
    return trend_fit_slope(&series->fit, series->noise_bytes);
}

/* Whether one step made more of the growth than its part of the time and half of the rest. */
static bool came_in_one_go(const struct trend_series *series, int64_t growth)
{
    double part = series->largest_rise_seconds / (series->last_seconds - series->first_seconds);
    return (double)series->largest_rise_bytes > (double)growth * (1 + part) / 2;
}

/* Whether it grew in both halves of its time, bit by bit, and never fell back by much. */
static bool is_steady(const struct trend_series *series)
{
    int64_t growth = series->last_bytes - series->first_bytes;
    int64_t first_half = series->middle_bytes - series->first_bytes;
    return series->has_middle && growth > 0 && series->deepest_fall_bytes <= growth / SETBACK &&
           !came_in_one_go(series, growth) && first_half >= growth / UNEVEN &&
           growth - first_half >= growth / UNEVEN;
}

enum trend_verdict trend_series_judge(const struct trend_series *series, uint32_t count)
{
    struct trend_slope slope = trend_series_slope(series);
    int64_t noise = to_signed(add_saturating(series->noise_bytes, series->noise_bytes));
    int64_t change = trend_series_change(series, count);
    bool differs = change > noise || change < -noise;
    bool wanders = series->highest_bytes - series->lowest_bytes > noise;
    bool has_direction = slope.known && wanders && fabs(slope.per_second) > slope.error_per_second;
    if (!has_direction)
        return differs ? TREND_MOVED : TREND_NOISE;
    if (slope.per_second < 0)
        return TREND_FELL;
    bool grew = series->last_bytes - series->first_bytes > noise;
    return grew && is_steady(series) && trend_series_is_in_last(series, count) ? TREND_STEADY
                                                                               : TREND_GREW;
}
