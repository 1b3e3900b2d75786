/* Members of a directory: a bundle that was unpacked, or a copy of /proc and /sys. */
#pragma once

#include "analyzer/bundle/source/source.h"

/* Takes over `fd`. Finds the root below it (directory_root.h). USAGE if the root is the
 * live /proc or /sys of this machine: reading it would change, take for ever, or hang. */
struct source *directory_source_open(int fd, const struct bundle_limits *limits,
                                     struct failure *why);
