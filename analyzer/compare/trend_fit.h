/* A straight line through points that come one at a time, by least squares, in constant memory: only
 * sums are kept. Points need not be equally far apart. The one place with fractions of a byte. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct trend_fit {
    uint64_t points;
    double mean_seconds, mean_bytes;
    double spread_seconds; /* sum of squares around the mean                             */
    double spread_bytes;
    double spread_both; /* sum of products */
};

void trend_fit_add(struct trend_fit *fit, double seconds, double bytes);

struct trend_slope {
    bool known;        /* three points or more, not all of one moment */
    double per_second; /* bytes                                       */
    /* The true slope is within per_second -+ error with 95 % confidence, if points scatter around
     * the line by chance. */
    double error_per_second;
    double scatter_bytes; /* of the points around the line: standard deviation */
};

/* `noise_bytes`: each point may be off by so much in either direction. Points that lie on the line
 * closer than that are there by luck, so the scatter is taken as no smaller. */
struct trend_slope trend_fit_slope(const struct trend_fit *fit, uint64_t noise_bytes);
