#include "analyzer/account/shared_memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/account/shared_memory_index.h"
#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"

static const char *const kind_words[] = {
#define SHARED_WORD(constant, word) [SHARED_##constant] = word,
    SHARED_KINDS(SHARED_WORD)
#undef SHARED_WORD
};

const char *shared_kind_word(enum shared_kind kind)
{
    return kind_words[kind];
}

const char *creator_state_word(enum creator_state state)
{
    return state == CREATOR_LIVES ? "alive" : state == CREATOR_GONE ? "gone" : NULL;
}

/* What the functions below fill: rows, and where to find the row of a segment, a descriptor's file
 * or a mount. */
struct shared_list {
    const struct snapshot *snapshot;
    struct shared_memory *shared;
    struct shared_index segments, files, mounts;
};

static struct shared_owner *add_row(struct shared_list *list, enum shared_kind kind,
                                    const char *source)
{
    struct shared_memory *shared = list->shared;
    struct shared_owner *row = ARRAY_PUSH(shared->rows, shared->count, shared->capacity);
    if (row) {
        row->kind = kind;
        row->source = source;
    }
    return row;
}

static void name_row(struct shared_owner *row, const struct snapshot *snapshot, uint32_t name)
{
    struct slice text = snapshot_text(snapshot, name);
    size_t most = sizeof row->name - 1;
    if (text.length_bytes < most)
        most = text.length_bytes;
    if (most)
        memcpy(row->name, text.at, most);
    row->name[most] = '\0';
}

/* A PID may have been given again since, and PIDs of other namespaces mean other processes: "alive"
 * says only that a process of this PID is there. */
static enum creator_state creator_of(const struct snapshot *snapshot, uint64_t pid)
{
    if (pid == 0 || snapshot->process_count == 0)
        return CREATOR_UNKNOWN;
    return snapshot_process(snapshot, pid) ? CREATOR_LIVES : CREATOR_GONE;
}

static bool add_segments(struct shared_list *list)
{
    const struct sysvipc_shm *shm = &list->snapshot->system.shm;
    for (size_t i = 0; i < shm->count; i++) {
        const struct sysv_segment *segment = &shm->segments[i];
        struct shared_owner *row = add_row(list, SHARED_SYSV, "sysvipc/shm");
        if (!row)
            return false;
        snprintf(row->name, sizeof row->name, "shmid %" PRIu64 ", key 0x%08" PRIx32, segment->shmid,
                 (uint32_t)segment->key);
        if (segment->has_rss) {
            row->resident = amount_of(segment->rss_bytes);
            row->swap = amount_of(segment->swap_bytes);
        }
        row->mappers = segment->attach_count;
        row->unmapped = segment->attach_count == 0;
        row->creator_pid = segment->creator_pid;
        row->creator = creator_of(list->snapshot, segment->creator_pid);
        row->uid = amount_of(segment->uid);
        if (!shared_index_add(&list->segments, 0, segment->shmid, list->shared->count - 1))
            return false;
    }
    shared_index_sort(&list->segments);
    return true;
}

/* Mounts are many, devices count once: each further mount of a device shows the same blocks. */
static bool add_mounts(struct shared_list *list)
{
    const struct system_details *details = &list->snapshot->system.details;
    for (size_t i = 0; i < details->mount_count; i++) {
        const struct memory_mount *mount = &details->mounts[i];
        struct slice type = snapshot_text(list->snapshot, mount->type);
        if (!slice_equal(type, SLICE("tmpfs")) && !slice_equal(type, SLICE("devtmpfs")))
            continue;
        if (!shared_index_add(&list->mounts, mount->major, mount->minor, i))
            return false;
    }
    shared_index_sort(&list->mounts);
    size_t kept = 0;
    for (size_t i = 0; i < list->mounts.count; i++) {
        struct shared_key key = list->mounts.keys[i];
        if (kept && shared_key_compare(&list->mounts.keys[kept - 1], &key) == 0)
            continue;
        const struct memory_mount *mount = &details->mounts[key.row];
        struct shared_owner *row = add_row(list, SHARED_TMPFS, "statfs");
        if (!row)
            return false;
        name_row(row, list->snapshot, mount->point);
        row->resident = mount->used_bytes;
        key.row = list->shared->count - 1;
        list->mounts.keys[kept++] = key;
    }
    list->mounts.count = kept;
    return true;
}

static bool held_row_kind(const struct shared_list *list, const struct held_memory *held,
                          enum shared_kind *kind)
{
    switch (held->kind) {
    case HELD_MEMFD:
        *kind = SHARED_MEMFD;
        return true;
    case HELD_SHM: /* a file of a mount that is counted as a whole? */
        *kind = SHARED_FILE;
        return !shared_index_find(&list->mounts, held->major, held->minor);
    case HELD_SYSV:
        *kind = SHARED_SYSV;
        return !list->snapshot->system.has_shm;
    case HELD_GPU:
        *kind = SHARED_GPU;
        return true;
    case HELD_DMABUF: /* kernel_pools */
    case HELD_KIND_COUNT:
        break;
    }
    return false;
}

static int by_inode(const void *a, const void *b)
{
    const struct held_memory *left = *(const struct held_memory *const *)a;
    const struct held_memory *right = *(const struct held_memory *const *)b;
    struct shared_key x = {shared_device(left->major, left->minor), left->inode, 0};
    struct shared_key y = {shared_device(right->major, right->minor), right->inode, 0};
    return shared_key_compare(&x, &y);
}

static bool fold_held(struct shared_list *list, const struct held_memory **sorted, size_t count)
{
    struct shared_owner *row = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct held_memory *held = sorted[i];
        enum shared_kind kind;
        if (!held_row_kind(list, held, &kind))
            continue;
        if (i == 0 || !row || by_inode(&sorted[i - 1], &sorted[i]) != 0) {
            row = add_row(list, kind, "descriptors");
            if (!row || !shared_index_add(&list->files, shared_device(held->major, held->minor),
                                          held->inode, list->shared->count - 1))
                return false;
            name_row(row, list->snapshot, held->name);
            row->resident = held->bytes;
        }
        row->holders++;
    }
    shared_index_sort(&list->files);
    return true;
}

static bool add_held(struct shared_list *list)
{
    const struct system_details *details = &list->snapshot->system.details;
    size_t count = details->held_count;
    const struct held_memory **sorted = malloc((count + 1) * sizeof(*sorted));
    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &details->held[i];
    if (count)
        qsort(sorted, count, sizeof(*sorted), by_inode);
    bool ok = fold_held(list, sorted, count);
    free(sorted);
    return ok;
}

/* Which row an object's memory belongs to; count when it has none yet. */
static size_t row_of_object(const struct shared_list *list, const struct object_usage *usage)
{
    const struct mapped_object *object = &list->snapshot->mappings.objects[usage->object];
    const struct shared_key *key = NULL;
    if (usage->kind == OBJECT_SYSV)
        key = shared_index_find(&list->segments, 0, object->inode);
    if (!key)
        key = shared_index_find(
            &list->files, shared_device(object->device_major, object->device_minor), object->inode);
    if (!key && object->inode)
        key = shared_index_find(&list->mounts, object->device_major, object->device_minor);
    return key ? key->row : list->shared->count;
}

static bool add_object(struct shared_list *list, const struct object_usage *usage)
{
    struct shared_memory *shared = list->shared;
    size_t index = row_of_object(list, usage);
    struct shared_owner *row = index < shared->count ? &shared->rows[index] : NULL;
    bool attached = row && row->kind == SHARED_SYSV && row->mappers;
    if (!row) {
        static const enum shared_kind kinds[OBJECT_KIND_COUNT] = {[OBJECT_SYSV] = SHARED_SYSV,
                                                                  [OBJECT_MEMFD] = SHARED_MEMFD,
                                                                  [OBJECT_SHMEM] = SHARED_ANON};
        bool is_shared = usage->kind == OBJECT_SYSV || usage->kind == OBJECT_MEMFD ||
                         usage->kind == OBJECT_SHMEM;
        if (!is_shared || usage->hugetlb_bytes)
            return true;
        row = add_row(list, kinds[usage->kind], "smaps: sum of PSS");
        if (!row)
            return false;
        uint32_t name = list->snapshot->mappings.objects[usage->object].name;
        name_row(row, list->snapshot, name);
        if (strncmp(row->name, "/dev/shm/", 9) == 0)
            row->kind = SHARED_FILE;
    }
    if (!row->resident.known || strcmp(row->source, "smaps: sum of PSS") == 0)
        row->resident = amount_of(add_saturating(row->resident.bytes, usage->pss_bytes));
    row->mapped = amount_of(add_saturating(row->mapped.bytes, usage->pss_bytes));
    if (!attached)
        row->mappers = add_saturating(row->mappers, usage->sharer_count);
    return true;
}

static bool add_objects(struct shared_list *list, struct failure *why)
{
    struct objects objects;
    bool ok = true;
    if (!objects_compute(list->snapshot, NULL, NULL, &objects, why))
        return false;
    for (size_t i = 0; ok && i < objects.count; i++)
        ok = add_object(list, &objects.usages[i]);
    struct shared_memory *shared = list->shared;
    shared->has_mappings = objects.count != 0;
    for (size_t i = 0; ok && shared->has_mappings && i < shared->count; i++) {
        struct shared_owner *row = &shared->rows[i];
        if (!row->mapped.known && objects.all_mappers_read)
            row->mapped = amount_of(0);
        if (row->kind != SHARED_SYSV && objects.all_mappers_read && row->mappers == 0)
            row->unmapped = true;
    }
    objects_deinit(&objects);
    return ok;
}

static int by_resident(const void *a, const void *b)
{
    const struct shared_owner *left = a, *right = b;
    if (left->resident.bytes != right->resident.bytes)
        return left->resident.bytes > right->resident.bytes ? -1 : 1;
    int order = (int)left->kind - (int)right->kind;
    return order ? order : strcmp(left->name, right->name);
}

static void sum_rows(struct shared_memory *shared)
{
    for (size_t i = 0; i < shared->count; i++) {
        const struct shared_owner *row = &shared->rows[i];
        shared->resident_bytes = add_saturating(shared->resident_bytes, row->resident.bytes);
        shared->by_kind[row->kind] =
            add_saturating(shared->by_kind[row->kind], row->resident.bytes);
        if (row->unmapped)
            shared->unmapped_bytes = add_saturating(shared->unmapped_bytes, row->resident.bytes);
        else if (row->mapped.known)
            shared->unmapped_bytes = add_saturating(
                shared->unmapped_bytes, subtract_to_zero(row->resident.bytes, row->mapped.bytes));
    }
    if (shared->count)
        qsort(shared->rows, shared->count, sizeof *shared->rows, by_resident);
}

bool shared_memory_compute(const struct snapshot *snapshot, struct shared_memory *out,
                           struct failure *why)
{
    const struct system_details *details = &snapshot->system.details;
    struct shared_memory shared = {.has_sysv = snapshot->system.has_shm,
                                   .has_mounts = details->mount_count != 0,
                                   .has_held = details->held_count != 0};
    struct shared_list list = {.snapshot = snapshot, .shared = &shared};
    bool ok =
        add_segments(&list) && add_mounts(&list) && add_held(&list) && add_objects(&list, why);
    shared_index_deinit(&list.segments);
    shared_index_deinit(&list.files);
    shared_index_deinit(&list.mounts);
    if (!ok) {
        shared_memory_deinit(&shared);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    sum_rows(&shared);
    *out = shared;
    return true;
}

void shared_memory_deinit(struct shared_memory *shared)
{
    free(shared->rows);
    *shared = (struct shared_memory){0};
}
