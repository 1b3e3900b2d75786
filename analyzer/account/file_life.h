/* Whether shared memory without a name outlives its mappings: by who has it open, and for System V
 * by what /proc/sysvipc/shm says of the segment. */
#pragma once

#include "analyzer/account/page_fate.h"
#include "analyzer/account/shared_stretches.h"

/* Of a file that lies in one place of the stretches. A holder is NO_SET when there is none, a set, or
 * HOLDERS_MANY: several sets, or a process that is in none. */
struct file_holders {
    uint32_t holder;     /* whose descriptors lead to this device and inode */
    uint32_t namesake;   /* of descriptors of which only the name is known: perhaps to this file */
    enum file_life life; /* of a System V segment once nobody maps it */
    bool only_held;      /* a memfd, which never had a name, and all descriptors were listed */
};

#define HOLDERS_MANY (UINT32_MAX - 1)

/* One entry a place of `stretches`; free() it. `set_of` has the set of each process, or NO_SET. NULL when
 * memory ran out. */
struct file_holders *file_holders_find(const struct shared_stretches *stretches,
                                       const uint32_t *set_of);

/* Of a file whose fate is LIFE_NOT_KNOWN by its name, and which nobody outside the set maps: does it
 * outlive the set? */
enum file_life file_life_without(const struct file_holders *holders, uint32_t set);
