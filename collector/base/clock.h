/* The two clocks of a bundle, in nanoseconds. */
#pragma once

#include <stdint.h>

/* Since boot, sleep included where the kernel has CLOCK_BOOTTIME (2.6.39), else
 * CLOCK_MONOTONIC. One clock for the whole run. */
uint64_t clock_monotonic_ns(void);

/* Since 1970 UTC. */
uint64_t clock_realtime_ns(void);

struct utc {
    unsigned year, month, day, hour, minute, second; /* month and day from 1 */
};

/* The date of a time since 1970, without a look at the machine's time zone files. */
struct utc utc_from_seconds(uint64_t seconds);
