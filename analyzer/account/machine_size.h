/* How much memory and swap space the machine has: what shares in percent are of. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/model/snapshot.h"

struct machine_size {
    struct amount memory; /* MemTotal of meminfo, bytes  */
    struct amount swap;   /* SwapTotal of meminfo, bytes */
};

struct machine_size machine_size_of(const struct snapshot *snapshot);
