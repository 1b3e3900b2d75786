/* /proc/buddyinfo: free blocks by zone and order. Source: mm/vmstat.c:frag_show_print(). */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

#define BUDDY_ORDERS_MAX 32

struct buddy_zone {
    unsigned node;
    char name[16];
    uint64_t blocks[BUDDY_ORDERS_MAX]; /* blocks[n]: free blocks of 2^n pages */
    unsigned order_count;
};

struct buddyinfo {
    struct buddy_zone *zones; /* owned */
    size_t count;
};

void buddyinfo_deinit(struct buddyinfo *buddyinfo);
bool buddyinfo_parse(struct slice text, struct buddyinfo *out, struct failure *why);
/* Free pages over all zones and orders; saturates. */
uint64_t buddyinfo_free_pages(const struct buddyinfo *buddyinfo);
