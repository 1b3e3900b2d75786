#include <stdlib.h>
#include <string.h>

#include "analyzer/account/kernel_parts.h"
#include "analyzer/base/checked_math.h"

const char *module_proof_word(enum module_proof proof)
{
    static const char *const words[] = {
        [MODULE_NOT_PROVEN] = "no", [MODULE_HAS_AREA] = "area", [MODULE_SUM_AGREES] = "sum"};
    return words[proof];
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
 * an area of its own size is the layout of one area a module proven. Where modules have several
 * areas each, none takes less than its size in whole pages: so if the areas of all sum to these,
 * none takes more. */
static void find_proof(struct kernel_usage *usage)
{
    bool all = true;
    for (size_t i = 0; i < usage->module_count; i++)
        all = all && usage->modules[i].seen_in_vmallocinfo;
    for (size_t i = 0; i < usage->module_count; i++)
        usage->modules[i].seen_in_vmallocinfo = all;
    if (usage->module_count == 0 || !usage->has_vmalloc)
        return;
    if (all)
        usage->module_proof = MODULE_HAS_AREA;
    else if (usage->page_bytes &&
             usage->owner_bytes[OWNER_MODULES] == usage->module_allocated_bytes)
        usage->module_proof = MODULE_SUM_AGREES;
}

static int compare_names(const void *a, const void *b)
{
    const char *left = ((const struct vmalloc_module *)a)->module;
    const char *right = ((const struct vmalloc_module *)b)->module;
    return strcmp(left ? left : "", right ? right : "");
}

/* A module without areas took nothing by vmalloc, if vmallocinfo is there to say so. */
static void find_own_areas(const struct vmalloc_module *by_name, struct kernel_usage *usage)
{
    for (size_t i = 0; usage->has_vmalloc && i < usage->module_count; i++) {
        struct vmalloc_module wanted = {.module = usage->modules[i].name};
        const struct vmalloc_module *found =
            bsearch(&wanted, by_name, usage->vmalloc_module_count, sizeof wanted, compare_names);
        usage->modules[i].vmalloc = amount_of(found ? found->bytes : 0);
    }
}

static bool add_own_areas(struct kernel_usage *usage)
{
    size_t count = usage->vmalloc_module_count;
    struct vmalloc_module *by_name = malloc((count + 1) * sizeof *by_name);
    if (!by_name)
        return false;
    if (count) {
        memcpy(by_name, usage->vmalloc_modules, count * sizeof *by_name);
        qsort(by_name, count, sizeof *by_name, compare_names);
    }
    find_own_areas(by_name, usage);
    free(by_name);
    return true;
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

bool kernel_list_modules(const struct snapshot *snapshot, struct kernel_usage *usage)
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
        usage->module_allocated_bytes =
            add_saturating(usage->module_allocated_bytes, entry->allocated.bytes);
        if (entry->size.bytes > usage->module_largest_bytes)
            usage->module_largest_bytes = entry->size.bytes;
    }
    if (ok)
        find_proof(usage);
    if (ok && areas.count)
        usage->module_largest_area_bytes =
            multiply_saturating(areas.pages[areas.count - 1], usage->page_bytes);
    ok = ok && add_own_areas(usage);
    free(areas.pages);
    free(areas.taken);
    free(sorted);
    if (ok)
        qsort(usage->modules, usage->module_count, sizeof *usage->modules, by_module_size);
    usage->has_modules = ok;
    return ok;
}
