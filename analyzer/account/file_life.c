#include "analyzer/account/file_life.h"

#include <stdlib.h>

#include "analyzer/account/process_usage.h"
#include "analyzer/account/set_sharing.h"
#include "analyzer/account/shared_memory_index.h"
#include "analyzer/base/key_index.h"
#include "analyzer/model/shared_address_space.h"

#define NAMES_ONLY UINT64_MAX /* the first half of the key of a descriptor without inode */

static uint32_t one_holder_more(uint32_t holder, uint32_t set)
{
    if (set == NO_SET)
        return HOLDERS_MANY;
    return holder == NO_SET || holder == set ? set : HOLDERS_MANY;
}

/* Descriptors by file; the row of a key becomes its holder, one key a file. */
static bool index_holders(const struct snapshot *snapshot, const uint32_t *set_of,
                          struct shared_index *index)
{
    const struct system_details *details = &snapshot->system.details;
    size_t kept = 0;
    for (size_t i = 0; i < details->held_count; i++) {
        const struct held_memory *held = &details->held[i];
        const struct process *process = snapshot_process(snapshot, held->pid);
        size_t set = process ? set_of[process - snapshot->processes] : NO_SET;
        if (!(held->has_identity ? shared_index_add(index, shared_device(held->major, held->minor),
                                                    held->inode, set)
                                 : shared_index_add(index, NAMES_ONLY, held->name, set)))
            return false;
    }
    shared_index_sort(index);
    for (size_t i = 0; i < index->count; i++) {
        struct shared_key key = index->keys[i];
        uint32_t set = (uint32_t)key.row;
        if (kept && shared_key_compare(&index->keys[kept - 1], &key) == 0)
            index->keys[kept - 1].row = one_holder_more((uint32_t)index->keys[kept - 1].row, set);
        else
            index->keys[kept++] =
                (struct shared_key){key.first, key.second, one_holder_more(NO_SET, set)};
    }
    index->count = kept;
    return true;
}

static bool descriptors_are_listed(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->process_count; i++) {
        struct process_usage usage;
        if (snapshot->processes[i].files & PROCESS_DESCRIPTORS)
            continue;
        process_usage_compute(snapshot, &snapshot->processes[i], &usage);
        if (usage.state != PROCESS_KERNEL_THREAD_STATE && usage.state != PROCESS_ZOMBIE_STATE)
            return false;
    }
    return true;
}

static uint32_t holder_of(const struct shared_index *index, uint64_t first, uint64_t second)
{
    const struct shared_key *key = shared_index_find(index, first, second);
    return key ? (uint32_t)key->row : NO_SET;
}

static uint32_t both_holders(uint32_t a, uint32_t b)
{
    return b == NO_SET ? a : a == NO_SET || a == b ? b : HOLDERS_MANY;
}

static void find_holders(const struct shared_stretches *stretches, const struct shared_index *index,
                         struct file_holders *places)
{
    const struct snapshot *snapshot = stretches->snapshot;
    bool listed = stretches->all_mappers_read && descriptors_are_listed(snapshot);
    for (size_t i = 0; i < snapshot->mappings.object_count; i++) {
        const struct mapped_object *object = &snapshot->mappings.objects[i];
        struct file_holders *place = &places[stretches->place_of_object[i]];
        place->holder =
            both_holders(place->holder,
                         holder_of(index, shared_device(object->device_major, object->device_minor),
                                   object->inode));
        place->namesake = both_holders(place->namesake, holder_of(index, NAMES_ONLY, object->name));
        place->only_held = listed && object_kind_of(snapshot, object) == OBJECT_MEMFD;
    }
}

/* How often a place is mapped, as nattch counts: each mapping of each address space. */
static uint64_t *count_attachments(const struct shared_stretches *stretches)
{
    const struct snapshot *snapshot = stretches->snapshot;
    uint64_t *attached = calloc(stretches->place_count + 1, sizeof *attached);
    for (size_t i = 0; attached && i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (process_repeats_address_space(snapshot, i))
            continue;
        for (size_t j = 0; j < process->mapping_count; j++)
            attached[stretches->place_of_object
                         [snapshot->mappings.mappings[process->first_mapping + j].object]]++;
    }
    return attached;
}

/* A segment lives until it is removed and its last mapping is gone. Other namespaces may have one of
 * the same number: so the attachments that were seen must be all that it has. */
static enum file_life segment_life(const struct snapshot *snapshot,
                                   const struct sysv_segment *segment, uint64_t attached)
{
    int64_t forced;
    if (attached != segment->attach_count)
        return LIFE_NOT_KNOWN;
    if (segment->has_mode && segment->is_removed)
        return LIFE_ENDS;
    if (!segment->has_mode || !figure_number(snapshot, "proc/sys/kernel/shm_rmid_forced", &forced))
        return LIFE_NOT_KNOWN;
    return forced ? LIFE_ENDS : LIFE_STAYS;
}

static bool find_segments(const struct shared_stretches *stretches, struct file_holders *places)
{
    const struct snapshot *snapshot = stretches->snapshot;
    const struct sysvipc_shm *shm = &snapshot->system.shm;
    struct key_index index = {0};
    bool ok = true;
    if (!shm->count)
        return true;
    uint64_t *attached = count_attachments(stretches);
    for (size_t i = 0; ok && i < shm->count; i++)
        ok = key_index_find(&index, shm->segments[i].shmid) != NO_ROW ||
             key_index_add(&index, shm->segments[i].shmid, (uint32_t)i);
    ok = ok && attached;
    for (size_t i = 0; ok && i < snapshot->mappings.object_count; i++) {
        const struct mapped_object *object = &snapshot->mappings.objects[i];
        uint32_t place = stretches->place_of_object[i], row;
        if (object_kind_of(snapshot, object) == OBJECT_SYSV &&
            (row = key_index_find(&index, object->inode)) != NO_ROW)
            places[place].life = segment_life(snapshot, &shm->segments[row], attached[place]);
    }
    key_index_deinit(&index);
    free(attached);
    return ok;
}

struct file_holders *file_holders_find(const struct shared_stretches *stretches,
                                       const uint32_t *set_of)
{
    struct file_holders *places = calloc(stretches->place_count + 1, sizeof *places);
    struct shared_index index = {0};
    for (size_t i = 0; places && i < stretches->place_count; i++)
        places[i] = (struct file_holders){NO_SET, NO_SET, LIFE_NOT_KNOWN, false};
    bool ok = places && index_holders(stretches->snapshot, set_of, &index) &&
              find_segments(stretches, places);
    if (ok)
        find_holders(stretches, &index, places);
    shared_index_deinit(&index);
    if (ok)
        return places;
    free(places);
    return NULL;
}

enum file_life file_life_without(const struct file_holders *holders, uint32_t set)
{
    if (holders->holder != NO_SET && holders->holder != set)
        return LIFE_STAYS;
    if (holders->life != LIFE_NOT_KNOWN)
        return holders->life;
    bool perhaps = holders->namesake != NO_SET && holders->namesake != set;
    return holders->only_held && !perhaps ? LIFE_ENDS : LIFE_NOT_KNOWN;
}
