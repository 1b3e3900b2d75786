/* Members below sys/: nodes, huge pages, modules, zram, slab aliases. */
#include "analyzer/model/load_sysfs.h"

#include "analyzer/base/array.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/single_number.h"
#include "analyzer/parse/text_cursor.h"

bool load_node_meminfo(struct loader *loader, const struct member_path *path, struct slice text,
                       struct failure *why)
{
    (void)path;
    struct system_state *system = &loader->snapshot->system;
    unsigned node;
    struct field_record record;
    if (!node_meminfo_parse(text, &node, &record, why))
        return false;
    struct node_memory *slot = ARRAY_PUSH(system->nodes, system->node_count, system->node_capacity);
    if (!slot) {
        field_record_deinit(&record);
        return OUT_OF_MEMORY(why);
    }
    *slot = (struct node_memory){.node = node, .meminfo = record};
    return true;
}

/* The pool of (node, page size), made if new. */
static struct huge_page_pool *pool_of(struct system_state *system, int node, uint64_t page_bytes,
                                      struct failure *why)
{
    for (size_t i = 0; i < system->pool_count; i++)
        if (system->pools[i].node == node && system->pools[i].page_bytes == page_bytes)
            return &system->pools[i];
    struct huge_page_pool *pool = NULL;
    if (system->pool_count >= LISTED_MAX)
        failure_set(why, FAILURE_LIMIT, 0, "more than %d pools of huge pages", LISTED_MAX);
    else if (!(pool = ARRAY_PUSH(system->pools, system->pool_count, system->pool_capacity)))
        OUT_OF_MEMORY(why);
    else
        *pool = (struct huge_page_pool){.node = node, .page_bytes = page_bytes};
    return pool;
}

static struct slice last_component(struct slice path)
{
    size_t start = path.length_bytes;
    while (start > 0 && path.at[start - 1] != '/')
        start--;
    return slice_skip(path, start);
}

bool load_huge_pages(struct loader *loader, const struct member_path *path, struct slice text,
                     struct failure *why)
{
    static const struct {
        const char *file;
        size_t offset;
    } figures[] = {
        {"nr_hugepages",      offsetof(struct huge_page_pool, total)   },
        {"free_hugepages",    offsetof(struct huge_page_pool, free)    },
        {"resv_hugepages",    offsetof(struct huge_page_pool, reserved)},
        {"surplus_hugepages", offsetof(struct huge_page_pool, surplus) },
    };
    bool of_node = path->wildcard[1].at != NULL;
    struct slice folder = of_node ? path->wildcard[1] : path->wildcard[0];
    struct slice file = last_component(path->whole);
    uint64_t page_bytes, node = 0;
    int64_t number;
    if (!hugepages_folder_parse(folder, &page_bytes))
        return failure_set(why, FAILURE_MALFORMED, 0, "not a folder of a huge page size");
    if (of_node && (!slice_starts(path->wildcard[0], SLICE("node")) ||
                    !parse_decimal(slice_skip(path->wildcard[0], 4), &node) || node > 65535))
        return failure_set(why, FAILURE_MALFORMED, 0, "not a folder of a memory node");
    if (!single_number_parse(text, &number, why))
        return false;
    struct huge_page_pool *pool =
        pool_of(&loader->snapshot->system, of_node ? (int)node : -1, page_bytes, why);
    if (!pool)
        return false;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        if (slice_equal(file, slice_of(figures[i].file)) && number >= 0)
            *(struct amount *)((char *)pool + figures[i].offset) = amount_of((uint64_t)number);
    return true;
}

bool load_module_size(struct loader *loader, const struct member_path *path, struct slice text,
                      struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    struct system_state *system = &snapshot->system;
    int64_t number;
    uint32_t name;
    if (!single_number_parse(text, &number, why) || number < 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "a size cannot be negative");
    if (!string_pool_add(&snapshot->strings, path->wildcard[0], &name))
        return OUT_OF_MEMORY(why);
    struct module_sizes *sizes = NULL;
    for (size_t i = system->module_size_count; i > 0 && !sizes; i--)
        if (system->module_sizes[i - 1].name == name)
            sizes = &system->module_sizes[i - 1];
    if (!sizes) {
        if (system->module_size_count >= LISTED_MAX)
            return failure_set(why, FAILURE_LIMIT, 0, "more than %d modules", LISTED_MAX);
        sizes = ARRAY_PUSH(system->module_sizes, system->module_size_count,
                           system->module_size_capacity);
        if (!sizes)
            return OUT_OF_MEMORY(why);
        sizes->name = name;
    }
    bool core = slice_ends(path->whole, SLICE("/coresize"));
    *(core ? &sizes->core : &sizes->init) = amount_of((uint64_t)number);
    return true;
}

bool load_zram(struct loader *loader, const struct member_path *path, struct slice text,
               struct failure *why)
{
    struct system_state *system = &loader->snapshot->system;
    struct zram_mm_stat stat;
    uint32_t name;
    if (!zram_mm_stat_parse(text, &stat, why))
        return false;
    if (!string_pool_add(&loader->snapshot->strings, path->wildcard[0], &name))
        return OUT_OF_MEMORY(why);
    struct zram_device *zram = ARRAY_PUSH(system->zrams, system->zram_count, system->zram_capacity);
    if (!zram)
        return OUT_OF_MEMORY(why);
    *zram = (struct zram_device){.name = name, .stat = stat};
    return true;
}

bool load_slab_alias(struct loader *loader, const struct member_path *path, struct slice text,
                     struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    struct system_state *system = &snapshot->system;
    struct slice name = path->wildcard[0];
    name.length_bytes -= sizeof BUNDLE_LINK_SUFFIX - 1;
    if (slice_ends(text, SLICE("\n")))
        text.length_bytes--;
    struct slab_alias alias;
    if (!string_pool_add(&snapshot->strings, name, &alias.name) ||
        !string_pool_add(&snapshot->strings, last_component(trim_blanks(text)), &alias.target))
        return OUT_OF_MEMORY(why);
    struct slab_alias *slot =
        ARRAY_PUSH(system->aliases, system->alias_count, system->alias_capacity);
    if (!slot)
        return OUT_OF_MEMORY(why);
    *slot = alias;
    return true;
}
