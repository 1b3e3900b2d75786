/* What lies below MemTotal: memory that the machine has and that never reached the page
 * allocator, so that the whole of it is seen. docs/accounting.md, section 3.6. */
#pragma once

#include "analyzer/account/grade.h"
#include "analyzer/account/system_terms.h"

#define PHYSICAL_PARTS_MAX 8

struct physical_part {
    const char *id, *label; /* static */
    uint64_t bytes;
    enum grade grade;
    const char *source; /* static */
};

struct physical_memory {
    struct amount present; /* parts sum to it exactly; unknown: there are no parts */
    const char *source;    /* static: of `present`; NULL when unknown */
    struct physical_part parts[PHYSICAL_PARTS_MAX];
    size_t count;
    const char *note; /* static; NULL none */
};

/* Needs terms->balloon_outside. */
void physical_compute(const struct snapshot *snapshot, const struct system_terms *terms,
                      struct physical_memory *out);
