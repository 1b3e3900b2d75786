/* One function for each source of shared memory's owners; each adds its rows. They return false when
 * memory ran out. Not for other layers. */
#pragma once

#include "analyzer/account/named_objects.h"
#include "analyzer/account/shared_memory.h"
#include "analyzer/account/shared_memory_index.h"

/* One for each size of huge pages is usual. */
#define HUGE_DEVICES_MAX 16

struct shared_search {
    const struct snapshot *snapshot;
    struct shared_memory *shared;
    /* Where to find the row of a segment (0, shmid), a file (device, inode), the name of a file
     * without identity (UINT64_MAX, string), a mount (major, minor). */
    struct shared_index segments, files, mounts;
    const struct named_object *objects;
    size_t object_count;
    uint64_t huge_page_bytes; /* default size; 0 unknown */
    struct huge_device {
        uint32_t major, minor;
    } huge_devices[HUGE_DEVICES_MAX]; /* on which something is mapped with huge pages */
    size_t huge_device_count;
};

/* A new row, borrowed until the next call; NULL when memory ran out. */
struct shared_owner *shared_add_row(struct shared_search *search, enum shared_kind kind,
                                    const char *source);
/* `name` is cut to its room. */
void shared_name_row(struct shared_owner *row, struct slice name);

bool shared_add_segments(struct shared_search *search);
bool shared_add_mounts(struct shared_search *search);
bool shared_add_held(struct shared_search *search);   /* needs mounts, objects */
bool shared_add_mapped(struct shared_search *search); /* the last: completes the rows of others */

/* Once all rows are there: none above what Shmem and swap can have, then sums by kind. */
void shared_sum_parts(const struct snapshot *snapshot, struct shared_memory *shared);
