/* System V segments and tmpfs mounts: what the kernel lists by itself. */
#include "analyzer/account/shared_sources.h"

#include <inttypes.h>
#include <stdio.h>

/* A PID may have been given again since, and PIDs of other namespaces mean other processes: "alive"
 * says only that a process of this PID is there. */
static enum creator_state creator_of(const struct snapshot *snapshot, uint64_t pid)
{
    if (pid == 0 || snapshot->process_count == 0)
        return CREATOR_UNKNOWN;
    return snapshot_process(snapshot, pid) ? CREATOR_LIVES : CREATOR_GONE;
}

/* rss counts pages of SHM_HUGETLB segments, too. Mapped ones show that; what nobody maps can be one
 * if its size fits. */
static void size_segment(const struct shared_search *search, const struct sysv_segment *segment,
                         struct shared_owner *row)
{
    row->sized_by_mappings = !segment->has_rss;
    if (!segment->has_rss)
        return;
    row->resident = amount_of(segment->rss_bytes);
    row->swap = amount_of(segment->swap_bytes);
    row->may_be_huge =
        search->huge_page_bytes != 0 && segment->rss_bytes % search->huge_page_bytes == 0;
}

bool shared_add_segments(struct shared_search *search)
{
    const struct sysvipc_shm *shm = &search->snapshot->system.shm;
    for (size_t i = 0; i < shm->count; i++) {
        const struct sysv_segment *segment = &shm->segments[i];
        struct shared_owner *row = shared_add_row(search, SHARED_SYSV, "sysvipc/shm");
        if (!row)
            return false;
        snprintf(row->name, sizeof row->name, "shmid %" PRIu64 ", key 0x%08" PRIx32, segment->shmid,
                 (uint32_t)segment->key);
        size_segment(search, segment, row);
        row->mappers = segment->attach_count;
        row->unmapped = segment->attach_count == 0;
        row->creator_pid = segment->creator_pid;
        row->creator = creator_of(search->snapshot, segment->creator_pid);
        row->uid = amount_of(segment->uid);
        if (!shared_index_add(&search->segments, 0, segment->shmid, search->shared->count - 1))
            return false;
    }
    shared_index_sort(&search->segments);
    return true;
}

static bool is_shmem_mount(const struct snapshot *snapshot, const struct memory_mount *mount)
{
    static const char *const types[] = {"tmpfs", "devtmpfs", "rootfs"};
    struct slice type = snapshot_text(snapshot, mount->type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_equal(type, slice_of(types[i])))
            return true;
    return false;
}

/* Mounts are many, devices count once: each further mount of a device shows the same blocks. */
bool shared_add_mounts(struct shared_search *search)
{
    const struct system_details *details = &search->snapshot->system.details;
    for (size_t i = 0; i < details->mount_count; i++) {
        const struct memory_mount *mount = &details->mounts[i];
        if (mount->used_bytes.known && is_shmem_mount(search->snapshot, mount) &&
            !shared_index_add(&search->mounts, mount->major, mount->minor, i))
            return false;
    }
    shared_index_sort(&search->mounts);
    size_t kept = 0;
    for (size_t i = 0; i < search->mounts.count; i++) {
        struct shared_key key = search->mounts.keys[i];
        if (kept && shared_key_compare(&search->mounts.keys[kept - 1], &key) == 0)
            continue;
        const struct memory_mount *mount = &details->mounts[key.row];
        struct shared_owner *row = shared_add_row(search, SHARED_TMPFS, "statfs");
        if (!row)
            return false;
        shared_name_row(row, snapshot_text(search->snapshot, mount->point));
        row->resident = mount->used_bytes;
        row->counts_swap = true;
        key.row = search->shared->count - 1;
        search->mounts.keys[kept++] = key;
    }
    search->mounts.count = kept;
    return true;
}
