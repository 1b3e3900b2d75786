/* Targets of the links in /proc/PID/fd, as some copies of /proc keep them: lines "NUMBER -> TARGET".
 * A target with a newline in it gives lines of another form, which are passed over. */
#pragma once

#include "analyzer/base/slice.h"

/* The next target, borrowed; false when none is left. */
bool fd_link_next(struct slice *rest, struct slice *target);

/* "pipe:[4711]" -> 4711. False for any other target. */
bool pipe_target_parse(struct slice target, uint64_t *inode);
