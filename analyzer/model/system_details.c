#include "analyzer/model/system_details.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/model/snapshot.h"

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

struct figure *figure_table_row(struct figure_table *table, uint32_t path)
{
    uint32_t found = key_index_find(&table->by_path, path);
    if (found != NO_ROW)
        return &table->rows[found];
    struct figure *row = ARRAY_PUSH(table->rows, table->count, table->capacity);
    if (!row)
        return NULL;
    if (!key_index_add(&table->by_path, path, (uint32_t)(table->count - 1))) {
        table->count--;
        return NULL;
    }
    row->path = path;
    return row;
}

static const struct figure *find_figure(const struct snapshot *snapshot, const char *path)
{
    const struct figure_table *table = &snapshot->system.details.figures;
    uint32_t id;
    if (!string_pool_find(&snapshot->strings, slice_of(path), &id))
        return NULL;
    uint32_t found = key_index_find(&table->by_path, id);
    return found == NO_ROW ? NULL : &table->rows[found];
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
    key_index_deinit(&details->figures.by_path);
    free(details->mounts);
    free(details->held);
    free(details->sites);
    census_deinit(&details->census);
    *details = (struct system_details){0};
}
