#include "analyzer/account/shared_memory_index.h"

#include <stdlib.h>

#include "analyzer/base/array.h"

int shared_key_compare(const struct shared_key *a, const struct shared_key *b)
{
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->second < b->second ? -1 : a->second > b->second;
}

/* Of equal pairs the earlier row stands first: mounts are shown by their first mount point. */
static int compare(const void *a, const void *b)
{
    const struct shared_key *left = a, *right = b;
    int order = shared_key_compare(left, right);
    return order ? order : left->row < right->row ? -1 : left->row > right->row;
}

bool shared_index_add(struct shared_index *index, uint64_t first, uint64_t second, size_t row)
{
    struct shared_key *key = ARRAY_PUSH(index->keys, index->count, index->capacity);
    if (!key)
        return false;
    *key = (struct shared_key){first, second, row};
    return true;
}

void shared_index_sort(struct shared_index *index)
{
    if (index->count)
        qsort(index->keys, index->count, sizeof *index->keys, compare);
}

const struct shared_key *shared_index_find(const struct shared_index *index, uint64_t first,
                                           uint64_t second)
{
    size_t low = 0, high = index->count;
    struct shared_key wanted = {first, second, 0};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = shared_key_compare(&index->keys[middle], &wanted);
        if (order == 0)
            return &index->keys[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void shared_index_deinit(struct shared_index *index)
{
    free(index->keys);
    *index = (struct shared_index){0};
}
