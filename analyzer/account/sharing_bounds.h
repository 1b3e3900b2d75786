/* How many pages a set of processes maps, and how many nobody else maps, of memory of which only
 * RSS and PSS of each mapping are known. Pure arithmetic; derivations in accounting.md, "Bounds of
 * a set". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/account/byte_range.h"

/* Mappings of pages that more than one page table entry maps (Shared_*), summed. A unit is what maps
 * each page at most once: one mapping, or all of one process that do not overlap. */
struct shared_sum {
    uint64_t rss_bytes;
    uint64_t pss_bytes; /* as printed: each mapping's rounded down to 1 KiB */
    uint64_t mappings;  /* hence how much the rounding can hide             */
    uint64_t units;
    uint64_t largest_bytes; /* RSS of the largest unit                          */
    bool pss_unknown;       /* of huge pages the kernel prints no PSS, before 2.6.25 of none */
};

struct sharing_question {
    struct shared_sum in, out; /* of the set; of all others that are known */
    uint64_t page_bytes;       /* a divisor of every page's size; 1 if not known */
    uint64_t most_bytes;       /* the pages cannot be more: the file's mapped part; UINT64_MAX */
    bool closed;               /* no mapping of these pages is missing in `in` and `out` */
};

struct sharing_answer {
    struct byte_range footprint;   /* pages that the set maps */
    struct byte_range last_mapped; /* of these, what nobody else maps */
    bool contradicted;             /* figures that no closed memory can have: taken as not closed */
};

struct sharing_answer sharing_bounds(const struct sharing_question *question);
