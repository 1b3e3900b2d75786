#include "analyzer/base/string_pool.h"

#include <stdlib.h>

#include "analyzer/base/array.h"

#define FIRST_BUCKETS 1024u

/* FNV-1a over words where it can: names are paths, tens of bytes long. */
static uint64_t hash_bytes(struct slice text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ text.length_bytes;
    size_t i = 0;
    for (; i + 8 <= text.length_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, text.at + i, 8);
        hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
        hash ^= hash >> 29;
    }
    for (; i < text.length_bytes; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 32);
}

struct slice string_pool_get(const struct string_pool *pool, uint32_t id)
{
    uint64_t end = id + 1 < pool->count ? pool->offsets[id + 1] : pool->used_bytes;
    return (struct slice){pool->bytes + pool->offsets[id], end - pool->offsets[id] - 1};
}

static size_t find_bucket(const struct string_pool *pool, struct slice text, bool *found)
{
    size_t mask = pool->bucket_count - 1;
    size_t i = hash_bytes(text) & mask;
    for (; pool->buckets[i]; i = (i + 1) & mask) {
        if (slice_equal(string_pool_get(pool, pool->buckets[i] - 1), text)) {
            *found = true;
            return i;
        }
    }
    *found = false;
    return i;
}

static bool grow_buckets(struct string_pool *pool)
{
    size_t wanted = pool->bucket_count ? pool->bucket_count * 2 : FIRST_BUCKETS;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    free(pool->buckets);
    pool->buckets = buckets;
    pool->bucket_count = wanted;
    for (size_t id = 0; id < pool->count; id++) {
        bool found;
        buckets[find_bucket(pool, string_pool_get(pool, (uint32_t)id), &found)] = (uint32_t)id + 1;
    }
    return true;
}

static bool append_bytes(struct string_pool *pool, struct slice text)
{
    size_t needed = pool->used_bytes + text.length_bytes + 1;
    if (needed > pool->capacity_bytes) {
        size_t wanted = pool->capacity_bytes ? pool->capacity_bytes : 4096;
        while (wanted < needed)
            wanted *= 2;
        char *grown = realloc(pool->bytes, wanted);
        if (!grown)
            return false;
        pool->bytes = grown;
        pool->capacity_bytes = wanted;
    }
    if (text.length_bytes)
        memcpy(pool->bytes + pool->used_bytes, text.at, text.length_bytes);
    pool->bytes[needed - 1] = '\0';
    pool->used_bytes = needed;
    return true;
}

bool string_pool_add(struct string_pool *pool, struct slice text, uint32_t *id)
{
    bool found;
    size_t bucket = find_bucket(pool, text, &found);
    if (found) {
        *id = pool->buckets[bucket] - 1;
        return true;
    }
    if (pool->count >= UINT32_MAX - 1)
        return false;
    uint64_t start = pool->used_bytes;
    if (!array_reserve((void **)&pool->offsets, &pool->capacity, pool->count,
                       sizeof *pool->offsets) ||
        !append_bytes(pool, text))
        return false;
    pool->offsets[pool->count] = start;
    *id = (uint32_t)pool->count++;
    pool->buckets[bucket] = *id + 1;
    return pool->count * 4 < pool->bucket_count * 3 || grow_buckets(pool);
}

bool string_pool_find(const struct string_pool *pool, struct slice text, uint32_t *id)
{
    bool found;
    size_t bucket = find_bucket(pool, text, &found);
    if (found)
        *id = pool->buckets[bucket] - 1;
    return found;
}

bool string_pool_init(struct string_pool *pool)
{
    *pool = (struct string_pool){0};
    uint32_t id;
    if (grow_buckets(pool) && string_pool_add(pool, SLICE(""), &id))
        return true;
    string_pool_deinit(pool);
    return false;
}

void string_pool_deinit(struct string_pool *pool)
{
    free(pool->bytes);
    free(pool->offsets);
    free(pool->buckets);
    *pool = (struct string_pool){0};
}
