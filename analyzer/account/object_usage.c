#include "analyzer/account/object_usage.h"

#include <stdlib.h>

#include "analyzer/account/byte_range.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/shared_stretches.h"
#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"

#define HAS_SHARED (SMAPS_BIT(SMAPS_SHARED_CLEAN) | SMAPS_BIT(SMAPS_SHARED_DIRTY))

#define HAS_HUGETLB (SMAPS_BIT(SMAPS_SHARED_HUGETLB) | SMAPS_BIT(SMAPS_PRIVATE_HUGETLB))

/* The kernel counts swapped shared memory whole in Swap of each mapper, and not in SwapPss. */
static void add_swap(struct object_sharer *sharer, uint64_t swap_bytes, uint64_t swap_pss_bytes,
                     bool has_swap_pss)
{
    bool is_shmem = has_swap_pss && swap_pss_bytes == 0;
    sharer->swap_bytes = add_saturating(sharer->swap_bytes, swap_bytes);
    if (is_shmem)
        sharer->swap_shmem_bytes = add_saturating(sharer->swap_shmem_bytes, swap_bytes);
    else
        sharer->swap_pss_bytes =
            add_saturating(sharer->swap_pss_bytes, has_swap_pss ? swap_pss_bytes : swap_bytes);
}

static void add_huge(struct object_sharer *sharer, uint64_t private_bytes, uint64_t shared_bytes)
{
    sharer->hugetlb_bytes =
        add_saturating(sharer->hugetlb_bytes, add_saturating(private_bytes, shared_bytes));
    sharer->huge_private_bytes = add_saturating(sharer->huge_private_bytes, private_bytes);
    sharer->huge_largest_bytes = most(sharer->huge_largest_bytes, shared_bytes);
}

static void add_mapping(struct object_sharer *sharer, const struct mapping_store *store,
                        const struct mapping *mapping, bool has_swap_pss)
{
    uint64_t value[SMAPS_FIELD_COUNT];
    mapping_values(store, mapping, value);
    sharer->mappings++;
    sharer->rounded_mappings += (mapping->value_mask & HAS_SHARED) != 0;
    sharer->size_bytes = add_saturating(sharer->size_bytes, value[SMAPS_SIZE]);
    sharer->rss_bytes = add_saturating(sharer->rss_bytes, value[SMAPS_RSS]);
    sharer->pss_bytes = add_saturating(sharer->pss_bytes, value[SMAPS_PSS]);
    sharer->uss_bytes = add_saturating(
        sharer->uss_bytes, add_saturating(value[SMAPS_PRIVATE_CLEAN], value[SMAPS_PRIVATE_DIRTY]));
    add_swap(sharer, value[SMAPS_SWAP], value[SMAPS_SWAP_PSS], has_swap_pss);
    add_huge(sharer, value[SMAPS_PRIVATE_HUGETLB], value[SMAPS_SHARED_HUGETLB]);
}

/* One sharer for each (process, object): `slot` holds, for each object, index + 1 of the last
 * sharer made for it, which is this process's if it was made since `first`. */
static bool add_process(const struct snapshot *snapshot, uint32_t index, uint32_t *slot,
                        struct objects *objects)
{
    const struct process *process = &snapshot->processes[index];
    bool has_swap_pss = process->smaps.present & SMAPS_BIT(SMAPS_SWAP_PSS);
    size_t first = objects->sharer_count;
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapping *mapping = &snapshot->mappings.mappings[process->first_mapping + i];
        uint32_t object = objects->identities.first[mapping->object];
        if (slot[object] <= first) {
            struct object_sharer *added =
                ARRAY_PUSH(objects->sharers, objects->sharer_count, objects->sharer_capacity);
            if (!added || objects->sharer_count > UINT32_MAX - 1)
                return false;
            added->process = index;
            added->object = object;
            slot[object] = (uint32_t)objects->sharer_count;
        }
        struct object_sharer *sharer = &objects->sharers[slot[object] - 1];
        add_mapping(sharer, &snapshot->mappings, mapping, has_swap_pss);
        sharer->may_be_merged = sharer->may_be_merged || ((mapping->value_mask & HAS_SHARED) &&
                                                          mapping_may_be_merged(snapshot, mapping));
    }
    return true;
}

static int by_object(const void *a, const void *b)
{
    const struct object_sharer *left = a, *right = b;
    if (left->object != right->object)
        return left->object < right->object ? -1 : 1;
    return left->process < right->process ? -1 : left->process > right->process;
}

static int by_pss(const void *a, const void *b)
{
    const struct object_usage *left = a, *right = b;
    if (left->pss_bytes != right->pss_bytes)
        return left->pss_bytes > right->pss_bytes ? -1 : 1;
    if (left->hugetlb_bytes != right->hugetlb_bytes)
        return left->hugetlb_bytes > right->hugetlb_bytes ? -1 : 1;
    if (left->size_bytes != right->size_bytes)
        return left->size_bytes > right->size_bytes ? -1 : 1;
    return left->object < right->object ? -1 : left->object > right->object;
}

static void begin_usage(const struct snapshot *snapshot, const struct objects *objects,
                        struct object_usage *usage, size_t first_sharer)
{
    uint32_t object = objects->sharers[first_sharer].object;
    const struct mapped_object *mapped = &snapshot->mappings.objects[object];
    *usage = (struct object_usage){.object = object,
                                   .kind = object_kind_of(snapshot, mapped),
                                   .deleted = object_is_deleted(snapshot, mapped),
                                   .replaced = objects->identities.replaced[object],
                                   .first_sharer = first_sharer};
}

static bool fold_sharers(const struct snapshot *snapshot, struct objects *objects)
{
    if (objects->sharer_count)
        qsort(objects->sharers, objects->sharer_count, sizeof *objects->sharers, by_object);
    objects->usages = malloc((snapshot->mappings.object_count + 1) * sizeof *objects->usages);
    if (!objects->usages)
        return false;
    for (size_t i = 0; i < objects->sharer_count; i++) {
        const struct object_sharer *sharer = &objects->sharers[i];
        if (i == 0 || sharer->object != objects->sharers[i - 1].object)
            begin_usage(snapshot, objects, &objects->usages[objects->count++], i);
        struct object_usage *usage = &objects->usages[objects->count - 1];
        usage->sharer_count++;
        usage->mappings += sharer->mappings;
        usage->rounded_mappings += sharer->rounded_mappings;
        usage->may_be_merged = usage->may_be_merged || sharer->may_be_merged;
        usage->size_bytes = add_saturating(usage->size_bytes, sharer->size_bytes);
        usage->rss_bytes = add_saturating(usage->rss_bytes, sharer->rss_bytes);
        usage->pss_bytes = add_saturating(usage->pss_bytes, sharer->pss_bytes);
        usage->uss_bytes = add_saturating(usage->uss_bytes, sharer->uss_bytes);
        usage->swap_bytes = add_saturating(usage->swap_bytes, sharer->swap_bytes);
        usage->swap_pss_bytes = add_saturating(usage->swap_pss_bytes, sharer->swap_pss_bytes);
        if (sharer->swap_shmem_bytes > usage->swap_shmem_bytes)
            usage->swap_shmem_bytes = sharer->swap_shmem_bytes;
        usage->hugetlb_bytes = add_saturating(usage->hugetlb_bytes, sharer->hugetlb_bytes);
        usage->resident_bytes = usage->pss_bytes;
        /* A huge page file system may be mounted anywhere: what is mapped tells. */
        if (usage->kind == OBJECT_FILE && usage->hugetlb_bytes)
            usage->kind = OBJECT_HUGETLB;
    }
    qsort(objects->usages, objects->count, sizeof *objects->usages, by_pss);
    return true;
}

static bool is_read(const struct snapshot *snapshot, const struct process *process)
{
    struct process_usage usage;
    process_usage_compute(snapshot, process, &usage);
    if (usage.state == PROCESS_READ_STATE) /* the rollup alone tells no mapping */
        return process->smaps.blocks || !usage.rss.bytes;
    return process_usage_has_none(&usage);
}

bool objects_all_mappers_read(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->process_count; i++)
        if (!is_read(snapshot, &snapshot->processes[i]))
            return false;
    return true;
}

static bool add_processes(const struct snapshot *snapshot, process_filter filter, void *context,
                          struct objects *objects)
{
    AUTO_FREE uint32_t *slot = calloc(snapshot->mappings.object_count + 1, sizeof *slot);
    AUTO_FREE bool *counted = calloc(snapshot->process_count + 1, sizeof *counted);
    bool ok = slot && counted;
    for (size_t i = 0; ok && i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        size_t space = process->address_space ? process->address_space - 1 : i;
        if (filter && !filter(context, snapshot, process)) {
            objects->all_mappers_read = false;
            continue;
        }
        objects->hugetlb_told = objects->hugetlb_told || (process->smaps.present & HAS_HUGETLB);
        ok = counted[space] || add_process(snapshot, (uint32_t)i, slot, objects);
        counted[space] = true;
    }
    return ok;
}

/* Kernel threads are seen from the first PID namespace only: from there, no process is hidden. */
static bool nobody_is_hidden(const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->process_count; i++)
        if (process_is_kernel_thread(&snapshot->processes[i]))
            return snapshot->complete;
    return false;
}

bool objects_compute(const struct snapshot *snapshot, process_filter filter, void *context,
                     struct objects *out, struct failure *why)
{
    struct objects objects = {.all_mappers_read = objects_all_mappers_read(snapshot)};
    if (!object_identities_find(snapshot, &objects.identities, why))
        return false;
    if (add_processes(snapshot, filter, context, &objects) && fold_sharers(snapshot, &objects)) {
        objects.all_mappers_known = objects.all_mappers_read && nobody_is_hidden(snapshot);
        *out = objects;
        return true;
    }
    objects_deinit(&objects);
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void objects_deinit(struct objects *objects)
{
    free(objects->usages);
    free(objects->sharers);
    object_identities_deinit(&objects->identities);
    *objects = (struct objects){0};
}
