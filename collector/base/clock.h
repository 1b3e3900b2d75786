/* The two clocks of a bundle, in nanoseconds. */
#pragma once

#include <stdint.h>

/* Since boot, sleep included where the kernel has CLOCK_BOOTTIME (2.6.39), else
 * CLOCK_MONOTONIC. One clock for the whole run. */
uint64_t clock_monotonic_ns(void);

/* Since 1970 UTC. */
uint64_t clock_realtime_ns(void);
