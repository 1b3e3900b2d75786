#include "analyzer/model/cgroup.h"

#include <stdlib.h>

#include "analyzer/base/array.h"

#define FIRST_BUCKETS 256u

_Static_assert((int)CGROUP_V1_STAT_COUNT <= CGROUP_STAT_CAPACITY &&
                   (int)CGROUP_V2_STAT_COUNT <= CGROUP_STAT_CAPACITY && CGROUP_STAT_CAPACITY <= 32,
               "the fields of memory.stat do not fit");

static const enum cgroup_version numbers_of_version[CGROUP_NUMBER_COUNT] = {
#define CGROUP_VERSION_OF(constant, file, version)                                                 \
    [CGROUP_NUMBER_##constant] = CGROUP_VERSION_##version,
    CGROUP_NUMBERS(CGROUP_VERSION_OF)
#undef CGROUP_VERSION_OF
};

static size_t bucket_of(const struct cgroup_table *table, uint32_t folder)
{
    size_t mask = table->bucket_count - 1;
    size_t at = (size_t)(folder * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (table->buckets[at] && table->rows[table->buckets[at] - 1].folder != folder)
        at = (at + 1) & mask;
    return at;
}

static bool grow_buckets(struct cgroup_table *table)
{
    size_t wanted = table->bucket_count ? table->bucket_count * 2 : FIRST_BUCKETS;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = wanted;
    for (size_t i = 0; i < table->count; i++)
        buckets[bucket_of(table, table->rows[i].folder)] = (uint32_t)i + 1;
    return true;
}

struct cgroup *cgroup_table_row(struct cgroup_table *table, uint32_t folder)
{
    /* Before the search, so that a row that was added always has its bucket. */
    if ((table->count + 1) * 4 > table->bucket_count * 3 && !grow_buckets(table))
        return NULL;
    size_t bucket = bucket_of(table, folder);
    if (table->buckets[bucket])
        return &table->rows[table->buckets[bucket] - 1];
    struct cgroup *row = ARRAY_PUSH(table->rows, table->count, table->capacity);
    if (!row)
        return NULL;
    row->folder = folder;
    table->buckets[bucket] = (uint32_t)table->count;
    return row;
}

void cgroup_table_deinit(struct cgroup_table *table)
{
    free(table->rows);
    free(table->buckets);
    *table = (struct cgroup_table){0};
}

static struct amount if_bit(uint32_t bits, unsigned bit, uint64_t value)
{
    return bits >> bit & 1u ? amount_of(value) : AMOUNT_UNKNOWN;
}

struct amount cgroup_number(const struct cgroup *cgroup, enum cgroup_number number)
{
    return if_bit(cgroup->numbers & ~cgroup->unlimited, number, cgroup->number[number]);
}

struct amount cgroup_v1_stat(const struct cgroup *cgroup, enum cgroup_v1_stat_field field)
{
    return cgroup->stat_version == CGROUP_VERSION_1
               ? if_bit(cgroup->stats, field, cgroup->stat[field])
               : AMOUNT_UNKNOWN;
}

struct amount cgroup_v2_stat(const struct cgroup *cgroup, enum cgroup_v2_stat_field field)
{
    return cgroup->stat_version == CGROUP_VERSION_2
               ? if_bit(cgroup->stats, field, cgroup->stat[field])
               : AMOUNT_UNKNOWN;
}

struct amount cgroup_event_count(const struct cgroup *cgroup, enum cgroup_event event)
{
    return if_bit(cgroup->events, event, cgroup->event[event]);
}

bool cgroup_has_memory(const struct cgroup *cgroup, enum cgroup_version version)
{
    if (cgroup->stat_version == version)
        return true;
    for (unsigned i = 0; i < CGROUP_NUMBER_COUNT; i++)
        if (cgroup->numbers >> i & 1u && numbers_of_version[i] == version)
            return true;
    return false;
}
