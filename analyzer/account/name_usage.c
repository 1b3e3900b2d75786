#include "analyzer/account/name_usage.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"

#define NO_ROW UINT32_MAX

struct collection {
    const struct mapping_store *store;
    const bool *chosen;
    uint32_t *row_of; /* by string id */
    size_t *seen_in;  /* by row: number of the last process that had it, from 1 */
    struct name_usage *rows;
    size_t count;
};

static struct name_usage *row_of_object(struct collection *all, uint32_t object)
{
    uint32_t name = all->store->objects[object].name;
    if (all->row_of[name] == NO_ROW) {
        all->row_of[name] = (uint32_t)all->count;
        all->rows[all->count++] = (struct name_usage){.name = name};
    }
    return &all->rows[all->row_of[name]];
}

static void add_mapping(struct collection *all, const struct mapping *mapping, uint32_t present,
                        size_t process)
{
    uint64_t values[SMAPS_FIELD_COUNT];
    struct name_usage *row = row_of_object(all, mapping->object);
    size_t *seen_in = &all->seen_in[row - all->rows];
    mapping_values(all->store, mapping, values);
    for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++)
        row->bytes[field] = add_saturating(row->bytes[field], values[field]);
    row->present |= present;
    row->mappings++;
    row->processes += *seen_in != process;
    *seen_in = process;
}

static int by_name(const void *a, const void *b)
{
    const struct name_usage *left = a, *right = b;
    return left->name < right->name ? -1 : left->name > right->name;
}

bool name_usages_compute(const struct snapshot *snapshot, const struct process_usage *usages,
                         size_t count, const bool *chosen, struct name_usages *out,
                         struct failure *why)
{
    const struct mapping_store *store = &snapshot->mappings;
    size_t strings = snapshot->strings.count, objects = store->object_count;
    AUTO_FREE uint32_t *row_of = malloc((strings + 1) * sizeof *row_of);
    AUTO_FREE size_t *seen_in = calloc(objects + 1, sizeof *seen_in);
    struct collection all = {
        .store = store, .chosen = chosen, .row_of = row_of, .seen_in = seen_in};
    all.rows = calloc(objects + 1, sizeof *all.rows); /* no more names than objects */
    if (!row_of || !seen_in || !all.rows) {
        free(all.rows);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    for (size_t i = 0; i < strings; i++)
        row_of[i] = NO_ROW;
    for (size_t i = 0; i < count; i++) {
        const struct process *process = usages[i].process;
        size_t mappings = usages[i].counted_before ? 0 : process->mapping_count;
        for (size_t j = 0; j < mappings; j++) {
            const struct mapping *mapping = &store->mappings[process->first_mapping + j];
            if (!chosen || chosen[mapping->object])
                add_mapping(&all, mapping, process->smaps.present, i + 1);
        }
    }
    qsort(all.rows, all.count, sizeof *all.rows, by_name);
    *out = (struct name_usages){.rows = all.rows, .count = all.count};
    return true;
}

void name_usages_deinit(struct name_usages *names)
{
    free(names->rows);
    *names = (struct name_usages){0};
}

struct amount name_usage_sum(const struct name_usage *usage, enum smaps_field field)
{
    return usage->present & SMAPS_BIT(field) ? amount_of(usage->bytes[field]) : AMOUNT_UNKNOWN;
}

struct amount name_usage_uss(const struct name_usage *usage)
{
    return amount_add(name_usage_sum(usage, SMAPS_PRIVATE_CLEAN),
                      name_usage_sum(usage, SMAPS_PRIVATE_DIRTY));
}
