#include "analyzer/account/object_cost.h"

#include <inttypes.h>
#include <stdio.h>

#define ROUNDING_BYTES 1024u /* PSS of a mapping is printed in whole KiB, rounded down */

bool object_is_closed(const struct snapshot *snapshot, const struct objects *objects,
                      const struct object_usage *usage)
{
    bool numberless =
        usage->kind == OBJECT_FILE && snapshot->mappings.objects[usage->object].device_major == 0;
    return objects->all_mappers_known && !usage->may_be_merged && !numberless &&
           usage->kind != OBJECT_DEVICE;
}

static struct byte_range resident_once(const struct snapshot *snapshot,
                                       const struct objects *objects,
                                       const struct object_usage *usage)
{
    struct byte_range resident = {usage->pss_bytes, usage->rss_bytes};
    uint64_t page;
    if (!snapshot_page_size(snapshot, &page) || !page)
        page = 1;
    if (resident.low % page)
        resident.low = add_saturating(resident.low, page - resident.low % page);
    if (object_is_closed(snapshot, objects, usage)) {
        uint64_t hidden = multiply_saturating(usage->rounded_mappings, ROUNDING_BYTES);
        uint64_t lost = (usage->rss_bytes >> 24) + (usage->rss_bytes >> 24 ? 1 : 0);
        uint64_t most_bytes = add_saturating(usage->pss_bytes, add_saturating(hidden, lost));
        resident.high = least(resident.high, most_bytes - most_bytes % page);
    }
    resident.high = most(resident.high, usage->pss_bytes); /* figures of two moments */
    resident.low = least(resident.low, resident.high);
    return resident;
}

static struct byte_range huge_once(const struct snapshot *snapshot, const struct objects *objects,
                                   const struct object_usage *usage)
{
    uint64_t own = 0, largest = 0;
    for (size_t i = 0; i < usage->sharer_count; i++) {
        const struct object_sharer *sharer = &objects->sharers[usage->first_sharer + i];
        own = add_saturating(own, sharer->huge_private_bytes);
        largest = most(largest, sharer->huge_largest_bytes);
    }
    uint64_t shared = subtract_to_zero(usage->hugetlb_bytes, own);
    bool closed = object_is_closed(snapshot, objects, usage);
    return (struct byte_range){add_saturating(own, largest),
                               add_saturating(own, most(largest, closed ? shared / 2 : shared))};
}

static const struct sysv_segment *segment_of(const struct snapshot *snapshot,
                                             const struct object_usage *usage)
{
    const struct mapped_object *object = &snapshot->mappings.objects[usage->object];
    const struct sysvipc_shm *shm = &snapshot->system.shm;
    struct slice name = snapshot_text(snapshot, object->name);
    for (size_t i = 0; usage->kind == OBJECT_SYSV && i < shm->count; i++) {
        char start[32];
        snprintf(start, sizeof start, "/SYSV%08" PRIx32, (uint32_t)shm->segments[i].key);
        if (shm->segments[i].shmid == object->inode && slice_starts(name, slice_of(start)))
            return &shm->segments[i];
    }
    return NULL;
}

bool process_started_before(const struct process *a, const struct process *b)
{
    if (!(a->files & b->files & PROCESS_STAT) || a->start_time_ticks == b->start_time_ticks)
        return a->pid < b->pid;
    return a->start_time_ticks < b->start_time_ticks;
}

static size_t first_sharer(const struct snapshot *snapshot, const struct objects *objects,
                           const struct object_usage *usage)
{
    size_t first = NO_OWNER;
    for (size_t i = 0; i < usage->sharer_count; i++) {
        size_t sharer = objects->sharers[usage->first_sharer + i].process;
        if (first == NO_OWNER ||
            process_started_before(&snapshot->processes[sharer], &snapshot->processes[first]))
            first = sharer;
    }
    return first;
}

struct object_cost object_cost_of(const struct snapshot *snapshot, const struct objects *objects,
                                  const struct object_usage *usage)
{
    struct object_cost cost = {.resident = resident_once(snapshot, objects, usage),
                               .huge = huge_once(snapshot, objects, usage),
                               .segment = segment_of(snapshot, usage)};
    const struct process *creator =
        cost.segment ? snapshot_process(snapshot, cost.segment->creator_pid) : NULL;
    cost.owner_is_creator = creator != NULL;
    cost.owner =
        creator ? (size_t)(creator - snapshot->processes) : first_sharer(snapshot, objects, usage);
    return cost;
}
