#include "analyzer/account/named_objects.h"

#include <stdlib.h>

#include "analyzer/account/object_usage.h"
#include "analyzer/base/checked_math.h"

/* By the start of the name; the first match wins. bpf-map is not here: such pages are vmalloc. */
static const struct name_rule {
    const char *start;
    enum named_kind kind;
} name_rules[] = {
    {"/dev/zero (deleted)",     NAMED_ANON  },
    {"/dev/zero",               NAMED_NOT   }, /* a private mapping of it is anonymous memory */
    {"[anon_shmem:",            NAMED_ANON  },
    {"/dev/shm/",               NAMED_TMPFS },
    {"/dev/hugepages/",         NAMED_HUGE  },
    {"/anon_hugepage",          NAMED_HUGE  },
    {"/memfd:",                 NAMED_MEMFD },
    {"/SYSV",                   NAMED_SYSV  },
    {"/i915",                   NAMED_GPU   },
    {"/drm mm object",          NAMED_GPU   },
    {"/dev/",                   NAMED_DRIVER},
    {"socket:",                 NAMED_DRIVER},
    {"anon_inode:[io_uring]",   NAMED_DRIVER},
    {"anon_inode:[perf_event]", NAMED_DRIVER},
    {"anon_inode:kvm-vcpu",     NAMED_DRIVER},
};

static enum named_kind kind_of(const struct snapshot *snapshot, const struct shared_index *mounts,
                               const struct mapped_object *object)
{
    struct slice name = snapshot_text(snapshot, object->name);
    for (size_t i = 0; i < sizeof name_rules / sizeof name_rules[0]; i++)
        if (slice_starts(name, slice_of(name_rules[i].start)))
            return name_rules[i].kind;
    bool is_mounted =
        object->inode && shared_index_find(mounts, object->device_major, object->device_minor);
    return is_mounted ? NAMED_TMPFS : NAMED_NOT;
}

/* What of the mapping is no copy of its own: private copies are anonymous memory. */
static void add_mapping(const struct mapping_store *store, const struct mapping *mapping,
                        bool is_collector, struct named_object *object)
{
    uint64_t value[SMAPS_FIELD_COUNT];
    mapping_values(store, mapping, value);
    uint64_t pss_bytes = mapping->permissions & SMAPS_SHARED
                             ? value[SMAPS_PSS]
                             : subtract_to_zero(value[SMAPS_PSS], value[SMAPS_ANONYMOUS]);
    object->mappings++;
    object->pss_bytes = add_saturating(object->pss_bytes, pss_bytes);
    if (is_collector)
        object->collector_bytes = add_saturating(object->collector_bytes, pss_bytes);
    object->hugetlb_bytes =
        add_saturating(object->hugetlb_bytes,
                       add_saturating(value[SMAPS_PRIVATE_HUGETLB], value[SMAPS_SHARED_HUGETLB]));
}

static void add_process(const struct snapshot *snapshot, const struct process *process,
                        size_t number, struct named_object *objects, size_t *last_sharer)
{
    bool is_collector = snapshot_is_collector(snapshot, process);
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapping *mapping = &snapshot->mappings.mappings[process->first_mapping + i];
        struct named_object *object = &objects[mapping->object];
        if (object->kind == NAMED_NOT)
            continue;
        add_mapping(&snapshot->mappings, mapping, is_collector, object);
        if (last_sharer[mapping->object] != number)
            object->sharers++;
        last_sharer[mapping->object] = number;
    }
}

/* Shares add up to no more than the pages that are shared, and pages are whole. */
static void round_up_to_pages(const struct snapshot *snapshot, struct named_object *objects,
                              size_t count)
{
    uint64_t page;
    if (!snapshot_page_size(snapshot, &page) || page == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        uint64_t part = objects[i].pss_bytes % page;
        if (part)
            objects[i].pss_bytes = add_saturating(objects[i].pss_bytes, page - part);
    }
}

/* -1, 0 or 1. */
static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_inode(const void *a, const void *b)
{
    const struct named_object *left = a, *right = b;
    const int orders[] = {compare(left->kind, right->kind), compare(left->inode, right->inode),
                          compare(left->device_major, right->device_major),
                          compare(left->device_minor, right->device_minor)};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (orders[i])
            return orders[i];
    return compare(left->object, right->object);
}

struct named_object *named_objects_find(const struct snapshot *snapshot,
                                        const struct shared_index *mounts, size_t *count)
{
    size_t all = snapshot->mappings.object_count;
    struct named_object *objects = calloc(all + 1, sizeof *objects);
    size_t *last_sharer = calloc(all + 1, sizeof *last_sharer);
    *count = 0;
    if (objects && last_sharer) {
        for (size_t i = 0; i < all; i++) {
            objects[i].object = (uint32_t)i;
            objects[i].kind = kind_of(snapshot, mounts, &snapshot->mappings.objects[i]);
            objects[i].inode = snapshot->mappings.objects[i].inode;
            objects[i].device_major = snapshot->mappings.objects[i].device_major;
            objects[i].device_minor = snapshot->mappings.objects[i].device_minor;
        }
        for (size_t i = 0; i < snapshot->process_count; i++)
            add_process(snapshot, &snapshot->processes[i], i + 1, objects, last_sharer);
        for (size_t i = 0; i < all; i++)
            if (objects[i].kind != NAMED_NOT && objects[i].mappings)
                objects[(*count)++] = objects[i];
        round_up_to_pages(snapshot, objects, *count);
        if (*count)
            qsort(objects, *count, sizeof *objects, by_inode);
    } else {
        free(objects);
        objects = NULL;
    }
    free(last_sharer);
    return objects;
}
