/* What each process holds, from its pages alone: the kernel's RSS, USS and PSS computed again. */
#pragma once

#include "analyzer/account/page_sharing.h"

/* X(name): bytes */
#define PAGE_FIGURES(X)                                                                            \
    X(rss)      /* resident, not of the huge page pool                            */               \
    X(uss)      /* of these: mapped once                                          */               \
    X(pss)      /* each divided by its mapcount; rounded down once                */               \
    X(swap)     /* slots                                                         */                \
    X(swap_pss) /* divided by the processes that were seen to have them      */                    \
    X(merged)   /* of rss: merged by KSM                                       */                  \
    X(thp)      /* of rss: in transparent huge pages                              */               \
    X(huge)     /* of the huge page pool                                         */                \
    X(special)  /* under migration, poisoned                                  */                   \
    X(device)   /* memory of devices                                           */                  \
    X(unread)   /* not looked at                                               */

#define PAGE_FIGURE_MEMBER(name) uint64_t name;
struct page_usage {
    bool known; /* all pages are: else figures are lower bounds */
    PAGE_FIGURES(PAGE_FIGURE_MEMBER)
};

#define PAGE_PSS_SHIFT 12 /* the kernel divides a page in units of 1/4096 byte */

/* What a run of frames adds to the PSS of who maps it, in these units. */
uint64_t page_run_pss(const struct page_run *run, uint64_t page_bytes);

/* One a process of the snapshot, in its order; what repeats an address space has the figures of the
 * first. free() the result. NULL: out of memory. */
struct page_usage *page_usage_compute(const struct page_sharing *sharing,
                                      const struct snapshot *snapshot, struct failure *why);

/* Resident pages and swap of all together. Bytes: each page once, and as often as it is mapped. */
struct page_totals {
    struct page_total {
        uint64_t once, mapped;
    } kinds[OBJECT_KIND_COUNT], resident, merged, thp, swap;
};

void page_totals_compute(const struct page_sharing *sharing, struct page_totals *out);
