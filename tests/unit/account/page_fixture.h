/* A snapshot of three processes with the PIDs 10 to 12, each with a mapping of memory and one of
 * /lib/libc.so; which pages they map, a test says. */
#pragma once

#include "tests/unit/model/snapshot_tree.h"

extern struct snapshot *pages_snapshot;

int pages_set_up(void **state);
int pages_tear_down(void **state);

/* Of process 0 to 2: `mapping` 0 is its memory without a file, 1 the file's. */
void pages_give(uint32_t process, unsigned mapping, uint64_t frame, uint64_t pages,
                uint16_t mapcount, uint16_t attributes);
