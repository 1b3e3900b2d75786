#include "analyzer/model/mapping_store.h"

#include <stdlib.h>

#include "analyzer/base/array.h"

#define VARINT_BYTES_MAX 10
#define FIRST_BUCKETS    1024u
#define FIRST_CAPACITY   4096u /* mappings, or bytes of values */
#define NOT_STORED       (SMAPS_BIT(SMAPS_KERNEL_PAGE_SIZE) | SMAPS_BIT(SMAPS_MMU_PAGE_SIZE))

bool mapping_store_init(struct mapping_store *store)
{
    *store = (struct mapping_store){.last_object = UINT32_MAX};
    store->object_buckets = calloc(FIRST_BUCKETS, sizeof *store->object_buckets);
    store->object_bucket_count = store->object_buckets ? FIRST_BUCKETS : 0;
    return store->object_buckets != NULL;
}

void mapping_store_deinit(struct mapping_store *store)
{
    free(store->mappings);
    free(store->values);
    free(store->objects);
    free(store->object_buckets);
    *store = (struct mapping_store){0};
}

static uint64_t object_hash(const struct mapped_object *object)
{
    uint64_t hash = object->inode * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= ((uint64_t)object->device_major << 32 | object->device_minor) *
            UINT64_C(0xc2b2ae3d27d4eb4f);
    hash ^= object->name * UINT64_C(0x165667b19e3779f9);
    return hash ^ (hash >> 31);
}

static bool object_equal(const struct mapped_object *a, const struct mapped_object *b)
{
    return a->inode == b->inode && a->name == b->name && a->device_major == b->device_major &&
           a->device_minor == b->device_minor;
}

static bool grow_object_buckets(struct mapping_store *store)
{
    size_t wanted = store->object_bucket_count * 2;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    for (size_t i = 0; i < store->object_count; i++) {
        size_t at = object_hash(&store->objects[i]) & (wanted - 1);
        while (buckets[at])
            at = (at + 1) & (wanted - 1);
        buckets[at] = (uint32_t)i + 1;
    }
    free(store->object_buckets);
    store->object_buckets = buckets;
    store->object_bucket_count = wanted;
    return true;
}

/* The index of an object equal to *wanted, added if there is none. */
static bool intern_object(struct mapping_store *store, const struct mapped_object *wanted,
                          uint32_t *index)
{
    size_t mask = store->object_bucket_count - 1;
    size_t at = object_hash(wanted) & mask;
    for (; store->object_buckets[at]; at = (at + 1) & mask) {
        *index = store->object_buckets[at] - 1;
        if (object_equal(&store->objects[*index], wanted))
            return true;
    }
    if (store->object_count >= UINT32_MAX - 1)
        return false;
    struct mapped_object *slot =
        ARRAY_PUSH(store->objects, store->object_count, store->object_capacity);
    if (!slot)
        return false;
    *slot = *wanted;
    *index = (uint32_t)store->object_count - 1;
    store->object_buckets[at] = *index + 1;
    return store->object_count * 4 < store->object_bucket_count * 3 || grow_object_buckets(store);
}

static bool find_object(struct mapping_store *store, struct string_pool *strings,
                        const struct smaps_mapping *block, uint32_t *index)
{
    if (store->last_object != UINT32_MAX) {
        const struct mapped_object *last = &store->objects[store->last_object];
        if (last->inode == block->inode && last->device_major == block->device_major &&
            last->device_minor == block->device_minor &&
            slice_equal(string_pool_get(strings, last->name), block->name)) {
            *index = store->last_object;
            return true;
        }
    }
    struct mapped_object wanted = {.inode = block->inode,
                                   .device_major = block->device_major,
                                   .device_minor = block->device_minor};
    if (!string_pool_add(strings, block->name, &wanted.name) ||
        !intern_object(store, &wanted, index))
        return false;
    store->last_object = *index;
    return true;
}

static bool find_flags(struct mapping_store *store, struct string_pool *strings, struct slice flags,
                       uint32_t *id)
{
    if (!slice_equal(string_pool_get(strings, store->last_flags_id), flags) &&
        !string_pool_add(strings, flags, &store->last_flags_id))
        return false;
    *id = store->last_flags_id;
    return true;
}

static uint8_t page_log2(const struct smaps_mapping *block, enum smaps_field field)
{
    uint64_t bytes = block->value_bytes[field];
    if (!(block->present & SMAPS_BIT(field)) || bytes == 0)
        return MAPPING_NO_PAGE_SIZE;
    return (uint8_t)(63 - __builtin_clzll(bytes));
}

static size_t varint_put(uint8_t *to, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        to[n++] = (uint8_t)(value | 0x80);
    to[n++] = (uint8_t)value;
    return n;
}

static const uint8_t *varint_get(const uint8_t *from, uint64_t *value)
{
    *value = *from & 0x7f;
    for (unsigned shift = 7; *from & 0x80; shift += 7)
        *value |= (uint64_t)(*++from & 0x7f) << shift;
    return from + 1;
}

/* Doubling would hold up to twice what is used, and with it more than the budget: what is large
 * already grows by a quarter. */
static size_t grown_capacity(size_t capacity)
{
    return capacity < FIRST_CAPACITY ? FIRST_CAPACITY : capacity + capacity / 4;
}

static bool reserve_mapping(struct mapping_store *store)
{
    size_t bytes, wanted = grown_capacity(store->capacity);
    if (store->count < store->capacity)
        return true;
    if (__builtin_mul_overflow(wanted, sizeof *store->mappings, &bytes))
        return false;
    struct mapping *grown = realloc(store->mappings, bytes);
    if (!grown)
        return false;
    store->mappings = grown;
    store->capacity = wanted;
    return true;
}

static bool reserve_values(struct mapping_store *store)
{
    size_t needed = store->values_used + SMAPS_FIELD_COUNT * VARINT_BYTES_MAX;
    if (needed <= store->values_capacity)
        return true;
    size_t wanted = grown_capacity(store->values_capacity);
    uint8_t *grown = realloc(store->values, wanted);
    if (!grown)
        return false;
    store->values = grown;
    store->values_capacity = wanted;
    return true;
}

/* Size is end - start but for old stacks, whose guard page the header leaves out. */
static uint32_t fields_to_store(const struct smaps_mapping *block)
{
    uint32_t mask = block->present & ~(uint32_t)NOT_STORED;
    if (block->value_bytes[SMAPS_SIZE] == block->end - block->start)
        mask &= ~SMAPS_BIT(SMAPS_SIZE);
    uint32_t stored = 0;
    for (uint32_t left = mask; left; left &= left - 1) {
        unsigned field = (unsigned)__builtin_ctz(left);
        if (block->value_bytes[field])
            stored |= SMAPS_BIT(field);
    }
    return stored;
}

bool mapping_store_add(struct mapping_store *store, struct string_pool *strings,
                       const struct smaps_mapping *block)
{
    uint32_t object, flags;
    if (!find_object(store, strings, block, &object) ||
        !find_flags(store, strings, block->vm_flags, &flags) || !reserve_values(store) ||
        !reserve_mapping(store))
        return false;
    struct mapping *mapping = &store->mappings[store->count++];
    *mapping = (struct mapping){
        .start = block->start,
        .end = block->end,
        .offset_bytes = block->offset_bytes,
        .values_at = store->values_used,
        .object = object,
        .vm_flags = flags,
        .value_mask = fields_to_store(block),
        .permissions = block->permissions,
        .thp_eligible = block->thp_eligible,
        .kernel_page_log2 = page_log2(block, SMAPS_KERNEL_PAGE_SIZE),
        .mmu_page_log2 = page_log2(block, SMAPS_MMU_PAGE_SIZE),
    };
    for (uint32_t left = mapping->value_mask; left; left &= left - 1)
        store->values_used += varint_put(store->values + store->values_used,
                                         block->value_bytes[__builtin_ctz(left)] / 1024);
    return true;
}

void mapping_values(const struct mapping_store *store, const struct mapping *mapping,
                    uint64_t value_bytes[SMAPS_FIELD_COUNT])
{
    memset(value_bytes, 0, SMAPS_FIELD_COUNT * sizeof *value_bytes);
    value_bytes[SMAPS_SIZE] = mapping->end - mapping->start;
    if (mapping->kernel_page_log2 != MAPPING_NO_PAGE_SIZE)
        value_bytes[SMAPS_KERNEL_PAGE_SIZE] = UINT64_C(1) << mapping->kernel_page_log2;
    if (mapping->mmu_page_log2 != MAPPING_NO_PAGE_SIZE)
        value_bytes[SMAPS_MMU_PAGE_SIZE] = UINT64_C(1) << mapping->mmu_page_log2;
    const uint8_t *from = store->values + mapping->values_at;
    for (uint32_t left = mapping->value_mask; left; left &= left - 1) {
        uint64_t kib;
        from = varint_get(from, &kib);
        value_bytes[__builtin_ctz(left)] = kib * 1024;
    }
}

const char *mapping_mode(const struct mapping *mapping)
{
    static const char modes[16][5] = {"---p", "r--p", "-w-p", "rw-p", "--xp", "r-xp",
                                      "-wxp", "rwxp", "---s", "r--s", "-w-s", "rw-s",
                                      "--xs", "r-xs", "-wxs", "rwxs"};
    return modes[mapping->permissions & 15];
}

uint64_t mapping_store_bytes(const struct mapping_store *store)
{
    return store->capacity * sizeof *store->mappings + store->values_capacity +
           store->object_capacity * sizeof *store->objects +
           store->object_bucket_count * sizeof *store->object_buckets;
}

bool mapping_name_tells_owner(struct slice name)
{
    static const char *const starts[] = {"/memfd:",      "/SYSV",          "/dev/",
                                         "[anon_shmem:", "socket:",        "anon_inode:",
                                         "/i915",        "/drm mm object", "/anon_hugepage"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (slice_starts(name, slice_of(starts[i])))
            return true;
    return false;
}
