/* Address spaces whose processes are in several sets, or partly in none (vfork, CLONE_VM): each of these
 * sets maps all of it, and none of it ends with one of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/model/snapshot.h"

struct divided_space {
    uint32_t first; /* the first process of the address space */
    uint32_t set;   /* that has one of its processes           */
};

struct divided_spaces {
    struct divided_space *rows; /* by first, set; each pair once */
    size_t count;
};

/* `set_of` and `set_of_space` are those of set_members.h. False: out of memory. */
bool divided_spaces_find(const struct snapshot *snapshot, const uint32_t *set_of,
                         const uint32_t *set_of_space, struct divided_spaces *out);
void divided_spaces_deinit(struct divided_spaces *spaces);

/* The rows of one address space; *count is 0 where it is not divided. */
const struct divided_space *divided_spaces_of(const struct divided_spaces *spaces, uint32_t first,
                                              size_t *count);
