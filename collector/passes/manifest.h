/* The first member. */
#pragma once

#include "collector/passes/machine.h"
#include "collector/passes/run.h"

bool manifest_write(struct run *run, const struct machine *machine, uint64_t started_realtime_ns,
                    struct failure *why);
