#include "analyzer/model/system_details.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/model/snapshot.h"

#define FIRST_FIGURE_BUCKETS 256u

static const char *const held_kind_words[HELD_KIND_COUNT] = {
    [HELD_MEMFD] = "memfd",   [HELD_SHM] = "shm", [HELD_SYSV] = "sysv",
    [HELD_DMABUF] = "dmabuf", [HELD_GPU] = "gpu",
};

static const char *const balloon_driver_words[BALLOON_DRIVER_COUNT] = {
    [BALLOON_VIRTIO] = "virtio", [BALLOON_VMWARE] = "vmware", [BALLOON_HYPERV] = "hyperv",
    [BALLOON_XEN] = "xen",       [BALLOON_PSERIES] = "cmm",
};

const char *held_kind_word(enum held_kind kind)
{
    return held_kind_words[kind];
}

const char *balloon_driver_word(enum balloon_driver driver)
{
    return balloon_driver_words[driver];
}

/* Where `path` is, or the free bucket where it would be. */
static size_t figure_bucket(const struct figure_table *table, uint32_t path)
{
    size_t mask = table->bucket_count - 1;
    size_t at = (size_t)(path * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (table->buckets[at] && table->rows[table->buckets[at] - 1].path != path)
        at = (at + 1) & mask;
    return at;
}

static bool grow_figure_buckets(struct figure_table *table)
{
    size_t wanted = table->bucket_count ? table->bucket_count * 2 : FIRST_FIGURE_BUCKETS;
    uint32_t *buckets = calloc(wanted, sizeof *buckets);
    if (!buckets)
        return false;
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = wanted;
    for (size_t i = 0; i < table->count; i++)
        buckets[figure_bucket(table, table->rows[i].path)] = (uint32_t)i + 1;
    return true;
}

struct figure *figure_table_row(struct figure_table *table, uint32_t path)
{
    /* Before the search, so that a row that was added always has its bucket. */
    if ((table->count + 1) * 4 > table->bucket_count * 3 && !grow_figure_buckets(table))
        return NULL;
    size_t bucket = figure_bucket(table, path);
    if (table->buckets[bucket])
        return &table->rows[table->buckets[bucket] - 1];
    struct figure *row = ARRAY_PUSH(table->rows, table->count, table->capacity);
    if (!row)
        return NULL;
    row->path = path;
    table->buckets[bucket] = (uint32_t)table->count;
    return row;
}

static const struct figure *find_figure(const struct snapshot *snapshot, const char *path)
{
    const struct figure_table *table = &snapshot->system.details.figures;
    uint32_t id;
    if (!table->bucket_count || !string_pool_find(&snapshot->strings, slice_of(path), &id))
        return NULL;
    size_t bucket = figure_bucket(table, id);
    return table->buckets[bucket] ? &table->rows[table->buckets[bucket] - 1] : NULL;
}

bool figure_number(const struct snapshot *snapshot, const char *path, int64_t *number)
{
    const struct figure *figure = find_figure(snapshot, path);
    if (!figure || !figure->is_number)
        return false;
    *number = figure->number;
    return true;
}

const char *figure_text(const struct snapshot *snapshot, const char *path)
{
    const struct figure *figure = find_figure(snapshot, path);
    return figure ? string_pool_get(&snapshot->strings, figure->text).at : NULL;
}

void system_details_deinit(struct system_details *details)
{
    free(details->figures.rows);
    free(details->figures.buckets);
    free(details->mounts);
    free(details->held);
    free(details->sites);
    census_deinit(&details->census);
    *details = (struct system_details){0};
}
