/* What descriptors hold: memfds, files without a name, buffers. */
#include "analyzer/account/shared_sources.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"

/* A memfd made of huge pages is no shared memory. It lies on a device of its own kind, on which
 * something is mapped with huge pages; one that nobody maps on a device where nobody maps anything
 * cannot be told. */
static bool is_huge_device(const struct shared_search *search, const struct held_memory *held)
{
    for (size_t i = 0; held->has_identity && i < search->huge_device_count; i++)
        if (search->huge_devices[i].major == held->major &&
            search->huge_devices[i].minor == held->minor)
            return true;
    return false;
}

static bool held_row_kind(const struct shared_search *search, const struct held_memory *held,
                          enum shared_kind *kind)
{
    switch (held->kind) {
    case HELD_MEMFD:
        *kind = SHARED_MEMFD;
        return true;
    case HELD_SHM: /* a file of a mount that is counted as a whole? */
        *kind = SHARED_FILE;
        return !shared_index_find(&search->mounts, held->major, held->minor);
    case HELD_SYSV:
        *kind = SHARED_SYSV;
        return !search->snapshot->system.has_shm;
    case HELD_GPU:
        *kind = SHARED_GPU;
        return true;
    case HELD_DMABUF:
    case HELD_KIND_COUNT:
        break;
    }
    return false;
}

/* Links of descriptors alone give a name, but neither inode nor size: equal names are then taken
 * for one file. */
static struct shared_key key_of_held(const struct held_memory *held)
{
    if (!held->has_identity)
        return (struct shared_key){UINT64_MAX, held->name, 0};
    return (struct shared_key){shared_device(held->major, held->minor), held->inode, 0};
}

static int by_file(const void *a, const void *b)
{
    struct shared_key x = key_of_held(*(const struct held_memory *const *)a);
    struct shared_key y = key_of_held(*(const struct held_memory *const *)b);
    return shared_key_compare(&x, &y);
}

/* Of one file by PID: rows do not depend on how the sort breaks ties. */
static int by_file_and_pid(const void *a, const void *b)
{
    const struct held_memory *const *left = a, *const *right = b;
    int file = by_file(a, b);
    if (file || (*left)->pid == (*right)->pid)
        return file;
    return (*left)->pid < (*right)->pid ? -1 : 1;
}

static struct shared_owner *add_file(struct shared_search *search, enum shared_kind kind,
                                     const struct held_memory *held)
{
    struct shared_key key = key_of_held(held);
    struct shared_owner *row = shared_add_row(search, kind, "descriptors");
    if (!row || !shared_index_add(&search->files, key.first, key.second, search->shared->count - 1))
        return NULL;
    shared_name_row(row, snapshot_text(search->snapshot, held->name));
    row->is_huge = is_huge_device(search, held);
    row->sized_by_mappings = true;
    row->holder_pid = held->pid;
    return row;
}

/* Descriptors of one file are read one after the other: the largest figure stands. */
static void add_holder(struct shared_owner *row, const struct held_memory *held)
{
    row->holders++;
    if (!held->bytes.known || (row->resident.known && row->resident.bytes >= held->bytes.bytes))
        return;
    row->resident = held->bytes;
    row->sized_by_mappings = false;
    row->counts_swap = true;
}

static bool fold_held(struct shared_search *search, const struct held_memory **sorted, size_t count)
{
    struct shared_memory *shared = search->shared;
    struct shared_owner *row = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct held_memory *held = sorted[i];
        bool is_new = i == 0 || by_file(&sorted[i - 1], &sorted[i]) != 0;
        enum shared_kind kind;
        if (is_new && held->kind == HELD_DMABUF && held->bytes.known)
            shared->dma_buf_bytes = add_saturating(shared->dma_buf_bytes, held->bytes.bytes);
        row = is_new ? NULL : row;
        if (!held_row_kind(search, held, &kind))
            continue;
        if (!row && !(row = add_file(search, kind, held)))
            return false;
        add_holder(row, held);
    }
    shared_index_sort(&search->files);
    return true;
}

bool shared_add_held(struct shared_search *search)
{
    const struct system_details *details = &search->snapshot->system.details;
    size_t count = details->held_count;
    AUTO_FREE const struct held_memory **sorted = malloc((count + 1) * sizeof(*sorted));
    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &details->held[i];
    if (count)
        qsort(sorted, count, sizeof(*sorted), by_file_and_pid);
    return fold_held(search, sorted, count);
}
