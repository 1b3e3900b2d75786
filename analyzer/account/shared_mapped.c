/* What processes map of shared memory: completes rows of others, and adds those that only mappings
 * show. */
#include "analyzer/account/shared_sources.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/base/checked_math.h"

static const struct kind_row {
    enum named_kind named;
    enum shared_kind kind;
} kind_rows[] = {
    {NAMED_SYSV,  SHARED_SYSV },
    {NAMED_MEMFD, SHARED_MEMFD},
    {NAMED_ANON,  SHARED_ANON },
    {NAMED_TMPFS, SHARED_FILE },
    {NAMED_GPU,   SHARED_GPU  },
};

static const struct kind_row *kind_row_of(enum named_kind named)
{
    for (size_t i = 0; i < sizeof kind_rows / sizeof kind_rows[0]; i++)
        if (kind_rows[i].named == named)
            return &kind_rows[i];
    return NULL;
}

static struct slice name_of(const struct shared_search *search, const struct named_object *object)
{
    return snapshot_text(search->snapshot, search->snapshot->mappings.objects[object->object].name);
}

/* The segment whose id is the object's inode, if the key in its name is the same: ids of another
 * IPC namespace mean other segments. */
static const struct shared_key *segment_key(const struct shared_search *search,
                                            const struct named_object *object)
{
    const struct sysvipc_shm *shm = &search->snapshot->system.shm;
    const struct shared_key *key = shared_index_find(&search->segments, 0, object->inode);
    char name[40];
    if (!key) /* segments are the first rows, in the order of the file */
        return NULL;
    snprintf(name, sizeof name, "/SYSV%08" PRIx32, (uint32_t)shm->segments[key->row].key);
    return slice_starts(name_of(search, object), slice_of(name)) ? key : NULL;
}

/* The row that an object's memory belongs to; NULL when it has none yet. */
static struct shared_owner *row_of_object(const struct shared_search *search,
                                          const struct named_object *object)
{
    const struct shared_key *key = NULL;
    uint32_t name = search->snapshot->mappings.objects[object->object].name;
    if (object->kind == NAMED_SYSV)
        key = segment_key(search, object);
    if (!key && object->inode)
        key = shared_index_find(&search->files,
                                shared_device(object->device_major, object->device_minor),
                                object->inode);
    if (!key && object->kind == NAMED_MEMFD)
        key = shared_index_find(&search->files, UINT64_MAX, name);
    if (!key && object->inode && object->kind == NAMED_TMPFS)
        key = shared_index_find(&search->mounts, object->device_major, object->device_minor);
    return key ? &search->shared->rows[key->row] : NULL;
}

/* What is made of huge pages is no part of Shmem. */
static bool add_object(struct shared_search *search, const struct named_object *object)
{
    const struct kind_row *kind = kind_row_of(object->kind);
    if (!kind)
        return true;
    struct shared_owner *row = row_of_object(search, object);
    bool attached = row && row->kind == SHARED_SYSV && row->mappers;
    if (!row && object->hugetlb_bytes)
        return true;
    if (!row) {
        row = shared_add_row(search, kind->kind, "smaps: sum of PSS");
        if (!row)
            return false;
        shared_name_row(row, name_of(search, object));
        row->sized_by_mappings = true;
    }
    row->may_be_huge = false;
    if (object->hugetlb_bytes)
        row->is_huge = true;
    else if (row->sized_by_mappings)
        row->resident = amount_of(add_saturating(row->resident.bytes, object->pss_bytes));
    row->mapped = amount_of(add_saturating(row->mapped.bytes, object->pss_bytes));
    row->collector_bytes = add_saturating(row->collector_bytes, object->collector_bytes);
    if (!attached)
        row->mappers = add_saturating(row->mappers, object->sharers);
    return true;
}

/* Objects are in the order of kind and inode. */
static bool maps_ring(const struct shared_search *search, uint64_t inode)
{
    size_t low = 0, high = search->object_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct named_object *object = &search->objects[middle];
        if (object->kind < NAMED_DRIVER || (object->kind == NAMED_DRIVER && object->inode < inode))
            low = middle + 1;
        else
            high = middle;
    }
    return low < search->object_count && search->objects[low].kind == NAMED_DRIVER &&
           search->objects[low].inode == inode;
}

bool shared_add_mapped(struct shared_search *search)
{
    const struct packet_sockets *packets = &search->snapshot->system.packet_sockets;
    struct shared_memory *shared = search->shared;
    for (size_t i = 0; i < search->object_count; i++) {
        if (search->objects[i].kind == NAMED_DRIVER)
            shared->driver_pages_bytes =
                add_saturating(shared->driver_pages_bytes, search->objects[i].pss_bytes);
        else if (!add_object(search, &search->objects[i]))
            return false;
    }
    for (size_t i = 0; i < packets->count; i++)
        shared->unmapped_packet_sockets += !maps_ring(search, packets->inodes[i]);
    for (size_t i = 0; i < shared->count; i++) {
        struct shared_owner *row = &shared->rows[i];
        if (!row->is_huge)
            continue;
        row->resident = amount_of(0);
        row->source = "hugetlb";
        row->sized_by_mappings = false;
    }
    return true;
}
