/* /proc/zoneinfo. Source: mm/vmstat.c:zoneinfo_show_print(). All figures in base pages.
 * The per-CPU lists ("pagesets", "count:") hold free pages that MemFree does not count. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/base/slice.h"
#include "schema/failure.h"

#define ZONE_PROTECTION_MAX 8

struct zone {
    unsigned node;
    char name[16]; /* "DMA", "Normal", "Movable", ...                        */
    uint64_t free_pages;
    uint64_t min_pages, low_pages, high_pages, boost_pages;
    uint64_t spanned_pages, present_pages;
    uint64_t managed_pages; /* valid if has_managed (kernels since 3.9)               */
    bool has_managed;
    bool populated;     /* false: only the head of an empty zone, without "pagesets"  */
    uint64_t pcp_pages; /* sum of "count:" over CPUs                              */
    unsigned pcp_cpus;  /* how many "cpu:" entries were summed                    */
    uint64_t protection[ZONE_PROTECTION_MAX];
    unsigned protection_count;
    uint64_t stat_threshold; /* "vm stats threshold": drift bound a CPU; 0 if not printed */
    bool has_per_node_stats;
    uint64_t unknown_keys; /* lines that no rule here knows, counted                 */
};

struct zoneinfo {
    struct zone *zones; /* owned, in the order of the file */
    size_t count;
};

void zoneinfo_deinit(struct zoneinfo *zoneinfo);

/* Fails when a figure is no number, when a zone has no "pages free" line, or when there is no zone
 * at all. */
bool zoneinfo_parse(struct slice text, struct zoneinfo *out, struct failure *why);

/* Sums over all zones, in pages. */
uint64_t zoneinfo_pcp_pages(const struct zoneinfo *zoneinfo);
uint64_t zoneinfo_free_pages(const struct zoneinfo *zoneinfo);
uint64_t zoneinfo_present_pages(const struct zoneinfo *zoneinfo);
/* False when a populated zone has no "managed" line. */
bool zoneinfo_managed_pages(const struct zoneinfo *zoneinfo, uint64_t *pages);
