/* A quantity that is only known to lie between two bounds. */
#pragma once

#include "analyzer/base/checked_math.h"

struct byte_range {
    uint64_t low, high;
};

static inline struct byte_range range_of(uint64_t bytes)
{
    return (struct byte_range){bytes, bytes};
}

static inline void range_add(struct byte_range *total, struct byte_range part)
{
    total->low = add_saturating(total->low, part.low);
    total->high = add_saturating(total->high, part.high);
}

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}
