/* Members of a directory: a bundle that was unpacked, or a copy of /proc and /sys. */
#pragma once

#include "analyzer/bundle/source/source.h"

/* Takes over `fd`. Finds the root below it, and fails as directory_root_find() does. What cannot
 * be opened later is counted (bundle_facts.unreadable) and passed over. */
struct source *directory_source_open(int fd, const struct bundle_limits *limits,
                                     struct failure *why);
