/* Arithmetic on outside numbers that must neither wrap nor be undefined. */
#pragma once

#include <stdint.h>

static inline uint64_t add_saturating(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t multiply_saturating(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* a - b, or 0 when b is larger. */
static inline uint64_t subtract_to_zero(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* As a signed number, clamped where sums and differences of a few such cannot overflow. No real
 * machine has 2 EiB. */
static inline int64_t to_signed(uint64_t value)
{
    return value > INT64_MAX / 4 ? INT64_MAX / 4 : (int64_t)value;
}
