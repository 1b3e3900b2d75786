/* A row of numbers as a small curve, one character each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPARK_CELLS_MAX 24
#define SPARK_TEXT_MAX  (3 * SPARK_CELLS_MAX + 1)

struct spark_cells {
    int64_t value[SPARK_CELLS_MAX];
    bool known[SPARK_CELLS_MAX]; /* else a blank */
    size_t count;
};

/* The smallest is the lowest character and the largest the highest. In Unicode's blocks, or ASCII. */
const char *spark_line(char buffer[SPARK_TEXT_MAX], const struct spark_cells *cells, bool unicode);
