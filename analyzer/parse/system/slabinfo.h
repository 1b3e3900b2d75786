/* /proc/slabinfo version 2.x. Source: mm/slab_common.c. Names may hold ':', '(' and spaces, so
 * lines are read from the right of " : tunables ". Also with "(statistics)" columns. The header
 * line may be missing (some foreign bundles strip it). */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct slab_cache {
    char *name; /* owned */
    uint64_t active_objects, objects;
    uint64_t object_bytes; /* size of one object with its padding */
    uint64_t objects_per_slab, pages_per_slab;
    uint64_t active_slabs, slabs;
};

struct slabinfo {
    struct slab_cache *caches; /* owned, in the order of the file */
    size_t count;
};

void slabinfo_deinit(struct slabinfo *slabinfo);
bool slabinfo_parse(struct slice text, struct slabinfo *out, struct failure *why);
