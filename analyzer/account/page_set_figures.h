/* What sets of processes hold together and give back, counted page by page. */
#pragma once

#include "analyzer/account/page_sharing.h"
#include "analyzer/account/set_sharing.h"

/* Puts what pages tell in place of the bounds in `results`, of set_sharing_compute() with the same
 * arguments: footprint, last_mapped, with_others, fates, swap. Of a set with members whose pages are not
 * all known, the bounds become narrower by what is known of the others. A set that has a part of an
 * address space keeps its bounds. False when memory ran out. */
bool page_set_figures(const struct page_sharing *sharing, const struct shared_stretches *stretches,
                      const uint32_t *set_of, uint32_t sets, struct set_sharing *results,
                      struct failure *why);
