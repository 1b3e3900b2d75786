/* derived/census: how many page frames have which flags (kpageflags), counted by the collector with
 * --page-census. The format is section "derived/census" of docs/bundle-format.md. Flags are the
 * bits of include/uapi/linux/kernel-page-flags.h; a tail page of a compound page has the flags of its
 * head, with TAIL instead of HEAD. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a page is, by its flags alone; each page is in exactly one class. In the order of
 * judgement: the first that fits counts (slab and free pages may carry stray bits).
 *
 * Flags do not tell all. FREE lacks the rest of each free block before Linux 4.8, pages on per-CPU
 * lists, and pages that a kernel initializes only when needed; all these are UNFLAGGED. So is boot
 * memory that the kernel did not mark RESERVED. Hence, of a census within RAM, what nobody accounts for is
 *     UNFLAGGED + RESERVED - (all pages - MemTotal) - (MemFree - FREE)
 *     - per-CPU lists - what is counted elsewhere (vmalloc, stacks, percpu, zspages, large kmalloc). */
enum page_class {
    PAGE_CLASS_NOPAGE, /* no page struct behind the frame                    */
    PAGE_CLASS_FREE,   /* BUDDY                                              */
    PAGE_CLASS_SLAB,
    PAGE_CLASS_PAGETABLE,
    PAGE_CLASS_HUGETLB,
    PAGE_CLASS_OFFLINE, /* ballooned or logically offline                     */
    PAGE_CLASS_HWPOISON,
    PAGE_CLASS_ZERO,      /* the (huge) zero page                               */
    PAGE_CLASS_ANON,      /* on an LRU list or mapped: anonymous                */
    PAGE_CLASS_SHMEM,     /* on an LRU list, swap-backed, not anonymous         */
    PAGE_CLASS_FILE,      /* on an LRU list: page cache of files                */
    PAGE_CLASS_RESERVED,  /* boot memory, outside MemTotal                      */
    PAGE_CLASS_MAPPED,    /* none of these, but mapped by a process (MMAP)      */
    PAGE_CLASS_UNFLAGGED, /* no flag that tells an owner: who allocated pages directly */
    PAGE_CLASS_COUNT
};

const char *page_class_word(enum page_class class); /* static, for scripts: "pagetable" */
enum page_class page_class_of(uint64_t flags);

struct census_row {
    uint64_t flags;
    uint64_t pages;  /* in System RAM, or everywhere when ranges are unknown */
    uint64_t mapped; /* of these: with kpagecount above 0; 0 if !has_counts  */
};

struct census {
    struct census_row *rows; /* owned, by flags */
    size_t row_count;
    uint64_t page_bytes;
    uint64_t frames; /* looked at                                          */
    bool within_ram; /* only frames of /proc/iomem's "System RAM" are in the rows */
    bool has_counts; /* kpagecount was read too                            */
    bool is_cut;     /* stopped before the last frame                      */
    uint64_t pages[PAGE_CLASS_COUNT]; /* sums of the rows by class              */
};

void census_deinit(struct census *census);
bool census_parse(struct slice text, struct census *out, struct failure *why);
