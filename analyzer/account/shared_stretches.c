#include "analyzer/account/shared_stretches.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/account/process_usage.h"
#include "analyzer/account/byte_range.h"
#include "analyzer/model/shared_address_space.h"

static const struct mapped_object *object_of(const struct snapshot *snapshot,
                                             const struct mapping *mapping)
{
    return &snapshot->mappings.objects[mapping->object];
}

bool object_is_addressed(const struct snapshot *snapshot, const struct mapped_object *object)
{
    return !object_has_inode(object) && object_kind_of(snapshot, object) != OBJECT_SPECIAL;
}

uint64_t mapping_place_start(const struct snapshot *snapshot, const struct mapping *mapping)
{
    const struct mapped_object *object = object_of(snapshot, mapping);
    if (object_is_addressed(snapshot, object))
        return mapping->start;
    return object_has_inode(object) ? mapping->offset_bytes : 0;
}

static uint64_t mapping_bytes(const struct mapping *mapping)
{
    return subtract_to_zero(mapping->end, mapping->start);
}

#define HAS_SHARED                                                                                 \
    (SMAPS_BIT(SMAPS_SHARED_CLEAN) | SMAPS_BIT(SMAPS_SHARED_DIRTY) |                               \
     SMAPS_BIT(SMAPS_SHARED_HUGETLB))

/* Places */

struct named_object {
    const struct mapped_object *object;
    uint32_t index;
    struct slice base; /* last component of the path */
};

static int by_file(const void *a, const void *b)
{
    const struct mapped_object *left = ((const struct named_object *)a)->object;
    const struct mapped_object *right = ((const struct named_object *)b)->object;
    if (left->inode != right->inode)
        return left->inode < right->inode ? -1 : 1;
    if (left->device_major != right->device_major)
        return left->device_major < right->device_major ? -1 : 1;
    if (left->device_minor != right->device_minor)
        return left->device_minor < right->device_minor ? -1 : 1;
    return left->name < right->name ? -1 : left->name > right->name;
}

static int by_base(const void *a, const void *b)
{
    const struct named_object *left = a, *right = b;
    size_t both = left->base.length_bytes < right->base.length_bytes ? left->base.length_bytes
                                                                     : right->base.length_bytes;
    int order = both ? memcmp(left->base.at, right->base.at, both) : 0;
    if (order)
        return order;
    if (left->base.length_bytes != right->base.length_bytes)
        return left->base.length_bytes < right->base.length_bytes ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

static bool same_device(const struct mapped_object *a, const struct mapped_object *b)
{
    return a->device_major == b->device_major && a->device_minor == b->device_minor;
}

static bool same_place(const struct snapshot *snapshot, const struct named_object *a,
                       const struct named_object *b)
{
    if (object_has_inode(a->object) || object_has_inode(b->object))
        return a->object->inode == b->object->inode && same_device(a->object, b->object);
    return object_is_addressed(snapshot, a->object) && object_is_addressed(snapshot, b->object);
}

/* A page of an overlay's lower layer is one page under as many devices as there are overlays. These
 * have devices without a number of their own (major 0), and the file's name is kept. */
static void mark_aliases(struct shared_stretches *stretches, struct named_object *objects,
                         size_t count)
{
    qsort(objects, count, sizeof *objects, by_base);
    for (size_t first = 0, end; first < count; first = end) {
        bool numberless = false, devices = false;
        for (end = first; end < count; end++) {
            if (objects[end].base.length_bytes != objects[first].base.length_bytes ||
                memcmp(objects[end].base.at, objects[first].base.at,
                       objects[first].base.length_bytes) != 0)
                break;
            numberless = numberless || objects[end].object->device_major == 0;
            devices = devices || !same_device(objects[end].object, objects[first].object);
        }
        for (size_t i = first; i < end && numberless && devices; i++)
            stretches->aliased[stretches->place_of_object[objects[i].index]] = true;
    }
}

static struct slice base_name(struct slice path)
{
    for (size_t i = path.length_bytes; i > 0; i--)
        if (path.at[i - 1] == '/')
            return slice_skip(path, i);
    return path;
}

static bool find_places(struct shared_stretches *stretches)
{
    const struct snapshot *snapshot = stretches->snapshot;
    size_t count = snapshot->mappings.object_count, files = 0;
    struct named_object *objects = malloc((count + 1) * sizeof *objects);
    stretches->place_of_object = malloc((count + 1) * sizeof *stretches->place_of_object);
    stretches->aliased = calloc(count + 1, sizeof *stretches->aliased);
    if (!objects || !stretches->place_of_object || !stretches->aliased) {
        free(objects);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        objects[i] =
            (struct named_object){.object = &snapshot->mappings.objects[i], .index = (uint32_t)i};
    qsort(objects, count, sizeof *objects, by_file);
    uint32_t addressed = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        uint32_t *place = &stretches->place_of_object[objects[i].index];
        if (object_is_addressed(snapshot, objects[i].object)) {
            if (addressed == UINT32_MAX)
                addressed = (uint32_t)stretches->place_count++;
            *place = addressed;
        } else if (i && same_place(snapshot, &objects[i - 1], &objects[i])) {
            *place = (uint32_t)stretches->place_count - 1;
        } else {
            *place = (uint32_t)stretches->place_count++;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (object_kind_of(snapshot, objects[i].object) == OBJECT_FILE) {
            objects[files] = objects[i];
            objects[files++].base = base_name(snapshot_text(snapshot, objects[i].object->name));
        }
    mark_aliases(stretches, objects, files);
    free(objects);
    return true;
}

/* Parts */

/* Calls for each mapping that has shared pages, each address space once: counts it, or puts it in. */
static void each_part(struct shared_stretches *stretches, size_t *next)
{
    const struct snapshot *snapshot = stretches->snapshot;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (process_repeats_address_space(snapshot, i))
            continue;
        for (size_t j = 0; j < process->mapping_count; j++) {
            size_t index = process->first_mapping + j;
            const struct mapping *mapping = &snapshot->mappings.mappings[index];
            if (!(mapping->value_mask & HAS_SHARED))
                continue;
            size_t *at = &next[stretches->place_of_object[mapping->object]];
            if (stretches->parts)
                stretches->parts[*at] =
                    (struct stretch_part){mapping_place_start(snapshot, mapping), (uint32_t)index,
                                          (uint32_t)i & INT32_MAX, false};
            ++*at;
        }
    }
}

static int by_start(const void *a, const void *b)
{
    const struct stretch_part *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return left->mapping < right->mapping ? -1 : left->mapping > right->mapping;
}

static int by_process(const void *a, const void *b)
{
    const struct stretch_part *left = a, *right = b;
    if (left->process != right->process)
        return left->process < right->process ? -1 : 1;
    return by_start(a, b);
}

/* Cuts the parts of a place, by start, into stretches: where none of them overlaps. */
static void cut_stretches(const struct snapshot *snapshot, struct stretch_part *parts, size_t count)
{
    size_t first = 0;
    uint64_t end = 0;
    for (size_t i = 0; i <= count; i++) {
        if (i == count || (i && parts[i].start >= end)) {
            qsort(parts + first, i - first, sizeof *parts, by_process);
            parts[first].begins = true;
            first = i;
        }
        if (i < count)
            end = most(
                end, add_saturating(parts[i].start,
                                    mapping_bytes(&snapshot->mappings.mappings[parts[i].mapping])));
    }
}

static bool sort_parts(struct shared_stretches *stretches)
{
    size_t places = stretches->place_count, total = 0;
    size_t *next = calloc(places + 1, sizeof *next);
    stretches->first_part = calloc(places + 1, sizeof *stretches->first_part);
    if (!next || !stretches->first_part) {
        free(next);
        return false;
    }
    each_part(stretches, next);
    for (size_t i = 0; i < places; i++) {
        size_t here = next[i];
        stretches->first_part[i] = next[i] = total;
        total += here;
    }
    stretches->first_part[places] = stretches->count = total;
    stretches->parts = malloc((total + 1) * sizeof *stretches->parts);
    if (stretches->parts)
        each_part(stretches, next);
    for (size_t i = 0; i < places && stretches->parts; i++) {
        struct stretch_part *parts = stretches->parts + stretches->first_part[i];
        size_t here = stretches->first_part[i + 1] - stretches->first_part[i];
        if (!here)
            continue;
        qsort(parts, here, sizeof *parts, by_start);
        cut_stretches(stretches->snapshot, parts, here);
    }
    free(next);
    return stretches->parts != NULL;
}

/* Kernel threads are seen from the first PID namespace only: from there, no process is hidden. */
static bool nobody_is_missing(const struct snapshot *snapshot)
{
    bool kernel_threads = false;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        struct process_usage usage;
        process_usage_compute(snapshot, &snapshot->processes[i], &usage);
        switch (usage.state) {
        case PROCESS_KERNEL_THREAD_STATE:
            kernel_threads = true;
            break;
        case PROCESS_ZOMBIE_STATE:
            break;
        case PROCESS_READ_STATE:
            if (snapshot->processes[i].mapping_count != snapshot->processes[i].smaps.blocks ||
                (usage.rss.bytes && !snapshot->processes[i].smaps.blocks))
                return false;
            break;
        default:
            return false;
        }
    }
    return kernel_threads;
}

bool shared_stretches_compute(const struct snapshot *snapshot, struct shared_stretches *out,
                              struct failure *why)
{
    struct shared_stretches stretches = {.snapshot = snapshot};
    stretches.all_mappers_read = snapshot->complete && nobody_is_missing(snapshot);
    if (snapshot->mappings.count < UINT32_MAX && snapshot->process_count < INT32_MAX &&
        find_places(&stretches) && sort_parts(&stretches)) {
        *out = stretches;
        return true;
    }
    shared_stretches_deinit(&stretches);
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void shared_stretches_deinit(struct shared_stretches *stretches)
{
    free(stretches->parts);
    free(stretches->place_of_object);
    free(stretches->first_part);
    free(stretches->aliased);
    *stretches = (struct shared_stretches){0};
}

/* KSM joins private pages without a file of any address (mm/ksm.c, ksm_madvise() refuses shared mappings). Where it
 * cannot be at work, VmFlags say so, or its counter. */
bool mapping_may_be_merged(const struct snapshot *snapshot, const struct mapping *mapping)
{
    struct slice flags = snapshot_text(snapshot, mapping->vm_flags);
    int64_t shared;
    if (mapping->permissions & SMAPS_SHARED)
        return false;
    for (size_t i = 0; i + 1 < flags.length_bytes; i += 3)
        if (flags.at[i] == 'm' && flags.at[i + 1] == 'g')
            return true;
    return !flags.length_bytes &&
           !(figure_number(snapshot, "sys/kernel/mm/ksm/pages_shared", &shared) && shared == 0);
}

static bool mapping_is_closed(const struct snapshot *snapshot, const struct mapping *mapping)
{
    return !(mapping->value_mask & SMAPS_BIT(SMAPS_NONLINEAR)) &&
           !mapping_may_be_merged(snapshot, mapping);
}

bool shared_stretches_next(const struct shared_stretches *stretches, struct stretch_cursor *cursor,
                           struct shared_stretch *out)
{
    const struct snapshot *snapshot = stretches->snapshot;
    while (cursor->place < stretches->place_count &&
           cursor->at >= stretches->first_part[cursor->place + 1])
        cursor->place++;
    if (cursor->place >= stretches->place_count)
        return false;
    const struct stretch_part *first = &stretches->parts[cursor->at];
    size_t left = stretches->first_part[cursor->place + 1] - cursor->at, count = 0;
    uint64_t start = UINT64_MAX, end = 0;
    bool closed = stretches->all_mappers_read && !stretches->aliased[cursor->place];
    for (; count < left && (count == 0 || !first[count].begins); count++) {
        const struct mapping *mapping = &snapshot->mappings.mappings[first[count].mapping];
        start = least(start, first[count].start);
        end = most(end, add_saturating(first[count].start, mapping_bytes(mapping)));
        closed = closed && mapping_is_closed(snapshot, mapping);
    }
    *out = (struct shared_stretch){.parts = first, .count = count, .size_bytes = end - start};
    out->object = snapshot->mappings.mappings[first->mapping].object;
    out->closed = closed && object_kind_of(snapshot, &snapshot->mappings.objects[out->object]) !=
                                OBJECT_DEVICE;
    cursor->at += count;
    return true;
}
