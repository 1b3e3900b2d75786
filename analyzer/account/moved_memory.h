/* Memory without a file that left its address after fork: mremap(2), as realloc(3) calls it, and
 * UFFDIO_MOVE. Then a page lies in several stretches, which shows where the sums of a stretch cannot be
 * those of whole pages. Of all that have a part in such a stretch, or share another one with one of these,
 * memory without a file is to be taken as one stretch: a page lies somewhere in it. */
#pragma once

#include "analyzer/account/shared_stretches.h"

struct moved_memory {
    const struct snapshot *snapshot; /* borrowed */
    bool *of_process;                /* by process: its memory without a file belongs to it */
    struct stretch_part *parts;      /* by process, start */
    size_t count;                    /* 0 where nothing moved */
    bool closed;                     /* all mappings of its pages are here */
};

/* False: out of memory. */
bool moved_memory_find(const struct shared_stretches *stretches, struct moved_memory *out);
void moved_memory_deinit(struct moved_memory *moved);

/* Whether the stretch is part of it. */
bool moved_memory_has(const struct moved_memory *moved, const struct shared_stretch *stretch);

/* All of it as one stretch, with borrowed parts. False where nothing moved. */
bool moved_memory_stretch(const struct moved_memory *moved, struct shared_stretch *out);
