/* Who is in which set: by address space, since processes that share one map the same pages. */
#pragma once

#include "analyzer/account/divided_spaces.h"
#include "analyzer/account/file_life.h"
#include "analyzer/account/set_sharing.h"

struct set_members {
    const struct shared_stretches *stretches; /* borrowed */
    uint32_t sets;
    uint64_t page_bytes;    /* 1 when not known */
    uint32_t *set_of_space; /* by the first process of an address space; NO_SET for the others, and
                                when its processes are not all in one set */
    struct divided_spaces divided;
    struct file_holders *holders_of_place;
    uint32_t *set_of_place; /* the only set that maps it; PLACE_OF_MANY */
};

#define PLACE_OF_MANY (NO_SET - 1)

bool set_members_find(const struct shared_stretches *stretches, const uint32_t *set_of,
                      uint32_t sets, struct set_members *out);
void set_members_deinit(struct set_members *members);

/* What becomes of an object's own pages when the set ends: by its name, by who else maps it, and by
 * who has it open. */
struct file_fate set_file_fate(const struct set_members *members, uint32_t object, uint32_t set);

/* What is counted by process: members, PSS before its rounding, page tables, stacks; and what is
 * known of those that could not be read. */
bool set_members_count(const struct set_members *members, const uint32_t *set_of,
                       struct set_sharing *results, struct failure *why);
