/* Trends as text and as JSON. */
#pragma once

#include "analyzer/compare/trend.h"
#include "analyzer/views/views.h"

bool trend_print(const struct trends *trends, const struct view_options *options,
                 struct failure *why);

/* What is within noise only with `all`. */
bool trend_print_json(const struct trends *trends, bool all, FILE *to, struct failure *why);

/* The level of a trend that a level of the diff asks for; TREND_LEVEL_COUNT: no level alone. */
enum trend_level trend_level_of(enum diff_level level);

/* Bytes an hour, rounded and clamped. */
int64_t trend_per_hour(double bytes_per_second);
