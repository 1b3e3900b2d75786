/* What descriptors hold: memfds and DMA buffers. */
#include "analyzer/account/shmem_sources.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"

static int compare_inode(const struct held_memory *left, const struct held_memory *right)
{
    if (left->inode != right->inode)
        return left->inode < right->inode ? -1 : 1;
    if (left->major != right->major)
        return left->major < right->major ? -1 : 1;
    return left->minor < right->minor ? -1 : left->minor > right->minor;
}

/* Of one inode the largest figure first. */
static int by_inode(const void *a, const void *b)
{
    const struct held_memory *const *left = a, *const *right = b;
    int inode = compare_inode(*left, *right);
    if (inode)
        return inode;
    if ((*left)->bytes.bytes != (*right)->bytes.bytes)
        return (*left)->bytes.bytes > (*right)->bytes.bytes ? -1 : 1;
    return (*left)->pid < (*right)->pid ? -1 : (*left)->pid > (*right)->pid;
}

/* Pointers to what descriptors of one kind hold, by inode, the largest figure of an inode first.
 * free(); NULL with *count 0 when there is none. */
static const struct held_memory **held_of_kind(struct shmem_search *search, enum held_kind kind,
                                               size_t *count)
{
    const struct system_details *details = &search->snapshot->system.details;
    *count = 0;
    if (details->held_count == 0)
        return NULL;
    const struct held_memory **held = malloc(details->held_count * sizeof *held);
    if (!held) {
        search->out_of_memory = true;
        return NULL;
    }
    for (size_t i = 0; i < details->held_count; i++)
        if (details->held[i].kind == kind && details->held[i].bytes.known)
            held[(*count)++] = &details->held[i];
    if (*count)
        qsort(held, *count, sizeof *held, by_inode);
    return held;
}

static const struct named_object *mapped_inode(const struct shmem_search *search,
                                               const struct held_memory *held)
{
    const uint64_t device[] = {held->major, held->minor};
    return named_object_of_inode(search->objects, search->object_count, NAMED_MEMFD, held->inode,
                                 device);
}

static int inode_against(const void *key, const void *row)
{
    const struct held_memory *const *held = row;
    return -compare_inode(*held, key);
}

static bool is_held(const struct held_memory **held, size_t count,
                    const struct named_object *object)
{
    const struct held_memory wanted = {
        .inode = object->inode, .major = object->device_major, .minor = object->device_minor};
    return count && bsearch(&wanted, held, count, sizeof *held, inode_against);
}

/* A memfd made of huge pages is no shared memory. It lies on a device of its own kind, on which
 * something is mapped with huge pages; one that nobody maps on a device where nobody maps anything
 * cannot be told. */
static bool is_huge_device(const struct shmem_search *search, const struct held_memory *held)
{
    for (size_t i = 0; i < search->huge_device_count; i++)
        if (search->huge_devices[i].major == held->major &&
            search->huge_devices[i].minor == held->minor)
            return true;
    return false;
}

static uint64_t add_held_memfds(struct shmem_search *search, const struct held_memory **held,
                                size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0, next; i < count; i = next) {
        uint64_t processes = 0, last = UINT64_MAX;
        for (next = i; next < count && compare_inode(held[i], held[next]) == 0; next++) {
            processes += held[next]->pid != last;
            last = held[next]->pid;
        }
        if (is_huge_device(search, held[i]))
            continue;
        const struct named_object *mapped = mapped_inode(search, held[i]);
        sum = add_saturating(sum, held[i]->bytes.bytes);
        shmem_add_owner(search, SHMEM_MEMFD, held[i]->bytes.bytes,
                        snapshot_text(search->snapshot, held[i]->name),
                        "held by pid %" PRIu64 " and %" PRIu64 " more, mapped by %" PRIu64,
                        held[i]->pid, processes - 1, mapped ? mapped->sharers : 0);
    }
    return sum;
}

/* What is held counts whole, mapped or not; what is only mapped counts by what is mapped. */
void shmem_find_memfd(struct shmem_search *search)
{
    size_t count;
    AUTO_FREE const struct held_memory **held = held_of_kind(search, HELD_MEMFD, &count);
    uint64_t in_full = add_held_memfds(search, held, count), mapped = 0;
    bool only_mapped = false;
    for (size_t i = 0; i < search->object_count; i++) {
        const struct named_object *object = &search->objects[i];
        if (object->kind != NAMED_MEMFD || object->hugetlb_bytes || is_held(held, count, object))
            continue;
        only_mapped = true;
        mapped = add_saturating(mapped, object->pss_bytes);
        shmem_add_owner(search, SHMEM_MEMFD, object->pss_bytes, shmem_object_name(search, object),
                        "mapped by %" PRIu64 " processes", object->sharers);
    }
    if (!only_mapped && search->snapshot->system.details.held_count == 0)
        return;
    uint64_t sum = add_saturating(in_full, mapped);
    shmem_set_part(search, SHMEM_MEMFD, sum,
                   add_saturating(subtract_to_zero(in_full, search->swapped_bytes), mapped),
                   count ? "descriptors: blocks of each memfd once; smaps: PSS of those only mapped"
                         : "smaps: sum of PSS of memfds");
    search->owners->parts[SHMEM_MEMFD].is_least = only_mapped;
}

void shmem_find_beside(struct shmem_search *search)
{
    size_t count;
    AUTO_FREE const struct held_memory **held = held_of_kind(search, HELD_DMABUF, &count);
    struct shmem_owners *owners = search->owners;
    for (size_t i = 0; i < search->object_count; i++)
        if (search->objects[i].kind == NAMED_DRIVER)
            owners->driver_pages_bytes =
                add_saturating(owners->driver_pages_bytes, search->objects[i].pss_bytes);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || compare_inode(held[i - 1], held[i]) != 0) {
            owners->dma_buf_bytes = add_saturating(owners->dma_buf_bytes, held[i]->bytes.bytes);
            owners->dma_bufs++;
        }
}
