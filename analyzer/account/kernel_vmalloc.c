#include <stdlib.h>
#include <string.h>

#include "analyzer/account/kernel_parts.h"
#include "analyzer/base/checked_math.h"

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

static int by_group_bytes(const void *a, const void *b)
{
    const struct vmalloc_group *left = a, *right = b;
    int order = descending(left->bytes, right->bytes);
    if (!order)
        order = descending(left->size_bytes, right->size_bytes);
    if (!order)
        order = strcmp(left->caller, right->caller);
    if (!order)
        order = (int)left->type - (int)right->type;
    return order ? order : compare_text(left->module, right->module);
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
                                            .owner = vmalloc_owner_of(area),
                                            .memory = vmalloc_memory_of(area)};
        }
        struct vmalloc_group *group = &usage->vmalloc[usage->vmalloc_count - 1];
        uint64_t bytes = area->has_pages ? multiply_saturating(area->pages, usage->page_bytes) : 0;
        if (area->has_pages)
            group->memory = VMALLOC_MEMORY_OWN;
        group->areas++;
        group->size_bytes = add_saturating(group->size_bytes, area->size_bytes);
        group->bytes = add_saturating(group->bytes, bytes);
        usage->vmalloc_bytes = add_saturating(usage->vmalloc_bytes, bytes);
        usage->owner_bytes[group->owner] = add_saturating(usage->owner_bytes[group->owner], bytes);
        usage->owner_areas[group->owner]++;
        struct vmalloc_type_sum *type = &usage->types[area->type];
        type->areas++;
        type->size_bytes = add_saturating(type->size_bytes, area->size_bytes);
        type->bytes = add_saturating(type->bytes, bytes);
        usage->vmalloc_areas++;
    }
}

static int by_group_module(const void *a, const void *b)
{
    const struct vmalloc_group *left = *(const struct vmalloc_group *const *)a;
    const struct vmalloc_group *right = *(const struct vmalloc_group *const *)b;
    return strcmp(left->module, right->module);
}

static int by_module_bytes(const void *a, const void *b)
{
    const struct vmalloc_module *left = a, *right = b;
    int order = descending(left->bytes, right->bytes);
    if (!order)
        order = descending(left->size_bytes, right->size_bytes);
    return order ? order : strcmp(left->module, right->module);
}

static void fold_modules(const struct vmalloc_group **sorted, size_t count,
                         struct kernel_usage *usage)
{
    struct vmalloc_module *module = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!module || strcmp(module->module, sorted[i]->module) != 0) {
            module = &usage->vmalloc_modules[usage->vmalloc_module_count++];
            module->module = sorted[i]->module;
        }
        module->areas += sorted[i]->areas;
        module->bytes = add_saturating(module->bytes, sorted[i]->bytes);
        module->size_bytes = add_saturating(module->size_bytes, sorted[i]->size_bytes);
    }
    qsort(usage->vmalloc_modules, usage->vmalloc_module_count, sizeof *usage->vmalloc_modules,
          by_module_bytes);
}

static bool group_by_module(struct kernel_usage *usage)
{
    size_t count = 0;
    const struct vmalloc_group **sorted = malloc((usage->vmalloc_count + 1) * sizeof(*sorted));
    usage->vmalloc_modules = calloc(usage->vmalloc_count + 1, sizeof *usage->vmalloc_modules);
    bool ok = sorted && usage->vmalloc_modules;
    for (size_t i = 0; ok && i < usage->vmalloc_count; i++)
        if (usage->vmalloc[i].module)
            sorted[count++] = &usage->vmalloc[i];
    if (ok && count) {
        qsort(sorted, count, sizeof(*sorted), by_group_module);
        fold_modules(sorted, count, usage);
    }
    free(sorted);
    return ok;
}

bool kernel_list_vmalloc(const struct snapshot *snapshot, struct kernel_usage *usage)
{
    const struct vmallocinfo *info = &snapshot->system.vmallocinfo;
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
    return ok && group_by_module(usage);
}
