/* A quantity that may be absent. Absent is not zero: an unknown amount never takes part in a
 * sum without making the sum unknown or being said. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct amount {
    uint64_t bytes;
    bool known;
};

#define AMOUNT_UNKNOWN ((struct amount){0, false})

static inline struct amount amount_of(uint64_t bytes)
{
    return (struct amount){bytes, true};
}

/* The sum of both; unknown if either is. Saturates at UINT64_MAX. */
static inline struct amount amount_add(struct amount a, struct amount b)
{
    uint64_t sum;
    if (!a.known || !b.known)
        return AMOUNT_UNKNOWN;
    return amount_of(__builtin_add_overflow(a.bytes, b.bytes, &sum) ? UINT64_MAX : sum);
}
