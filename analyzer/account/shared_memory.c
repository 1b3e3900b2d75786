#include "analyzer/account/shared_memory.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/account/object_usage.h"
#include "analyzer/account/shared_sources.h"
#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/parse/system/meminfo.h"

static const char *const kind_words[] = {
#define SHARED_WORD(constant, word, line) [SHARED_##constant] = word,
    SHARED_KINDS(SHARED_WORD)
#undef SHARED_WORD
};

static const char *const line_words[] = {
#define SHARED_WORD(constant, word, line) [SHARED_##constant] = line,
    SHARED_KINDS(SHARED_WORD)
#undef SHARED_WORD
};

const char *shared_kind_word(enum shared_kind kind)
{
    return kind_words[kind];
}

const char *shared_line_word(enum shared_kind kind)
{
    return line_words[kind];
}

const char *creator_state_word(enum creator_state state)
{
    return state == CREATOR_LIVES ? "alive" : state == CREATOR_GONE ? "gone" : NULL;
}

struct shared_owner *shared_add_row(struct shared_search *search, enum shared_kind kind,
                                    const char *source)
{
    struct shared_memory *shared = search->shared;
    struct shared_owner *row = ARRAY_PUSH(shared->rows, shared->count, shared->capacity);
    if (row) {
        row->kind = kind;
        row->source = source;
    }
    return row;
}

void shared_name_row(struct shared_owner *row, struct slice name)
{
    size_t most = sizeof row->name - 1;
    if (name.length_bytes < most)
        most = name.length_bytes;
    if (most)
        memcpy(row->name, name.at, most);
    row->name[most] = '\0';
}

static void find_huge_devices(struct shared_search *search)
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

static bool add_rows(struct shared_search *search)
{
    if (!field_get(&search->snapshot->system.now.meminfo, MEMINFO_HUGE_PAGE_SIZE,
                   &search->huge_page_bytes))
        search->huge_page_bytes = 0;
    if (!shared_add_segments(search) || !shared_add_mounts(search))
        return false;
    AUTO_FREE struct named_object *objects =
        named_objects_find(search->snapshot, &search->mounts, &search->object_count);
    if (!objects)
        return false;
    search->objects = objects;
    find_huge_devices(search);
    return shared_add_held(search) && shared_add_mapped(search);
}

/* That nobody maps a row is known only where all processes were read. */
static void find_unmapped(const struct snapshot *snapshot, struct shared_memory *shared)
{
    if (!shared->has_mappings || !objects_all_mappers_read(snapshot))
        return;
    for (size_t i = 0; i < shared->count; i++) {
        struct shared_owner *row = &shared->rows[i];
        if (!row->mapped.known)
            row->mapped = amount_of(0);
        if (row->kind != SHARED_SYSV && row->mappers == 0)
            row->unmapped = true;
    }
}

static int by_resident(const void *a, const void *b)
{
    const struct shared_owner *left = a, *right = b;
    if (left->resident.bytes != right->resident.bytes)
        return left->resident.bytes > right->resident.bytes ? -1 : 1;
    int order = (int)left->kind - (int)right->kind;
    return order ? order : strcmp(left->name, right->name);
}

static void sort_rows(struct shared_memory *shared)
{
    if (shared->count)
        qsort(shared->rows, shared->count, sizeof *shared->rows, by_resident);
}

static void sum_rows(struct shared_memory *shared)
{
    for (size_t i = 0; i < shared->count; i++) {
        const struct shared_owner *row = &shared->rows[i];
        shared->resident_bytes = add_saturating(shared->resident_bytes, row->resident.bytes);
        if (row->unmapped)
            shared->unmapped_bytes = add_saturating(shared->unmapped_bytes, row->resident.bytes);
        else if (row->mapped.known)
            shared->unmapped_bytes = add_saturating(
                shared->unmapped_bytes, subtract_to_zero(row->resident.bytes, row->mapped.bytes));
    }
}

/* Lists of descriptors without anything that holds memory have been looked at as well. */
static bool are_sizes_known(const struct system_details *details)
{
    if (details->held_count == 0)
        return details->pipes.known;
    for (size_t i = 0; i < details->held_count; i++)
        if (details->held[i].bytes.known)
            return true;
    return false;
}

bool shared_memory_compute(const struct snapshot *snapshot, struct shared_memory *out,
                           struct failure *why)
{
    const struct system_details *details = &snapshot->system.details;
    struct shared_memory shared = {.has_sysv = snapshot->system.has_shm,
                                   .has_held = are_sizes_known(details),
                                   .has_mappings = snapshot->mappings.count != 0};
    struct shared_search search = {.snapshot = snapshot, .shared = &shared};
    bool ok = add_rows(&search);
    shared.has_mounts = search.mounts.count != 0;
    shared_index_deinit(&search.segments);
    shared_index_deinit(&search.files);
    shared_index_deinit(&search.mounts);
    if (!ok) {
        shared_memory_deinit(&shared);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    find_unmapped(snapshot, &shared);
    sort_rows(&shared);
    shared_sum_parts(snapshot, &shared);
    sort_rows(&shared); /* some may have been cut */
    sum_rows(&shared);
    *out = shared;
    return true;
}

void shared_memory_deinit(struct shared_memory *shared)
{
    free(shared->rows);
    *shared = (struct shared_memory){0};
}
