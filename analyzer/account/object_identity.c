#include "analyzer/account/object_identity.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cleanup.h"

#define DELETED SLICE(" (deleted)")

bool object_is_deleted(const struct snapshot *snapshot, const struct mapped_object *object)
{
    return slice_ends(snapshot_text(snapshot, object->name), DELETED);
}

/* An object with what decides which file it is. */
struct file_entry {
    const struct mapped_object *object;
    uint32_t index;
    uint32_t
        told_by; /* besides device and inode: 0 nothing, else a name, or that it is a segment */
    bool deleted;
    struct slice name;
};

#define IS_SEGMENT UINT32_MAX

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_names(struct slice a, struct slice b)
{
    size_t both = a.length_bytes < b.length_bytes ? a.length_bytes : b.length_bytes;
    int order = both ? memcmp(a.at, b.at, both) : 0;
    return order ? order : compare(a.length_bytes, b.length_bytes);
}

static int compare_files(const struct file_entry *a, const struct file_entry *b)
{
    const int orders[] = {compare(a->object->inode, b->object->inode),
                          compare(a->object->device_major, b->object->device_major),
                          compare(a->object->device_minor, b->object->device_minor),
                          compare(a->told_by, b->told_by)};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (orders[i])
            return orders[i];
    return 0;
}

static int by_file(const void *a, const void *b)
{
    const struct file_entry *left = a, *right = b;
    int order = compare_files(left, right);
    if (!order)
        order = compare(left->deleted, right->deleted);
    return order ? order : compare_names(left->name, right->name);
}

/* A segment's shmid may be the inode of another file of the same device. */
static uint32_t told_by(const struct snapshot *snapshot, const struct mapped_object *object,
                        struct slice name)
{
    if (!object_has_inode(object) || slice_starts(name, SLICE("anon_inode:")))
        return object->name;
    return object_kind_of(snapshot, object) == OBJECT_SYSV ? IS_SEGMENT : 0;
}

/* Objects by name: the last with each string, and before each the one before it. */
struct named_list {
    uint32_t *last;   /* by string id */
    uint32_t *before; /* by object    */
};

/* Whether another file of the same device has the path now. */
static bool is_replaced(const struct snapshot *snapshot, const struct file_entry *entry,
                        const struct named_list *named)
{
    struct slice path = entry->name;
    uint32_t id;
    if (!entry->deleted || !object_has_inode(entry->object))
        return false;
    path.length_bytes -= DELETED.length_bytes;
    if (!string_pool_find(&snapshot->strings, path, &id))
        return false;
    for (uint32_t i = named->last[id]; i != NO_OBJECT; i = named->before[i]) {
        const struct mapped_object *now = &snapshot->mappings.objects[i];
        if (now->inode != entry->object->inode &&
            now->device_major == entry->object->device_major &&
            now->device_minor == entry->object->device_minor)
            return true;
    }
    return false;
}

static void link_entries(const struct snapshot *snapshot, const struct file_entry *entries,
                         size_t count, const struct named_list *named,
                         struct object_identities *identities)
{
    uint32_t first = 0;
    for (size_t i = 0; i < count; i++) {
        bool joins = i && compare_files(&entries[i - 1], &entries[i]) == 0;
        first = joins ? first : entries[i].index;
        identities->first[entries[i].index] = first;
        identities->next[entries[i].index] = NO_OBJECT;
        if (joins)
            identities->next[entries[i - 1].index] = entries[i].index;
        else
            identities->replaced[first] = is_replaced(snapshot, &entries[i], named);
    }
}

static struct file_entry *sorted_entries(const struct snapshot *snapshot)
{
    size_t count = snapshot->mappings.object_count;
    struct file_entry *entries = malloc((count + 1) * sizeof *entries);
    for (size_t i = 0; entries && i < count; i++) {
        const struct mapped_object *object = &snapshot->mappings.objects[i];
        struct slice name = snapshot_text(snapshot, object->name);
        entries[i] = (struct file_entry){.object = object,
                                         .index = (uint32_t)i,
                                         .told_by = told_by(snapshot, object, name),
                                         .deleted = object_is_deleted(snapshot, object),
                                         .name = name};
    }
    if (entries)
        qsort(entries, count, sizeof *entries, by_file);
    return entries;
}

static void fill_named(const struct snapshot *snapshot, struct named_list *named)
{
    for (size_t i = 0; i < snapshot->strings.count; i++)
        named->last[i] = NO_OBJECT;
    for (size_t i = 0; i < snapshot->mappings.object_count; i++) {
        const struct mapped_object *object = &snapshot->mappings.objects[i];
        named->before[i] = NO_OBJECT;
        if (!object_has_inode(object))
            continue;
        named->before[i] = named->last[object->name];
        named->last[object->name] = (uint32_t)i;
    }
}

bool object_identities_find(const struct snapshot *snapshot, struct object_identities *out,
                            struct failure *why)
{
    size_t count = snapshot->mappings.object_count;
    AUTO_FREE uint32_t *last = malloc((snapshot->strings.count + 1) * sizeof *last);
    AUTO_FREE uint32_t *before = malloc((count + 1) * sizeof *before);
    AUTO_FREE struct file_entry *entries = sorted_entries(snapshot);
    struct named_list named = {last, before};
    struct object_identities identities = {
        .first = malloc((count + 1) * sizeof *identities.first),
        .next = malloc((count + 1) * sizeof *identities.next),
        .replaced = calloc(count + 1, sizeof *identities.replaced),
    };
    if (!last || !before || !entries || !identities.first || !identities.next ||
        !identities.replaced) {
        object_identities_deinit(&identities);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    fill_named(snapshot, &named);
    link_entries(snapshot, entries, count, &named, &identities);
    *out = identities;
    return true;
}

void object_identities_deinit(struct object_identities *identities)
{
    free(identities->first);
    free(identities->next);
    free(identities->replaced);
    *identities = (struct object_identities){0};
}
