/* Interned byte strings: equal strings get equal ids, and each is stored once. Ids count from
 * 0 and stay valid until the pool is freed; id 0 is always the empty string. */
#pragma once

#include "analyzer/base/slice.h"

struct string_pool {
    char *bytes; /* all strings one after the other, each followed by a NUL */
    size_t used_bytes, capacity_bytes;
    uint64_t *offsets;      /* offsets[id]: where string `id` begins in `bytes`         */
    size_t count, capacity; /* of offsets                                               */
    uint32_t *buckets;      /* open addressing, id + 1, 0 is free                       */
    size_t bucket_count;    /* a power of two                                           */
};

/* False when memory ran out. On success the pool holds "" as id 0. */
bool string_pool_init(struct string_pool *pool);
void string_pool_deinit(struct string_pool *pool);

/* The id of `text`, added if new. False when memory ran out (or 2^32 strings were reached). */
bool string_pool_add(struct string_pool *pool, struct slice text, uint32_t *id);

/* The id of `text` if the pool has it. False, *id unchanged, if not. */
bool string_pool_find(const struct string_pool *pool, struct slice text, uint32_t *id);

/* The string `id`. Borrowed until the next string_pool_add(); NUL-terminated as well. */
struct slice string_pool_get(const struct string_pool *pool, uint32_t id);
