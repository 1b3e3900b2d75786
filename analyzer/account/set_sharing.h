/* What sets of processes hold together, each page once, from smaps alone: bounds that are proven, for
 * any number of disjoint sets in one pass. */
#pragma once

#include "analyzer/account/byte_range.h"
#include "analyzer/account/page_fate.h"
#include "analyzer/account/shared_stretches.h"
#include "analyzer/base/amount.h"

#define NO_SET UINT32_MAX

struct set_sharing {
    uint32_t processes;      /* of the set, kernel threads too */
    uint32_t address_spaces; /* whose mappings, or at least their rollup, were read */
    uint32_t unread_spaces;  /* of which neither was; their page tables and stacks may be known */
    uint32_t unread;         /* with memory that could not be read, or in part */
    bool by_pages;           /* footprint, what is in it, and swap were counted page by page */
    bool unread_unbounded;   /* not even RSS of one of these is known: .high is no bound */
    uint64_t uss_bytes, rss_bytes;    /* sums over address spaces; huge pages are not in them */
    struct byte_range pss;            /* before its rounding */
    uint64_t unread_shared_pss_bytes; /* part of pss.low: shared pages that only rollups tell of */
    struct byte_range footprint;      /* distinct pages that it maps, huge pages too */
    struct byte_range last_mapped;    /* of these, what nobody else maps */
    struct byte_range with_others;    /* of these, what others map too */
    struct byte_range fate[PAGE_FATE_COUNT]; /* split of last_mapped; each bound by itself */
    struct byte_range swap;                  /* slots that are free afterwards, bytes */
    struct amount page_tables;               /* free at once, too */
    struct amount kernel_stacks;             /* threads x size of a stack (kernel_holders.h) */
};

/* One result a set. `set_of` has the set of each process of the snapshot, or NO_SET. An address space
 * whose processes are in several sets, or partly in none, is mapped by each, and last by none.
 * free() the result. NULL: *why tells. */
struct set_sharing *set_sharing_compute(const struct shared_stretches *stretches,
                                        const uint32_t *set_of, uint32_t sets, struct failure *why);

/* The upper end of one of its ranges; unknown where that is no bound. */
static inline struct amount set_at_most(const struct set_sharing *set, struct byte_range range)
{
    return set->unread_unbounded ? AMOUNT_UNKNOWN : amount_of(range.high);
}

/* "exact" when the bounds are one, else "bounded". Static. */
const char *range_grade(struct byte_range range);
