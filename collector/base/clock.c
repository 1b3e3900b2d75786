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

/* Years begin in March here, so that the leap day is their last; an era is 400 of them.
 * 719,468 days lie between the start of year 0 and 1970. */
struct utc utc_from_seconds(uint64_t seconds)
{
    uint64_t days = seconds / 86400 + 719468;
    uint64_t of_day = seconds % 86400;
    uint64_t era = days / 146097;
    uint64_t day_of_era = days % 146097;
    uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct utc){
        .year = (unsigned)(era * 400 + year_of_era + (month <= 2)),
        .month = (unsigned)month,
        .day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
        .hour = (unsigned)(of_day / 3600),
        .minute = (unsigned)(of_day / 60 % 60),
        .second = (unsigned)(of_day % 60),
    };
}
