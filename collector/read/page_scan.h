/* Asking the kernel where in a range of addresses something is: the PAGEMAP_SCAN ioctl, since
 * Linux 6.7. It passes over page tables that are not there, so that terabytes of nothing cost nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_REGIONS 256

/* As the kernel has it, include/uapi/linux/fs.h: struct page_region. */
struct scan_region {
    uint64_t start, end, categories;
};

struct page_scan {
    struct scan_region regions[SCAN_REGIONS];
    size_t count;
    size_t at;    /* the next region of page_scan_stretch() */
    size_t asked; /* where page_scan_is_huge() was last     */
};

/* Has the kernel this ioctl? */
bool page_scan_is_known(int pagemap);

/* Looks from `start` on, up to *behind, which is `end` or, when there is more than fits, before it. 0,
 * or an errno. */
int page_scan_run(struct page_scan *scan, int pagemap, uint64_t start, uint64_t end,
                  uint64_t *behind);

/* The next stretch that regions lie in, with gaps between them: up to `bytes`, or one region that is
 * longer. False when all were told. */
bool page_scan_stretch(struct page_scan *scan, uint64_t bytes, uint64_t *from, uint64_t *to);

/* Is the address mapped by an entry of a higher page table? Asked for ascending addresses. */
bool page_scan_is_huge(struct page_scan *scan, uint64_t address);
