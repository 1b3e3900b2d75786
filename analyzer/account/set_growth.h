/* How many more processes of the same kind would fit. */
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

/* MemAvailable of a snapshot; unknown when the kernel does not print it. */
struct amount available_memory(const struct snapshot *snapshot);
