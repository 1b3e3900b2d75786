#include "analyzer/model/inode_set.h"

#include <stdlib.h>

#define FIRST_SLOTS 256u

static size_t slot_of(const struct inode_set *set, uint64_t inode)
{
    size_t mask = set->slot_count - 1;
    size_t at = (size_t)(inode * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (set->slots[at] && set->slots[at] != inode)
        at = (at + 1) & mask;
    return at;
}

static bool grow(struct inode_set *set)
{
    struct inode_set grown = *set;
    grown.slot_count = set->slot_count ? set->slot_count * 2 : FIRST_SLOTS;
    grown.slots = calloc(grown.slot_count, sizeof *grown.slots);
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < set->slot_count; i++)
        if (set->slots[i])
            grown.slots[slot_of(&grown, set->slots[i])] = set->slots[i];
    free(set->slots);
    *set = grown;
    return true;
}

bool inode_set_add(struct inode_set *set, uint64_t inode, bool *is_new)
{
    if (inode == 0) {
        *is_new = !set->has_zero;
        set->has_zero = true;
        return true;
    }
    if ((set->count + 1) * 4 > set->slot_count * 3 && !grow(set))
        return false;
    size_t at = slot_of(set, inode);
    *is_new = set->slots[at] == 0;
    set->slots[at] = inode;
    set->count += *is_new;
    return true;
}

void inode_set_deinit(struct inode_set *set)
{
    free(set->slots);
    *set = (struct inode_set){0};
}
