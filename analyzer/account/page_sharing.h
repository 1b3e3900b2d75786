/* Which processes map which pages, to the page: sets of processes, and what each set alone maps.
 * Source: proc/PID/pages of a bundle of memtally-collect --pages. docs/accounting.md, section 9.2. */
#pragma once

#include "analyzer/account/object_usage.h"
#include "analyzer/account/page_sets.h"

#define SHARE_NO_OBJECT UINT32_MAX

enum page_share_flag {
    SHARE_OTHERS = 1, /* somebody maps them, too, whose pages were not read */
    SHARE_MERGED = 2, /* by KSM */
    SHARE_THP = 4,    /* of transparent huge pages */
};

/* Pages of one sort that exactly the processes of one set map, of those whose pages were read. */
struct page_share {
    uint64_t pages, times; /* distinct ones; and how often the set maps them, counted all */
    uint32_t set;          /* index into page_sharing.sets */
    uint32_t object;       /* index into snapshot.mappings.objects; SHARE_NO_OBJECT: anonymous, or
                              mapped where smaps had no mapping */
    uint8_t kind;          /* enum object_kind */
    uint8_t flags;         /* enum page_share_flag */
};

struct page_shares {
    struct page_share *rows; /* by set */
    size_t count, capacity;
    uint32_t *buckets; /* row + 1, open addressing */
    size_t bucket_count;
};

struct page_sharing {
    struct page_sets sets;
    struct page_shares pages; /* resident ones                                            */
    struct page_shares slots; /* of swap                                                  */
    uint64_t page_bytes;
    uint64_t moved_pages; /* whose mappings changed while pages were read: the kernel counts fewer
                             than were met, or not the same with each */
    bool all_read;        /* every process that has memory of its own was read to its end */
};

/* snapshot->pages must have been loaded. False when memory ran out. */
bool page_sharing_compute(const struct snapshot *snapshot, struct page_sharing *out,
                          struct failure *why);
void page_sharing_deinit(struct page_sharing *sharing);

/* Whether all that a process maps was looked at. */
bool process_pages_known(const struct snapshot *snapshot, const struct process *process);
