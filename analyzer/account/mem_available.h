/* MemAvailable by the kernel's own formula, for kernels that do not print it, and to check those
 * that do. docs/accounting.md, section 4.8. */
#pragma once

#include "analyzer/account/system_terms.h"

struct mem_available {
    struct amount printed;  /* meminfo MemAvailable */
    struct amount computed; /* unknown without zoneinfo, page size or one of the fields */
    const char *formula;    /* static; NULL when not computed */
};

void mem_available_compute(const struct system_sample *sample, const struct system_terms *terms,
                           struct mem_available *out);
