/* What a reader process does: jobs from its lane, one after the other, until it is killed. */
#pragma once

#include "collector/read/lane.h"
#include "collector/read/pages_access.h"

/* In the child, right after fork(). `root` is the tree's folder; every other descriptor is
 * closed, so that nobody waits for the end of a pipe that only a reader still holds. */
_Noreturn void reader_run(struct lane *lane, struct pages_access *access, int root, int parent);

/* Kernel threads and the dead have no memory and no program: known without asking. */
struct source;
bool holds_nothing(const struct identity *identity, const struct source *source);

/* Is this row read of each process in this pass? What stands behind pages only when asked for. */
bool is_read_of_processes(const struct source *source, unsigned pass,
                          const struct pages_access *access);

/* May it hold its reader up for as long as the process likes? */
bool may_be_held_up(const struct source *source);
