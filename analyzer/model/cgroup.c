#include "analyzer/model/cgroup.h"

#include <stdlib.h>

#include "analyzer/base/array.h"

_Static_assert((int)CGROUP_V1_STAT_COUNT <= CGROUP_STAT_CAPACITY &&
                   (int)CGROUP_V2_STAT_COUNT <= CGROUP_STAT_CAPACITY && CGROUP_STAT_CAPACITY <= 32,
               "the fields of memory.stat do not fit");

static const enum cgroup_version numbers_of_version[CGROUP_NUMBER_COUNT] = {
#define CGROUP_VERSION_OF(constant, file, version)                                                 \
    [CGROUP_NUMBER_##constant] = CGROUP_VERSION_##version,
    CGROUP_NUMBERS(CGROUP_VERSION_OF)
#undef CGROUP_VERSION_OF
};

struct cgroup *cgroup_table_row(struct cgroup_table *table, uint32_t folder)
{
    uint32_t found = key_index_find(&table->by_folder, folder);
    if (found != NO_ROW)
        return &table->rows[found];
    struct cgroup *row = ARRAY_PUSH(table->rows, table->count, table->capacity);
    if (!row)
        return NULL;
    if (!key_index_add(&table->by_folder, folder, (uint32_t)(table->count - 1))) {
        table->count--;
        return NULL;
    }
    row->folder = folder;
    return row;
}

void cgroup_table_deinit(struct cgroup_table *table)
{
    free(table->rows);
    key_index_deinit(&table->by_folder);
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
