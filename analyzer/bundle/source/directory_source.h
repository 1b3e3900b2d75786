/* Members of a directory: a bundle that was unpacked, or a copy of /proc and /sys. */
#pragma once

#include "analyzer/bundle/source/source.h"

/* Takes over `fd`. Finds the root below it, and fails as directory_root_find() does; with `everything`,
 * all that is in the directory comes, in the order of names. What cannot be opened later is
 * counted (bundle_facts.unreadable) and passed over. */
struct source *directory_source_open(int fd, const struct bundle_limits *limits, bool everything,
                                     struct failure *why);
