#include "analyzer/views/spark_line.h"

#include <stdio.h>
#include <string.h>

#define STEPS 8

static const char *const blocks[STEPS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const letters[STEPS] = {"_", ".", ":", "-", "=", "+", "*", "#"};

static void find_range(const struct spark_cells *cells, int64_t *low, int64_t *high)
{
    *low = INT64_MAX;
    *high = INT64_MIN;
    for (size_t i = 0; i < cells->count; i++) {
        if (cells->known[i] && cells->value[i] < *low)
            *low = cells->value[i];
        if (cells->known[i] && cells->value[i] > *high)
            *high = cells->value[i];
    }
}

const char *spark_line(char buffer[SPARK_TEXT_MAX], const struct spark_cells *cells, bool unicode)
{
    const char *const *steps = unicode ? blocks : letters;
    int64_t low, high;
    size_t used = 0;
    find_range(cells, &low, &high);
    buffer[0] = '\0';
    for (size_t i = 0; i < cells->count && i < SPARK_CELLS_MAX; i++) {
        const char *step = " ";
        if (cells->known[i]) {
            double above = (double)cells->value[i] - (double)low;
            double range = (double)high - (double)low;
            step = steps[range > 0 ? (size_t)(above / range * (STEPS - 1) + 0.5) : 0];
        }
        used += (size_t)snprintf(buffer + used, SPARK_TEXT_MAX - used, "%s", step);
    }
    return buffer;
}
