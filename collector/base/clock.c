#include "collector/base/clock.h"

#include <stdbool.h>
#include <time.h>

static uint64_t nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
    static bool boottime_missing;
    struct timespec now = {0};
    if (!boottime_missing && clock_gettime(CLOCK_BOOTTIME, &now) == 0)
        return nanoseconds(&now);
    boottime_missing = true;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return nanoseconds(&now);
}

uint64_t clock_realtime_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(&now);
}
