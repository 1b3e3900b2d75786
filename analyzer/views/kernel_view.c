#include "analyzer/views/kernel_view.h"

#include <inttypes.h>

/* vmalloc: one row a caller and type. */

static const struct vmalloc_group *group_at(const void *report, size_t row)
{
    return &((const struct kernel_usage *)report)->vmalloc[row];
}

static struct cell vmalloc_bytes(const void *report, size_t row)
{
    return cell_of_bytes(group_at(report, row)->bytes);
}

static struct cell vmalloc_space(const void *report, size_t row)
{
    return cell_of_bytes(group_at(report, row)->size_bytes);
}

static struct cell vmalloc_areas(const void *report, size_t row)
{
    return cell_of_number(group_at(report, row)->areas);
}

static struct cell vmalloc_type(const void *report, size_t row)
{
    return cell_of_text(vmalloc_type_word(group_at(report, row)->type));
}

static struct cell vmalloc_owner(const void *report, size_t row)
{
    return cell_of_text(vmalloc_owner_word(group_at(report, row)->owner));
}

static struct cell vmalloc_module(const void *report, size_t row)
{
    return cell_of_text(group_at(report, row)->module);
}

static struct cell vmalloc_caller(const void *report, size_t row)
{
    const char *caller = group_at(report, row)->caller;
    return cell_of_text(*caller ? caller : "(none)");
}

static const struct column vmalloc_columns[] = {
    {"size",   "PAGES",  "memory: whole pages that the areas own", true,  vmalloc_bytes },
    {"space",  "SPACE",  "address space, no memory",               true,  vmalloc_space },
    {"areas",  "AREAS",  "how many",                               true,  vmalloc_areas },
    {"type",   "TYPE",   "vmalloc, vmap, ioremap, ...",            false, vmalloc_type  },
    {"owner",  "OWNER",  "what the caller stands for",             false, vmalloc_owner },
    {"module", "MODULE", "module of the caller",                   false, vmalloc_module},
    {"caller", "CALLER", "function that made the area",            false, vmalloc_caller},
};

/* vmalloc by type: only the types that are there. */

struct type_report {
    const struct kernel_usage *usage;
    enum vmalloc_type types[VMALLOC_TYPE_COUNT];
    size_t count;
};

static enum vmalloc_type type_at(const void *report, size_t row)
{
    return ((const struct type_report *)report)->types[row];
}

static const struct vmalloc_type_sum *type_sum_at(const void *report, size_t row)
{
    return &((const struct type_report *)report)->usage->types[type_at(report, row)];
}

static struct cell type_bytes(const void *report, size_t row)
{
    return cell_of_bytes(type_sum_at(report, row)->bytes);
}

static struct cell type_space(const void *report, size_t row)
{
    return cell_of_bytes(type_sum_at(report, row)->size_bytes);
}

static struct cell type_areas(const void *report, size_t row)
{
    return cell_of_number(type_sum_at(report, row)->areas);
}

static struct cell type_name(const void *report, size_t row)
{
    return cell_of_text(vmalloc_type_word(type_at(report, row)));
}

static const struct column type_columns[] = {
    {"size",  "PAGES", "memory: whole pages that the areas own", true,  type_bytes},
    {"space", "SPACE", "address space, no memory",               true,  type_space},
    {"areas", "AREAS", "how many",                               true,  type_areas},
    {"type",  "TYPE",  "vmalloc, vmap, ioremap, ...",            false, type_name },
};

/* slab: one row a cache. */

struct slab_report {
    const struct snapshot *snapshot;
    const struct kernel_usage *usage;
};

static const struct slab_usage *slab_at(const void *report, size_t row)
{
    return &((const struct slab_report *)report)->usage->slab[row];
}

static struct cell slab_bytes(const void *report, size_t row)
{
    return cell_of_bytes(slab_at(report, row)->bytes);
}

static struct cell slab_active(const void *report, size_t row)
{
    return cell_of_bytes(slab_at(report, row)->active_bytes);
}

static struct cell slab_objects(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->cache->objects);
}

static struct cell slab_object_size(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->cache->object_bytes);
}

static struct cell slab_aliases(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->alias_count);
}

static struct cell slab_name(const void *report, size_t row)
{
    return cell_of_text(slab_at(report, row)->cache->name);
}

static const struct column slab_columns[] = {
    {"size",    "SIZE",    "slabs x pages a slab",              true,  slab_bytes      },
    {"active",  "ACTIVE",  "objects in use x their size",       true,  slab_active     },
    {"objects", "OBJECTS", "objects, used and free",            true,  slab_objects    },
    {"objsize", "OBJSIZE", "bytes an object",                   true,  slab_object_size},
    {"aliases", "ALIASES", "other caches merged into this one", true,  slab_aliases    },
    {"name",    "CACHE",   "name in slabinfo",                  false, slab_name       },
};

/* modules */

static const struct module_usage *module_at(const void *report, size_t row)
{
    return &((const struct kernel_usage *)report)->modules[row];
}

static struct cell module_size(const void *report, size_t row)
{
    return cell_of_amount(module_at(report, row)->size);
}

static struct cell module_allocated(const void *report, size_t row)
{
    return cell_of_amount(module_at(report, row)->allocated);
}

static struct cell module_core(const void *report, size_t row)
{
    return cell_of_amount(module_at(report, row)->core);
}

static struct cell module_init(const void *report, size_t row)
{
    return cell_of_amount(module_at(report, row)->init);
}

static struct cell module_seen(const void *report, size_t row)
{
    return cell_of_text(module_at(report, row)->seen_in_vmallocinfo ? "yes" : "no");
}

static struct cell module_name(const void *report, size_t row)
{
    return cell_of_text(module_at(report, row)->name);
}

static const struct column module_columns[] = {
    {"size",  "LSMOD",    "size as lsmod shows it",                   true,  module_size     },
    {"pages", "PAGES",    "whole pages of it, without guard page",    true,  module_allocated},
    {"seen",  "VERIFIED", "an area of these pages is in vmallocinfo", false, module_seen     },
    {"core",  "CORESIZE", "/sys/module/NAME/coresize",                true,  module_core     },
    {"init",  "INITSIZE", "/sys/module/NAME/initsize",                true,  module_init     },
    {"name",  "MODULE",   "name",                                     false, module_name     },
};

static bool print_part(const char *title, const struct table *table,
                       const struct view_options *options, struct failure *why)
{
    struct table_options shown = options->table;
    shown.columns = NULL; /* -c and -s cannot fit three tables */
    shown.sort = "";
    if (!shown.no_headings)
        fprintf(options->to, "\n%s\n", title);
    return table_print(table, &shown, options->to, why);
}

static bool print_vmalloc(const struct kernel_usage *usage, const struct view_options *options,
                          struct failure *why)
{
    char title[160], bytes[BYTE_TEXT_MAX];
    snprintf(title, sizeof title, "vmalloc: %s %s in %" PRIu64 " areas",
             format_bytes(bytes, usage->vmalloc_bytes, options->table.unit),
             size_unit_word(options->table.unit), usage->vmalloc_areas);
    struct table table = {.columns = vmalloc_columns,
                          .column_count = sizeof vmalloc_columns / sizeof vmalloc_columns[0],
                          .default_columns = "size,space,areas,type,owner,module,caller",
                          .descending = true,
                          .report = usage,
                          .row_count = usage->vmalloc_count};
    return print_part(title, &table, options, why);
}

static bool print_types(const struct kernel_usage *usage, const struct view_options *options,
                        struct failure *why)
{
    struct type_report report = {.usage = usage};
    for (unsigned type = 0; type < VMALLOC_TYPE_COUNT; type++)
        if (usage->types[type].areas)
            report.types[report.count++] = (enum vmalloc_type)type;
    struct table table = {.columns = type_columns,
                          .column_count = sizeof type_columns / sizeof type_columns[0],
                          .default_columns = "size,space,areas,type",
                          .descending = true,
                          .report = &report,
                          .row_count = report.count};
    return print_part("vmalloc by type", &table, options, why);
}

static bool print_slab(const struct snapshot *snapshot, const struct kernel_usage *usage,
                       const struct view_options *options, struct failure *why)
{
    char title[160], bytes[BYTE_TEXT_MAX];
    struct slab_report report = {snapshot, usage};
    size_t rows = usage->slab_count;
    while (!options->all && rows && usage->slab[rows - 1].bytes == 0)
        rows--;
    snprintf(title, sizeof title, "slab caches: %s %s (large kmalloc is in none)",
             format_bytes(bytes, usage->slab_bytes, options->table.unit),
             size_unit_word(options->table.unit));
    struct table table = {.columns = slab_columns,
                          .column_count = sizeof slab_columns / sizeof slab_columns[0],
                          .default_columns = "size,active,objects,objsize,aliases,name",
                          .descending = true,
                          .report = &report,
                          .row_count = rows};
    return print_part(title, &table, options, why);
}

static bool print_modules(const struct kernel_usage *usage, const struct view_options *options,
                          struct failure *why)
{
    char title[200], bytes[BYTE_TEXT_MAX], pages[BYTE_TEXT_MAX];
    snprintf(title, sizeof title, "modules: lsmod sizes sum to %s, their areas have %s %s",
             format_bytes(bytes, usage->module_bytes, options->table.unit),
             usage->has_vmalloc
                 ? format_bytes(pages, usage->owner_bytes[OWNER_MODULES], options->table.unit)
                 : "(no vmallocinfo)",
             size_unit_word(options->table.unit));
    struct table table = {.columns = module_columns,
                          .column_count = sizeof module_columns / sizeof module_columns[0],
                          .default_columns = "size,pages,seen,core,init,name",
                          .descending = true,
                          .report = usage,
                          .row_count = usage->module_count};
    return print_part(title, &table, options, why);
}

static void print_missing(const char *what, const struct view_options *options)
{
    fprintf(options->to, "\n%s: not in this bundle\n", what);
}

bool kernel_print(const struct snapshot *snapshot, const struct kernel_usage *usage,
                  const struct view_options *options, struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(snapshot, options);
    bool ok = true;
    if (usage->has_vmalloc)
        ok = print_vmalloc(usage, options, why) && print_types(usage, options, why);
    else
        print_missing("vmallocinfo", options);
    if (ok && usage->has_slab)
        ok = print_slab(snapshot, usage, options, why);
    else if (ok)
        print_missing("slabinfo", options);
    if (ok && usage->has_modules)
        ok = print_modules(usage, options, why);
    else if (ok)
        print_missing("modules", options);
    return ok;
}

static void json_add_vmalloc(struct json_document *document, const struct kernel_usage *usage)
{
    struct json_node *list = json_add_array(document, document->root, "vmalloc");
    for (size_t i = 0; i < usage->vmalloc_count; i++) {
        const struct vmalloc_group *group = &usage->vmalloc[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "caller", group->caller);
        json_add_text(document, node, "module", group->module);
        json_add_text(document, node, "type", vmalloc_type_word(group->type));
        json_add_text(document, node, "owner", vmalloc_owner_word(group->owner));
        json_add_number(document, node, "bytes", group->bytes);
        json_add_number(document, node, "areas", group->areas);
        json_add_number(document, node, "address_space_bytes", group->size_bytes);
    }
}

static void json_add_types(struct json_document *document, const struct kernel_usage *usage)
{
    struct json_node *list = json_add_array(document, document->root, "vmalloc_types");
    for (unsigned type = 0; type < VMALLOC_TYPE_COUNT; type++) {
        if (!usage->types[type].areas)
            continue;
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "type", vmalloc_type_word((enum vmalloc_type)type));
        json_add_number(document, node, "bytes", usage->types[type].bytes);
        json_add_number(document, node, "areas", usage->types[type].areas);
        json_add_number(document, node, "address_space_bytes", usage->types[type].size_bytes);
    }
}

static void json_add_slab(struct json_document *document, const struct snapshot *snapshot,
                          const struct kernel_usage *usage)
{
    struct json_node *list = json_add_array(document, document->root, "slab");
    for (size_t i = 0; i < usage->slab_count; i++) {
        const struct slab_usage *slab = &usage->slab[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "cache", slab->cache->name);
        struct json_node *aliases = json_add_array(document, node, "aliases");
        for (size_t j = 0; j < slab->alias_count; j++)
            json_add_slice(document, aliases, NULL, snapshot_text(snapshot, slab->aliases[j]));
        json_add_number(document, node, "bytes", slab->bytes);
        json_add_number(document, node, "active_bytes", slab->active_bytes);
        json_add_number(document, node, "objects", slab->cache->objects);
        json_add_number(document, node, "active_objects", slab->cache->active_objects);
        json_add_number(document, node, "object_bytes", slab->cache->object_bytes);
    }
}

static void json_add_modules(struct json_document *document, const struct kernel_usage *usage)
{
    struct json_node *list = json_add_array(document, document->root, "modules");
    for (size_t i = 0; i < usage->module_count; i++) {
        const struct module_usage *module = &usage->modules[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "name", module->name);
        json_add_amount(document, node, "size_bytes", module->size);
        json_add_amount(document, node, "allocated_bytes", module->allocated);
        json_add_bool(document, node, "seen_in_vmallocinfo", module->seen_in_vmallocinfo);
        json_add_amount(document, node, "core_size_bytes", module->core);
        json_add_amount(document, node, "init_size_bytes", module->init);
    }
}

bool kernel_print_json(const struct snapshot *snapshot, const struct kernel_usage *usage, FILE *to,
                       struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.kernel/1");
    json_add_snapshot(&document, "snapshot", snapshot);
    json_add_vmalloc(&document, usage);
    json_add_types(&document, usage);
    json_add_slab(&document, snapshot, usage);
    json_add_modules(&document, usage);
    struct json_node *totals = json_add_object(&document, document.root, "totals");
    json_add_amount(&document, totals, "vmalloc_bytes",
                    (struct amount){usage->vmalloc_bytes, usage->has_vmalloc});
    json_add_amount(&document, totals, "slab_bytes",
                    (struct amount){usage->slab_bytes, usage->has_slab});
    json_add_amount(&document, totals, "module_size_bytes",
                    (struct amount){usage->module_bytes, usage->has_modules});
    json_add_amount(&document, totals, "module_area_bytes",
                    (struct amount){usage->owner_bytes[OWNER_MODULES], usage->has_vmalloc});
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
