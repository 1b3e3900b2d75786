/* What a set gives back when it stops, and how many more processes of the same kind would fit. */
#pragma once

#include "analyzer/account/set_sharing.h"

/* One more is taken to share what those of the set share with each other and with others, and to have
 * as much of its own as each of them has on average: private pages, page tables, stacks. Of a
 * single process, private pages of files are taken for what a second one would share. */
struct set_growth {
    struct amount one_more;  /* bytes; unknown for a set without memory that could be read */
    struct amount available; /* MemAvailable, or as the kernel would compute it */
    struct amount fit;       /* a number: available over one_more; unknown if that is 0 */
};

struct set_growth set_growth_of(const struct set_sharing *set, struct amount available);

/* What is free at once when all of the set stop: pages, huge pages for the pool, page tables, stacks. */
struct byte_range set_freed_at_once(const struct set_sharing *set);

/* MemAvailable of a snapshot, or as the kernel would compute it; unknown when neither can be had. */
struct amount available_memory(const struct snapshot *snapshot);
