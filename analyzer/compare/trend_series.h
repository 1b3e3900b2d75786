/* One figure over all snapshots, in constant memory however many there are. */
#pragma once

#include "analyzer/compare/trend_fit.h"

/* Cells of the curve: more snapshots than this share cells, as equally as they can. */
#define TREND_CELLS 24

enum trend_verdict {
    TREND_NOISE,  /* neither first and last nor the line through all differ by more than noise  */
    TREND_MOVED,  /* first and last differ, but there is no direction                           */
    TREND_FELL,   /* the line falls                                                             */
    TREND_GREW,   /* the line rises, in a step or with setbacks                                 */
    TREND_STEADY, /* it rises all the time: what a leak looks like                              */
    TREND_VERDICT_COUNT
};

const char *trend_verdict_word(enum trend_verdict verdict); /* static, for JSON */

/* When snapshots were taken, and how many there are: known before the first is read. */
struct trend_moment {
    double seconds, last_seconds; /* of this snapshot and of the last one, since the first */
    uint32_t index, count;        /* of this snapshot in the order of time                 */
};

/* Snapshots that could not tell a figure: a file was refused, say. Only of the first and of the last two
 * it matters which they are. */
struct trend_gaps {
    bool first;
    uint32_t last_numbers[2]; /* index + 1 of the last ones, latest first; 0: none */
};

struct trend_series {
    struct trend_fit fit;
    struct trend_gaps gaps;
    int64_t first_bytes, previous_bytes, last_bytes;  /* of the snapshots where it was known */
    uint32_t first_index, previous_index, last_index; /* which these were                    */
    double first_seconds, last_seconds, middle_seconds;
    int64_t middle_bytes; /* half way between its first moment and the last of all, interpolated */
    bool has_middle;
    int64_t highest_bytes, lowest_bytes;
    int64_t deepest_fall_bytes; /* below what had been reached before                 */
    int64_t largest_rise_bytes; /* from one point to the next, and how far apart they are */
    double largest_rise_seconds;
    uint64_t noise_bytes;           /* largest of any point               */
    double cell_bytes[TREND_CELLS]; /* mean of its points */
    uint32_t cell_points[TREND_CELLS];
};

/* All bytes 0 is a series without points. Moments must not go back. */
void trend_series_add(struct trend_series *series, const struct trend_moment *moment, int64_t bytes,
                      uint64_t noise_bytes);

/* A snapshot that cannot tell the figure, nor that there is none. */
void trend_series_skip(struct trend_series *series, const struct trend_moment *moment);

/* Whether this snapshot told the figure, or that there was none. Of the first and the last two. */
bool trend_series_is_told(const struct trend_series *series, uint32_t index);

/* Whether both snapshots of a change, or of a step, told it. */
bool trend_series_has_change(const struct trend_series *series, uint32_t count);
bool trend_series_has_step(const struct trend_series *series, uint32_t count);

/* Since the first and since the last but one of `count` snapshots. What was not there counts as 0; where
 * the first or last did not tell, the change is that between the first and last that did. */
int64_t trend_series_change(const struct trend_series *series, uint32_t count);
int64_t trend_series_step(const struct trend_series *series, uint32_t count);

bool trend_series_is_in_last(const struct trend_series *series, uint32_t count);

/* The mean of a cell; false if nothing fell into it. */
bool trend_series_cell(const struct trend_series *series, unsigned cell, int64_t *bytes);

struct trend_slope trend_series_slope(const struct trend_series *series);

/* docs/accounting.md says why these bounds: a fall of more than a quarter of the growth is a setback;
 * growth of which less than a quarter lies in either half of the time, or that came in one go, is a
 * step. */
enum trend_verdict trend_series_judge(const struct trend_series *series, uint32_t count);
