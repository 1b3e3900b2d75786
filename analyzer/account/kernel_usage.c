#include "analyzer/account/kernel_usage.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"

static const char *const owner_words[] = {
    [OWNER_STACKS] = "kernel stacks", [OWNER_MODULES] = "modules", [OWNER_BPF] = "BPF",
    [OWNER_PERCPU] = "percpu",        [OWNER_OTHER] = "other",
};
_Static_assert(sizeof owner_words / sizeof owner_words[0] == OWNER_COUNT, "an owner has no word");

const char *vmalloc_owner_word(enum vmalloc_owner owner)
{
    return owner_words[owner];
}

/* Callers by the start of their names, as return addresses of successive kernels resolve
 * (which function stands there depends on inlining). First match wins. */
static const struct caller_rule {
    const char *start;
    enum vmalloc_owner owner;
} caller_rules[] = {
    {"alloc_thread_stack_node", OWNER_STACKS },
    {"dup_task_struct",         OWNER_STACKS },
    {"copy_process",            OWNER_STACKS },
    {"kernel_clone",            OWNER_STACKS },
    {"_do_fork",                OWNER_STACKS },
    {"do_fork",                 OWNER_STACKS },
    {"fork_idle",               OWNER_STACKS },
    {"load_module",             OWNER_MODULES},
    {"move_module",             OWNER_MODULES},
    {"layout_and_allocate",     OWNER_MODULES},
    {"module_alloc",            OWNER_MODULES},
    {"module_memory_alloc",     OWNER_MODULES},
    {"execmem_",                OWNER_MODULES},
    {"__execmem_",              OWNER_MODULES},
    {"bpf_",                    OWNER_BPF    },
    {"__bpf_",                  OWNER_BPF    },
    {"htab_map_alloc",          OWNER_BPF    },
    {"array_map_alloc",         OWNER_BPF    },
    {"queue_stack_map_alloc",   OWNER_BPF    },
    {"trie_alloc",              OWNER_BPF    },
    {"pcpu_",                   OWNER_PERCPU },
};

enum vmalloc_owner vmalloc_owner_of(const struct vmalloc_area *area)
{
    for (size_t i = 0; i < sizeof caller_rules / sizeof caller_rules[0]; i++)
        if (strncmp(area->caller, caller_rules[i].start, strlen(caller_rules[i].start)) == 0)
            return caller_rules[i].owner;
    return OWNER_OTHER;
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int by_caller(const void *a, const void *b)
{
    const struct vmalloc_area *left = *(const struct vmalloc_area *const *)a;
    const struct vmalloc_area *right = *(const struct vmalloc_area *const *)b;
    int order = strcmp(left->caller, right->caller);
    if (!order)
        order = compare_text(left->module, right->module);
    return order ? order : (int)left->type - (int)right->type;
}

static int descending(uint64_t a, uint64_t b)
{
    return a > b ? -1 : a < b;
}

static int by_group_bytes(const void *a, const void *b)
{
    const struct vmalloc_group *left = a, *right = b;
    int order = descending(left->bytes, right->bytes);
    if (!order)
        order = descending(left->size_bytes, right->size_bytes);
    if (!order)
        order = strcmp(left->caller, right->caller);
    return order ? order : (int)left->type - (int)right->type;
}

static bool same_area_group(const struct vmalloc_area *a, const struct vmalloc_area *b)
{
    return a->type == b->type && strcmp(a->caller, b->caller) == 0 &&
           compare_text(a->module, b->module) == 0;
}

/* Sorted by caller, equal areas stand together and fold into one group each. */
static void fold_areas(const struct vmalloc_area **sorted, size_t count, struct kernel_usage *usage)
{
    for (size_t i = 0; i < count; i++) {
        const struct vmalloc_area *area = sorted[i];
        if (i == 0 || !same_area_group(sorted[i - 1], area)) {
            struct vmalloc_group *begun = &usage->vmalloc[usage->vmalloc_count++];
            *begun = (struct vmalloc_group){.caller = area->caller,
                                            .module = area->module,
                                            .type = area->type,
                                            .owner = vmalloc_owner_of(area)};
        }
        struct vmalloc_group *group = &usage->vmalloc[usage->vmalloc_count - 1];
        uint64_t bytes = area->has_pages ? multiply_saturating(area->pages, usage->page_bytes) : 0;
        group->areas++;
        group->size_bytes = add_saturating(group->size_bytes, area->size_bytes);
        group->bytes = add_saturating(group->bytes, bytes);
        usage->vmalloc_bytes = add_saturating(usage->vmalloc_bytes, bytes);
        usage->owner_bytes[group->owner] = add_saturating(usage->owner_bytes[group->owner], bytes);
        struct vmalloc_type_sum *type = &usage->types[area->type];
        type->areas++;
        type->size_bytes = add_saturating(type->size_bytes, area->size_bytes);
        type->bytes = add_saturating(type->bytes, bytes);
        usage->vmalloc_areas++;
    }
}

static bool group_vmalloc(const struct vmallocinfo *info, struct kernel_usage *usage)
{
    size_t count = info->count;
    const struct vmalloc_area **sorted = malloc((count + 1) * sizeof(*sorted));
    usage->vmalloc = calloc(count + 1, sizeof *usage->vmalloc);
    if (sorted && usage->vmalloc) {
        for (size_t i = 0; i < count; i++)
            sorted[i] = &info->areas[i];
        qsort(sorted, count, sizeof(*sorted), by_caller);
        fold_areas(sorted, count, usage);
        qsort(usage->vmalloc, usage->vmalloc_count, sizeof *usage->vmalloc, by_group_bytes);
        usage->has_vmalloc = true;
    }
    bool ok = sorted && usage->vmalloc;
    free(sorted);
    return ok;
}

static int by_slab_bytes(const void *a, const void *b)
{
    const struct slab_usage *left = a, *right = b;
    int order = descending(left->bytes, right->bytes);
    return order ? order : strcmp(left->cache->name, right->cache->name);
}

/* slabinfo names one of the merged caches; the kernel's links tell the others: all links to one
 * target are one cache. Both orders are sorted once, so that long lists stay cheap. */
struct alias_index {
    const struct slab_alias **by_name, **by_target;
    size_t count;
};

static int compare_alias_names(const void *a, const void *b)
{
    uint32_t left = (*(const struct slab_alias *const *)a)->name;
    uint32_t right = (*(const struct slab_alias *const *)b)->name;
    return left < right ? -1 : left > right;
}

static int compare_alias_targets(const void *a, const void *b)
{
    uint32_t left = (*(const struct slab_alias *const *)a)->target;
    uint32_t right = (*(const struct slab_alias *const *)b)->target;
    return left < right ? -1 : left > right ? 1 : compare_alias_names(a, b);
}

static bool alias_index_init(const struct system_state *system, struct alias_index *index)
{
    index->count = system->alias_count;
    index->by_name = malloc((index->count + 1) * sizeof(*index->by_name));
    index->by_target = malloc((index->count + 1) * sizeof(*index->by_target));
    if (!index->by_name || !index->by_target)
        return false;
    for (size_t i = 0; i < index->count; i++)
        index->by_name[i] = index->by_target[i] = &system->aliases[i];
    qsort(index->by_name, index->count, sizeof(*index->by_name), compare_alias_names);
    qsort(index->by_target, index->count, sizeof(*index->by_target), compare_alias_targets);
    return true;
}

static size_t first_of_target(const struct alias_index *index, uint32_t target)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->by_target[middle]->target < target)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool find_aliases(const struct snapshot *snapshot, const struct alias_index *index,
                         struct slab_usage *slab)
{
    struct slab_alias wanted = {0};
    if (!string_pool_find(&snapshot->strings, slice_of(slab->cache->name), &wanted.name))
        return true;
    const struct slab_alias *key = &wanted;
    const struct slab_alias **own =
        bsearch(&key, index->by_name, index->count, sizeof(*own), compare_alias_names);
    if (!own)
        return true;
    size_t capacity = 0;
    uint32_t target = (*own)->target;
    for (size_t i = first_of_target(index, target);
         i < index->count && index->by_target[i]->target == target; i++) {
        if (index->by_target[i]->name == wanted.name)
            continue;
        uint32_t *slot = ARRAY_PUSH(slab->aliases, slab->alias_count, capacity);
        if (!slot)
            return false;
        *slot = index->by_target[i]->name;
    }
    return true;
}

static bool list_slab(const struct snapshot *snapshot, struct kernel_usage *usage)
{
    const struct slabinfo *info = &snapshot->system.slabinfo;
    struct alias_index index = {0};
    usage->slab = calloc(info->count + 1, sizeof *usage->slab);
    bool ok = usage->slab && alias_index_init(&snapshot->system, &index);
    for (size_t i = 0; ok && i < info->count; i++) {
        const struct slab_cache *cache = &info->caches[i];
        struct slab_usage *slab = &usage->slab[usage->slab_count++];
        slab->cache = cache;
        slab->bytes = multiply_saturating(multiply_saturating(cache->slabs, cache->pages_per_slab),
                                          usage->page_bytes);
        slab->active_bytes = multiply_saturating(cache->active_objects, cache->object_bytes);
        usage->slab_bytes = add_saturating(usage->slab_bytes, slab->bytes);
        ok = find_aliases(snapshot, &index, slab);
    }
    free(index.by_name);
    free(index.by_target);
    if (ok)
        qsort(usage->slab, usage->slab_count, sizeof *usage->slab, by_slab_bytes);
    usage->has_slab = ok;
    return ok;
}

static int by_module_size(const void *a, const void *b)
{
    const struct module_usage *left = a, *right = b;
    int order = descending(left->size.bytes, right->size.bytes);
    return order ? order : strcmp(left->name, right->name);
}

/* Page counts of the areas that hold modules, sorted; taken[i] once a module claimed it. */
struct module_areas {
    uint64_t *pages;
    bool *taken;
    size_t count;
};

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static bool module_areas_init(const struct vmallocinfo *info, struct module_areas *areas)
{
    areas->pages = malloc((info->count + 1) * sizeof *areas->pages);
    areas->taken = calloc(info->count + 1, sizeof *areas->taken);
    if (!areas->pages || !areas->taken)
        return false;
    for (size_t i = 0; i < info->count; i++)
        if (info->areas[i].has_pages && vmalloc_owner_of(&info->areas[i]) == OWNER_MODULES)
            areas->pages[areas->count++] = info->areas[i].pages;
    qsort(areas->pages, areas->count, sizeof *areas->pages, compare_numbers);
    return true;
}

static bool claim_area(struct module_areas *areas, uint64_t pages)
{
    size_t low = 0, high = areas->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (areas->pages[middle] < pages || (areas->pages[middle] == pages && areas->taken[middle]))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == areas->count || areas->pages[low] != pages)
        return false;
    areas->taken[low] = true;
    return true;
}

/* A module whose size in whole pages equals an area is seen there, guard page left out (kernels up
 * to 6.3 give each module one area). Later kernels split modules over several areas, or carve them out
 * of shared blocks: then only whole pages of the size are known to be taken. */
static void find_allocated(struct module_usage *entry, struct module_areas *areas,
                           uint64_t page_bytes)
{
    if (page_bytes == 0)
        return;
    uint64_t pages = entry->size.bytes / page_bytes + (entry->size.bytes % page_bytes != 0);
    entry->allocated = amount_of(multiply_saturating(pages, page_bytes));
    entry->seen_in_vmallocinfo = claim_area(areas, pages);
}

/* Sizes may agree by chance with areas that hold parts of other modules. Only where every module has
 * an area of its own size is the layout of one area a module proven. */
static void keep_whole_match(struct kernel_usage *usage)
{
    bool all = true;
    for (size_t i = 0; i < usage->module_count; i++)
        all = all && usage->modules[i].seen_in_vmallocinfo;
    for (size_t i = 0; i < usage->module_count; i++)
        usage->modules[i].seen_in_vmallocinfo = all;
}

static int compare_size_names(const void *a, const void *b)
{
    uint32_t left = ((const struct module_sizes *)a)->name;
    uint32_t right = ((const struct module_sizes *)b)->name;
    return left < right ? -1 : left > right;
}

/* /sys/module/NAME, by name; the order of these is free, so they are sorted in a copy. */
static void find_sizes(const struct snapshot *snapshot, const struct module_sizes *sorted,
                       struct module_usage *entry)
{
    struct module_sizes wanted = {0};
    if (!string_pool_find(&snapshot->strings, slice_of(entry->name), &wanted.name))
        return;
    const struct module_sizes *sizes = bsearch(&wanted, sorted, snapshot->system.module_size_count,
                                               sizeof wanted, compare_size_names);
    if (!sizes)
        return;
    entry->core = sizes->core;
    entry->init = sizes->init;
}

static bool list_modules(const struct snapshot *snapshot, struct kernel_usage *usage)
{
    const struct system_state *system = &snapshot->system;
    size_t count = system->module_size_count;
    struct module_areas areas = {0};
    struct module_sizes *sorted = malloc((count + 1) * sizeof *sorted);
    usage->modules = calloc(system->modules.count + 1, sizeof *usage->modules);
    bool ok = sorted && usage->modules && module_areas_init(&system->vmallocinfo, &areas);
    if (ok && count) {
        memcpy(sorted, system->module_sizes, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_size_names);
    }
    for (size_t i = 0; ok && i < system->modules.count; i++) {
        const struct kernel_module *module = &system->modules.modules[i];
        struct module_usage *entry = &usage->modules[usage->module_count++];
        entry->name = module->name;
        entry->size = amount_of(module->size_bytes);
        usage->module_bytes = add_saturating(usage->module_bytes, module->size_bytes);
        find_allocated(entry, &areas, usage->page_bytes);
        find_sizes(snapshot, sorted, entry);
    }
    if (ok)
        keep_whole_match(usage);
    free(areas.pages);
    free(areas.taken);
    free(sorted);
    if (ok)
        qsort(usage->modules, usage->module_count, sizeof *usage->modules, by_module_size);
    usage->has_modules = ok;
    return ok;
}

bool kernel_usage_compute(const struct snapshot *snapshot, struct kernel_usage *out,
                          struct failure *why)
{
    const struct system_state *system = &snapshot->system;
    struct kernel_usage usage = {0};
    if (!snapshot_page_size(snapshot, &usage.page_bytes) &&
        (system->has_vmallocinfo || system->has_slabinfo))
        return failure_set(why, FAILURE_UNSUPPORTED, 0,
                           "the page size is not known, so pages cannot be counted in bytes");
    bool ok = (!system->has_vmallocinfo || group_vmalloc(&system->vmallocinfo, &usage)) &&
              (!system->has_slabinfo || list_slab(snapshot, &usage)) &&
              (!system->has_modules || list_modules(snapshot, &usage));
    if (!ok) {
        kernel_usage_deinit(&usage);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    *out = usage;
    return true;
}

void kernel_usage_deinit(struct kernel_usage *usage)
{
    for (size_t i = 0; i < usage->slab_count; i++)
        free(usage->slab[i].aliases);
    free(usage->vmalloc);
    free(usage->slab);
    free(usage->modules);
    *usage = (struct kernel_usage){0};
}
