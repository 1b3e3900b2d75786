#include "analyzer/account/shmem_owners.h"

#include <stdlib.h>
#include <stdio.h>

#include "analyzer/account/shmem_sources.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/parse/system/meminfo.h"

const char *shmem_part_word(enum shmem_part_kind kind)
{
    static const char *const words[] = {"tmpfs", "gpu", "memfd", "shared_anon", "sysv"};
    return words[kind];
}

static int by_bytes(const void *a, const void *b)
{
    const struct shmem_owner *left = a, *right = b;
    if (left->bytes != right->bytes)
        return left->bytes > right->bytes ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    int by_name = strcmp(left->name, right->name);
    return by_name ? by_name : strcmp(left->detail, right->detail);
}

/* Blocks in swap are counted by statfs and by an inode, and are not in Shmem; other counts may
 * overlap. What is too much is cut, the least sure part first. */
static void cut_to(uint64_t shmem_bytes, struct shmem_owners *owners)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < SHMEM_PART_COUNT; i++)
        sum = add_saturating(sum, owners->parts[i].bytes);
    for (size_t i = 0; i < SHMEM_PART_COUNT && sum > shmem_bytes; i++) {
        struct shmem_part *part = &owners->parts[i];
        uint64_t cut = sum - shmem_bytes < part->bytes ? sum - shmem_bytes : part->bytes;
        if (cut == 0)
            continue;
        part->bytes -= cut;
        sum -= cut;
        part->low_bytes = 0;
    }
    for (size_t i = 0; i < SHMEM_PART_COUNT; i++)
        if (owners->parts[i].high_bytes > shmem_bytes)
            owners->parts[i].high_bytes = shmem_bytes;
}

static void bound_parts(uint64_t shmem_bytes, struct shmem_owners *owners)
{
    uint64_t sum = 0, low = 0, high = 0;
    for (size_t i = 0; i < SHMEM_PART_COUNT; i++)
        sum = add_saturating(sum, owners->parts[i].bytes);
    owners->other_bytes = subtract_to_zero(shmem_bytes, sum);
    for (size_t i = 0; i < SHMEM_PART_COUNT; i++) {
        struct shmem_part *part = &owners->parts[i];
        if (part->is_least)
            part->high_bytes = add_saturating(part->bytes, owners->other_bytes);
        if (part->low_bytes > part->bytes)
            part->low_bytes = part->bytes;
        low = add_saturating(low, part->low_bytes);
        high = add_saturating(high, part->high_bytes);
    }
    owners->other_low_bytes = subtract_to_zero(shmem_bytes, high);
    owners->other_high_bytes = subtract_to_zero(shmem_bytes, low);
}

/* A saturated sum can be cut wrong: then nothing is known. */
static bool sums_up(uint64_t shmem_bytes, const struct shmem_owners *owners)
{
    uint64_t sum = owners->other_bytes;
    for (size_t i = 0; i < SHMEM_PART_COUNT; i++)
        sum = add_saturating(sum, owners->parts[i].bytes);
    return sum == shmem_bytes;
}

static uint64_t swapped_bytes(const struct system_sample *now)
{
    uint64_t total, free;
    if (!field_get(&now->meminfo, MEMINFO_SWAP_TOTAL, &total) ||
        !field_get(&now->meminfo, MEMINFO_SWAP_FREE, &free))
        return 0;
    return subtract_to_zero(total, free);
}

static uint64_t huge_pages_in_use(const struct system_state *system)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < system->pool_count; i++) {
        const struct huge_page_pool *pool = &system->pools[i];
        uint64_t free = pool->free.known ? pool->free.bytes : 0;
        if (pool->node < 0 && pool->total.known)
            sum = add_saturating(sum, multiply_saturating(subtract_to_zero(pool->total.bytes, free),
                                                          pool->page_bytes));
    }
    return sum;
}

static void find_huge_devices(struct shmem_search *search)
{
    for (size_t i = 0; i < search->object_count; i++) {
        const struct named_object *object = &search->objects[i];
        struct huge_device *last =
            search->huge_device_count ? &search->huge_devices[search->huge_device_count - 1] : NULL;
        if (!object->hugetlb_bytes || search->huge_device_count == HUGE_DEVICES_MAX ||
            (last && last->major == object->device_major && last->minor == object->device_minor))
            continue;
        search->huge_devices[search->huge_device_count++] =
            (struct huge_device){object->device_major, object->device_minor};
    }
}

bool shmem_owners_find(const struct snapshot *snapshot, struct amount shmem,
                       struct shmem_owners *out, struct failure *why)
{
    struct shmem_search search = {.snapshot = snapshot, .owners = out};
    *out = (struct shmem_owners){0};
    AUTO_FREE struct named_object *objects = named_objects_find(snapshot, &search.object_count);
    search.objects = objects;
    search.swapped_bytes = swapped_bytes(&snapshot->system.now);
    search.hugetlb_bytes = huge_pages_in_use(&snapshot->system);
    if (!field_get(&snapshot->system.now.meminfo, MEMINFO_HUGE_PAGE_SIZE, &search.huge_page_bytes))
        search.huge_page_bytes = 0;
    if (objects) {
        find_huge_devices(&search);
        shmem_find_sysv(&search);
        shmem_find_tmpfs(&search);
        shmem_find_memfd(&search);
        shmem_find_shared_anon(&search);
        shmem_find_gpu(&search);
        shmem_find_beside(&search);
    }
    if (!objects || search.out_of_memory) {
        shmem_owners_deinit(out);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    if (out->owner_count)
        qsort(out->owners, out->owner_count, sizeof *out->owners, by_bytes);
    for (size_t i = 0; i < SHMEM_PART_COUNT; i++)
        out->known = out->known || out->parts[i].known;
    cut_to(shmem.bytes, out);
    bound_parts(shmem.bytes, out);
    out->known = out->known && shmem.known && sums_up(shmem.bytes, out);
    return true;
}

void shmem_owners_deinit(struct shmem_owners *owners)
{
    free(owners->owners);
    *owners = (struct shmem_owners){0};
}
