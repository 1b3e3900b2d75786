#include "analyzer/compare/trend_fit.h"

#include <math.h>
#include <stddef.h>

#define NORMAL_95 1.959964 /* of a normal distribution 95 % lie within so many deviations */

/* Welford's way: sums of plain squares of bytes would lose the digits that matter. */
void trend_fit_add(struct trend_fit *fit, double seconds, double bytes)
{
    fit->points++;
    double from_old_seconds = seconds - fit->mean_seconds;
    double from_old_bytes = bytes - fit->mean_bytes;
    fit->mean_seconds += from_old_seconds / (double)fit->points;
    fit->mean_bytes += from_old_bytes / (double)fit->points;
    fit->spread_seconds += from_old_seconds * (seconds - fit->mean_seconds);
    fit->spread_bytes += from_old_bytes * (bytes - fit->mean_bytes);
    fit->spread_both += from_old_seconds * (bytes - fit->mean_bytes);
}

/* Student's t for 95 % on both sides. Behind the table the first terms of its expansion around the
 * normal distribution are right to 0.001. */
static double student_t(uint64_t freedom)
{
    static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571,
                                   2.447,  2.365, 2.306, 2.262, 2.228};
    const size_t count = sizeof table / sizeof table[0];
    if (freedom <= count)
        return table[freedom - 1];
    const double normal = NORMAL_95, n = (double)freedom;
    double cube = normal * normal * normal, fifth = cube * normal * normal;
    return normal + (cube + normal) / (4 * n) + (5 * fifth + 16 * cube + 3 * normal) / (96 * n * n);
}

struct trend_slope trend_fit_slope(const struct trend_fit *fit, uint64_t noise_bytes)
{
    struct trend_slope slope = {0};
    if (fit->points < 3 || fit->spread_seconds <= 0)
        return slope;
    uint64_t freedom = fit->points - 2;
    slope.known = true;
    slope.per_second = fit->spread_both / fit->spread_seconds;
    double left = fit->spread_bytes - slope.per_second * fit->spread_both;
    double variance = left > 0 ? left / (double)freedom : 0;
    /* A point anywhere within -+noise with equal chance has a third of its square as variance. */
    double least = (double)noise_bytes * (double)noise_bytes / 3;
    slope.scatter_bytes = sqrt(variance);
    double scattered = student_t(freedom) * sqrt(variance / fit->spread_seconds);
    double unsure = NORMAL_95 * sqrt(least / fit->spread_seconds);
    slope.error_per_second = scattered > unsure ? scattered : unsure;
    return slope;
}
