/* Which page frames and swap slots the processes map, as runs of 16 bytes: of 100 million pages that
 * lie apart 1.6 GB. Frame numbers are those of the bundle: equal where the frames are equal, and else
 * without meaning. Source: proc/PID/pages, section 6.4 of docs/bundle-format.md. Loaded on demand only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/pages_format.h"

#define PAGE_FRAME_BITS   40 /* 4 PiB of pages of 4 KiB: what 52 bits of physical address hold */
#define PAGE_FRAME_MOST   ((UINT64_C(1) << PAGE_FRAME_BITS) - 1)
#define PAGE_RUN_MOST     ((UINT64_C(1) << 24) - 1)
#define PAGE_MAPCOUNT_MAX UINT16_MAX /* so many or more */
#define PAGE_REPEATS      (1u << 15) /* beside enum pages_flag */

/* Pages of one mapping, in frames or slots one after the other; or, with PAGE_REPEATS, one frame that it
 * maps so many times. Bit-fields have their own width in arithmetic: page_run_end(). */
struct page_run {
    uint64_t frame : PAGE_FRAME_BITS; /* of slots: swap area << 35 | offset */
    uint64_t pages : 24;
    uint32_t mapping;    /* index into page_store.mappings                        */
    uint16_t attributes; /* enum pages_flag and PAGE_REPEATS; of frames           */
    uint16_t mapcount;   /* how often each is mapped, by anybody; 0: not known    */
};
_Static_assert(sizeof(struct page_run) == 16, "100 million pages are to fit into 2 GB");

#define PAGE_SLOT_AREA_SHIFT 35

/* Behind the last frame or slot. */
static inline uint64_t page_run_end(const struct page_run *run)
{
    return (uint64_t)run->frame + (run->attributes & PAGE_REPEATS ? 1u : run->pages);
}

struct page_runs {
    struct page_run *runs; /* by frame, once loaded */
    size_t count, capacity;
};

/* A mapping as pagemap was read: smaps was read at another moment. */
struct page_mapping {
    uint64_t start;   /* virtual address in bytes                                  */
    uint64_t pages;   /* how long it is                                            */
    uint64_t unread;  /* of these, pages that were not looked at                   */
    uint64_t special; /* under migration, poisoned, markers: neither frame nor slot */
    uint64_t device;  /* memory of devices, that the kernel keeps no count of       */
    uint32_t process; /* index into snapshot.processes                             */
    uint32_t mapping; /* index + 1 into snapshot.mappings; 0: none lies there      */
};

struct page_store {
    struct page_runs frames, slots;
    struct page_mapping *mappings; /* those of one process one after the other, by address */
    size_t mapping_count, mapping_capacity;
    uint64_t page_bytes; /* 0: no process's pages are in the bundle */
    uint64_t frames_end; /* above the number of any frame           */
    uint64_t alone;      /* numbers from there on: pages whose frames the bundle does not tell */
    bool has_mapcounts;  /* kpagecount could be read                */
};

/* Adds a run, in several where it is long: mapping, attributes and mapcount are those of `like`. All its
 * frames are at most PAGE_FRAME_MOST. False when memory ran out. */
bool page_runs_add(struct page_runs *runs, struct page_run like, uint64_t frame, uint64_t pages);

/* Whether it is what the kernel counts as resident: the zero page is not, nor memory of devices, which
 * has neither owner nor flag. */
static inline bool page_is_resident(uint16_t attributes)
{
    return (attributes & (PAGES_FLAG_ANON | PAGES_FLAG_FILE)) &&
           !(attributes & PAGES_FLAG_ZERO_PAGE);
}

/* Puts them in the order of their frames, in place. */
void page_runs_sort(struct page_runs *runs);

void page_store_deinit(struct page_store *store);
/* Memory that the store holds. */
uint64_t page_store_bytes(const struct page_store *store);
