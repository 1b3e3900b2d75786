#include "analyzer/account/shmem_sources.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"

void shmem_add_owner(struct shmem_search *search, enum shmem_part_kind kind, uint64_t bytes,
                     struct slice name, const char *format, ...)
{
    struct shmem_owners *owners = search->owners;
    if (bytes == 0)
        return;
    struct shmem_owner *owner =
        ARRAY_PUSH(owners->owners, owners->owner_count, owners->owner_capacity);
    if (!owner) {
        search->out_of_memory = true;
        return;
    }
    size_t length =
        name.length_bytes < sizeof owner->name ? name.length_bytes : sizeof owner->name - 1;
    *owner = (struct shmem_owner){.kind = kind, .bytes = bytes};
    if (length)
        memcpy(owner->name, name.at, length);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(owner->detail, sizeof owner->detail, format, arguments);
    va_end(arguments);
}

struct slice shmem_object_name(const struct shmem_search *search, const struct named_object *object)
{
    return snapshot_text(search->snapshot, search->snapshot->mappings.objects[object->object].name);
}

void shmem_set_part(struct shmem_search *search, enum shmem_part_kind kind, uint64_t bytes,
                    uint64_t low, const char *source)
{
    struct shmem_part *part = &search->owners->parts[kind];
    part->known = true;
    part->bytes = bytes;
    part->low_bytes = low < bytes ? low : bytes;
    part->high_bytes = bytes;
    snprintf(part->source, sizeof part->source, "%s", source);
}

/* The object that maps a segment: its inode is the segment's id, its name the key. */
static const struct named_object *mapped_segment(const struct shmem_search *search,
                                                 const struct sysv_segment *segment)
{
    char name[40];
    const struct named_object *object = named_object_of_inode(search->objects, search->object_count,
                                                              NAMED_SYSV, segment->shmid, NULL);
    snprintf(name, sizeof name, "/SYSV%08" PRIx32, (uint32_t)segment->key);
    return object && slice_starts(shmem_object_name(search, object), slice_of(name)) ? object
                                                                                     : NULL;
}

/* rss counts huge pages of SHM_HUGETLB segments, too, which are no shared memory. Mapped ones show
 * that; what nobody maps can be one if its size fits and huge pages are in use. */
static void add_segment(struct shmem_search *search, const struct sysv_segment *segment,
                        uint64_t *sum, uint64_t *doubtful)
{
    const struct named_object *mapped = mapped_segment(search, segment);
    if (mapped && mapped->hugetlb_bytes)
        return;
    *sum = add_saturating(*sum, segment->rss_bytes);
    if (!mapped && search->huge_page_bytes && segment->rss_bytes % search->huge_page_bytes == 0)
        *doubtful = add_saturating(*doubtful, segment->rss_bytes);
    char name[40];
    snprintf(name, sizeof name, "SysV 0x%08" PRIx32, (uint32_t)segment->key);
    shmem_add_owner(search, SHMEM_SYSV, segment->rss_bytes, slice_of(name),
                    "shmid %" PRIu64 ", %" PRIu64 " attached, created by pid %" PRIu64,
                    segment->shmid, segment->attach_count, segment->creator_pid);
}

void shmem_find_sysv(struct shmem_search *search)
{
    const struct system_state *system = &search->snapshot->system;
    uint64_t sum = 0, doubtful = 0;
    bool all = system->has_shm;
    for (size_t i = 0; system->has_shm && i < system->shm.count; i++)
        all = all && system->shm.segments[i].has_rss;
    if (all) {
        for (size_t i = 0; i < system->shm.count; i++)
            add_segment(search, &system->shm.segments[i], &sum, &doubtful);
        if (doubtful > search->hugetlb_bytes)
            doubtful = search->hugetlb_bytes;
        shmem_set_part(search, SHMEM_SYSV, sum, sum - doubtful, "sysvipc/shm: sum of rss");
        return;
    }
    bool any = false;
    for (size_t i = 0; i < search->object_count; i++) {
        const struct named_object *object = &search->objects[i];
        if (object->kind != NAMED_SYSV || object->hugetlb_bytes)
            continue;
        any = true;
        sum = add_saturating(sum, object->pss_bytes);
        shmem_add_owner(search, SHMEM_SYSV, object->pss_bytes, shmem_object_name(search, object),
                        "mapped by %" PRIu64 " processes", object->sharers);
    }
    if (any || system->has_shm) {
        shmem_set_part(search, SHMEM_SYSV, sum, sum, "smaps: sum of PSS of System V segments");
        search->owners->parts[SHMEM_SYSV].is_least = true;
    }
}

static void find_by_mappings(struct shmem_search *search, enum named_kind kind,
                             enum shmem_part_kind part, const char *source)
{
    uint64_t sum = 0;
    bool any = false;
    for (size_t i = 0; i < search->object_count; i++) {
        const struct named_object *object = &search->objects[i];
        if (object->kind != kind || object->hugetlb_bytes)
            continue;
        any = true;
        sum = add_saturating(sum, object->pss_bytes);
        shmem_add_owner(search, part, object->pss_bytes, shmem_object_name(search, object),
                        "mapped by %" PRIu64 " processes", object->sharers);
    }
    if (!any)
        return;
    shmem_set_part(search, part, sum, sum, source);
    search->owners->parts[part].is_least = true;
}

void shmem_find_shared_anon(struct shmem_search *search)
{
    find_by_mappings(search, NAMED_ANON, SHMEM_SHARED_ANON,
                     "smaps: sum of PSS of shared anonymous memory");
}

void shmem_find_gpu(struct shmem_search *search)
{
    find_by_mappings(search, NAMED_GPU, SHMEM_GPU, "smaps: sum of PSS of GPU drivers' objects");
}
