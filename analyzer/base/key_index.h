/* Finds a row of an array by a number that only this row has: an open-addressing hash table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_ROW UINT32_MAX

struct key_bucket {
    uint64_t key;
    uint32_t row_plus_one; /* 0: free */
};

/* Begins as {0}. */
struct key_index {
    struct key_bucket *buckets; /* owned */
    size_t bucket_count;        /* a power of two, or 0 */
    size_t count;
};

/* The row of a key, or NO_ROW. */
uint32_t key_index_find(const struct key_index *index, uint64_t key);

/* `key` must not be in the index, `row` not be NO_ROW. False when memory ran out; nothing changed
 * then. */
bool key_index_add(struct key_index *index, uint64_t key, uint32_t row);

void key_index_deinit(struct key_index *index);
