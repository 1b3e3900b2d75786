/* Rows by a pair of numbers, for shared_memory.c: filled, sorted once, then searched. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shared_key {
    uint64_t first, second;
    size_t row;
};

struct shared_index {
    struct shared_key *keys; /* owned */
    size_t count, capacity;
};

/* A device as one number; the halves of one that the kernel prints never reach 32 bits. */
static inline uint64_t shared_device(uint64_t major, uint64_t minor)
{
    return (major << 32) ^ minor;
}

int shared_key_compare(const struct shared_key *a, const struct shared_key *b);
/* False when memory ran out. */
bool shared_index_add(struct shared_index *index, uint64_t first, uint64_t second, size_t row);
void shared_index_sort(struct shared_index *index);
/* Any key of this pair, or NULL. */
const struct shared_key *shared_index_find(const struct shared_index *index, uint64_t first,
                                           uint64_t second);
void shared_index_deinit(struct shared_index *index);
