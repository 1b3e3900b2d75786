/* When the bundles of a series are taken: at equal steps of the clock from the first one on, however
 * long each takes. */
#pragma once

#include "collector/collect.h"

struct series {
    const struct collect_options *options;
    uint64_t first_ns; /* monotonic: when the first one began */
    uint64_t steps;    /* of every_ns since then              */
    uint64_t taken;    /* bundles so far                      */
    uint64_t second;   /* since 1970, in which the last one began: no two have one name */
};

void series_begin(struct series *series, const struct collect_options *options);

/* After a bundle: waits for the moment of the next one, leaving out those that have passed meanwhile.
 * False: that was the last, or a signal came. */
bool series_wait(struct series *series);
