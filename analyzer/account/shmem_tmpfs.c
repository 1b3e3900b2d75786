/* tmpfs mounts by statfs(2). */
#include "analyzer/account/shmem_sources.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"

static bool is_shmem_mount(const struct shmem_search *search, const struct memory_mount *mount)
{
    static const char *const types[] = {"tmpfs", "devtmpfs", "rootfs"};
    struct slice type = snapshot_text(search->snapshot, mount->type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (mount->used_bytes.known && slice_equal(type, slice_of(types[i])))
            return true;
    return false;
}

/* Without statfs only what /dev/shm is mapped by is known: a lower bound. */
static void find_mapped_tmpfs(struct shmem_search *search)
{
    uint64_t sum = 0;
    bool any = false;
    for (size_t i = 0; i < search->object_count; i++) {
        const struct named_object *object = &search->objects[i];
        if (object->kind != NAMED_TMPFS)
            continue;
        any = true;
        sum = add_saturating(sum, object->pss_bytes);
        shmem_add_owner(search, SHMEM_TMPFS, object->pss_bytes, shmem_object_name(search, object),
                        "mapped by %" PRIu64 " processes", object->sharers);
    }
    if (any) {
        shmem_set_part(search, SHMEM_TMPFS, sum, sum, "smaps: sum of PSS of files in /dev/shm");
        search->owners->parts[SHMEM_TMPFS].is_least = true;
    }
}

static int by_device(const void *a, const void *b)
{
    const struct memory_mount *const *left = a, *const *right = b;
    if ((*left)->major != (*right)->major)
        return (*left)->major < (*right)->major ? -1 : 1;
    if ((*left)->minor != (*right)->minor)
        return (*left)->minor < (*right)->minor ? -1 : 1;
    return *left < *right ? -1 : *left > *right; /* in the order of the file */
}

static bool same_device(const struct memory_mount *a, const struct memory_mount *b)
{
    return a->major == b->major && a->minor == b->minor;
}

/* Mounts are sorted by device: what is mounted at several points counts once. */
static uint64_t sum_mounts(struct shmem_search *search, const struct memory_mount **mounts,
                           size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i; next < count && same_device(mounts[i], mounts[next]);)
            next++;
        struct slice type = snapshot_text(search->snapshot, mounts[i]->type);
        sum = add_saturating(sum, mounts[i]->used_bytes.bytes);
        shmem_add_owner(search, SHMEM_TMPFS, mounts[i]->used_bytes.bytes,
                        snapshot_text(search->snapshot, mounts[i]->point),
                        "%.*s, mounted at %zu point%s", (int)type.length_bytes, type.at, next - i,
                        next - i == 1 ? "" : "s");
    }
    return sum;
}

void shmem_find_tmpfs(struct shmem_search *search)
{
    const struct system_details *details = &search->snapshot->system.details;
    size_t count = 0;
    AUTO_FREE const struct memory_mount **mounts = calloc(details->mount_count + 1, sizeof *mounts);
    if (!mounts) {
        search->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < details->mount_count; i++)
        if (is_shmem_mount(search, &details->mounts[i]))
            mounts[count++] = &details->mounts[i];
    if (count == 0) {
        find_mapped_tmpfs(search);
        return;
    }
    qsort(mounts, count, sizeof *mounts, by_device);
    uint64_t sum = sum_mounts(search, mounts, count);
    shmem_set_part(search, SHMEM_TMPFS, sum, subtract_to_zero(sum, search->swapped_bytes),
                   "statfs: sum of used blocks, each device once");
}
