#include "analyzer/base/key_index.h"

#include <stdlib.h>

#define FIRST_BUCKETS 256u

/* The key's bucket, or the free one where it would be. */
static struct key_bucket *bucket_of(const struct key_index *index, uint64_t key)
{
    size_t mask = index->bucket_count - 1;
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (index->buckets[at].row_plus_one && index->buckets[at].key != key)
        at = (at + 1) & mask;
    return &index->buckets[at];
}

static bool grow(struct key_index *index)
{
    size_t wanted = index->bucket_count ? index->bucket_count * 2 : FIRST_BUCKETS;
    struct key_index grown = {calloc(wanted, sizeof *grown.buckets), wanted, index->count};
    if (!grown.buckets)
        return false;
    for (size_t i = 0; i < index->bucket_count; i++)
        if (index->buckets[i].row_plus_one)
            *bucket_of(&grown, index->buckets[i].key) = index->buckets[i];
    free(index->buckets);
    *index = grown;
    return true;
}

uint32_t key_index_find(const struct key_index *index, uint64_t key)
{
    return index->bucket_count ? bucket_of(index, key)->row_plus_one - 1 : NO_ROW;
}

bool key_index_add(struct key_index *index, uint64_t key, uint32_t row)
{
    if ((index->count + 1) * 4 > index->bucket_count * 3 && !grow(index))
        return false;
    *bucket_of(index, key) = (struct key_bucket){key, row + 1};
    index->count++;
    return true;
}

void key_index_deinit(struct key_index *index)
{
    free(index->buckets);
    *index = (struct key_index){0};
}
