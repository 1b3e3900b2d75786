/* A set of inode numbers, to count each object once however many descriptors refer to it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inode_set {
    uint64_t *slots; /* open addressing; 0 is free */
    size_t slot_count, count;
    bool has_zero;
};

/* *is_new tells whether it was not in the set before. False when memory ran out. */
bool inode_set_add(struct inode_set *set, uint64_t inode, bool *is_new);
void inode_set_deinit(struct inode_set *set);
