/* What a mapped object holds once, and to whom its memory is counted: in proportion (PSS), to each
 * sharer in full (RSS), to its owner, or to nobody but as what a sharer's end would free (USS). */
#pragma once

#include "analyzer/account/byte_range.h"
#include "analyzer/account/object_usage.h"

#define NO_OWNER SIZE_MAX

struct object_cost {
    struct byte_range resident;         /* distinct mapped pages; huge pages are not in it */
    struct byte_range huge;             /* distinct mapped pages of hugetlb */
    const struct sysv_segment *segment; /* of proc/sysvipc/shm; borrowed; NULL: none, or not told */
    size_t owner;                       /* index into snapshot.processes, or NO_OWNER */
    bool owner_is_creator;              /* made the segment; else the sharer that started first */
};

/* Whether nobody but its sharers can map its pages. */
bool object_is_closed(const struct snapshot *snapshot, const struct objects *objects,
                      const struct object_usage *usage);

/* The sum of PSS is exactly the distinct pages, but for its rounding, when every mapper was read; the
 * interval then has both ends of the rounding. Else, and where KSM may have merged pages, or the
 * device has no number (overlay: the file may be mapped under another one), they lie between the sum of
 * PSS and that of RSS.
 * Huge pages that smaps calls private count once, and shared ones at least as the mapping that has most;
 * each has two mappers, so that of all who could map them there are at most half.
 * A segment is told by shmid and key, since each IPC namespace counts its own. Its creator owns it as long
 * as a process of that PID is there, whether it maps the segment or not. */
struct object_cost object_cost_of(const struct snapshot *snapshot, const struct objects *objects,
                                  const struct object_usage *usage);

/* By start time, else by PID. */
bool process_started_before(const struct process *a, const struct process *b);
