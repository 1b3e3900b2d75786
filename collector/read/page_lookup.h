/* From words of /proc/PID/pagemap to what is told of pages: renumbered frames with the flags and
 * the mapcount that kpageflags and kpagecount have for them. */
#pragma once

#include "collector/read/frame_numbers.h"
#include "schema/pages_format.h"

#define LOOKUP_PAGES    1024 /* at a time */
#define KPAGEFLAGS_FILE "proc/kpageflags"
#define KPAGECOUNT_FILE "proc/kpagecount"

/* A word of pagemap, Documentation/admin-guide/mm/pagemap.rst of the kernel. */
#define PAGEMAP_FRAME     ((UINT64_C(1) << 55) - 1)
#define PAGEMAP_EXCLUSIVE (UINT64_C(1) << 56)
#define PAGEMAP_FILE      (UINT64_C(1) << 61)
#define PAGEMAP_SWAPPED   (UINT64_C(1) << 62)
#define PAGEMAP_PRESENT   (UINT64_C(1) << 63)

/* One page: part of a run to be. */
struct page {
    uint64_t number;   /* the renumbered frame, the slot, or enum pages_other with its flags */
    uint32_t mapcount; /* of a frame; 0 when it is not known */
    uint16_t flags;    /* enum pages_flag; of a swapped page the type of its area */
    uint8_t kind;      /* enum pages_kind; a frame in memory is PAGES_ASCENDING, or alone */
};

struct page_lookup {
    struct frame_numbers *numbers;
    int flags_file;  /* -1 none: then no frame can be looked up */
    int counts_file; /* -1 none: then mapcounts are 0           */
    uint64_t flags[LOOKUP_PAGES], counts[LOOKUP_PAGES];
    uint64_t before[PAGES_BLOCK_FRAMES]; /* flags of frames before a tail, to find its head */
};

/* pages[i] from words[i], at most LOOKUP_PAGES. */
void page_lookup(struct page_lookup *lookup, const uint64_t *words, struct page *pages,
                 size_t count);

/* Adds HUGE_MAPPED to a frame, which pagemap does not tell. */
void page_is_huge_mapped(struct page *page);
