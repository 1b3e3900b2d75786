/* The sets of processes that share pages, as `share` lists them, counted page by page. */
#pragma once

#include "analyzer/account/page_sharing.h"
#include "analyzer/account/sharing_sets.h"

/* What somebody outside maps too is left out. End with sharing_sets_deinit(). */
bool page_sharing_sets(const struct page_sharing *sharing, struct sharing_sets *out,
                       struct failure *why);
