/* Where pages can be shared: stretches of one file, or of address space for memory without a file,
 * with all mappings that have shared pages there. A page lies in one stretch only, and whoever maps it
 * maps it there: fork keeps addresses. What breaks this is marked (KSM, files under two devices), or shows in
 * the sums (moved_memory.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/account/object_usage.h"

struct stretch_part {
    uint64_t start;        /* offset in the file, or address */
    uint32_t mapping;      /* index into snapshot.mappings */
    uint32_t process : 31; /* the first process of its address space */
    uint32_t begins : 1;   /* the first part of a stretch */
};

struct shared_stretches {
    const struct snapshot *snapshot; /* borrowed */
    struct stretch_part *parts;      /* by place, stretch, process, start */
    size_t count;
    uint32_t *place_of_object; /* objects of one place are one file, or all memory without one */
    size_t *first_part;        /* of each place; one more than places */
    size_t place_count;
    bool *aliased;         /* a place that may be the same file as another one */
    bool all_mappers_read; /* nobody is missing who could map anything */
};

/* One stretch; borrowed parts, in the order of process and start. */
struct shared_stretch {
    const struct stretch_part *parts;
    size_t count;
    uint32_t object;     /* of one of its mappings */
    uint64_t size_bytes; /* from the lowest start to the highest end */
    bool closed;         /* all mappings of its pages are here */
};

bool shared_stretches_compute(const struct snapshot *snapshot, struct shared_stretches *out,
                              struct failure *why);
void shared_stretches_deinit(struct shared_stretches *stretches);

/* Goes through all stretches with a cursor that begins with {0}. False at the end. */
struct stretch_cursor {
    size_t place, at;
};
bool shared_stretches_next(const struct shared_stretches *stretches, struct stretch_cursor *cursor,
                           struct shared_stretch *out);

/* KSM may have joined pages of the mapping with others, also of the same mapping: its RSS then counts a
 * page more than once. */
bool mapping_may_be_merged(const struct snapshot *snapshot, const struct mapping *mapping);

/* Memory without a file, whose stretches are of address space; but for [vdso] and the like, which all map
 * wherever there is room. */
bool object_is_addressed(const struct snapshot *snapshot, const struct mapped_object *object);

/* Where a mapping's stretch begins and ends, by the same measure as stretch_part.start. */
uint64_t mapping_place_start(const struct snapshot *snapshot, const struct mapping *mapping);
