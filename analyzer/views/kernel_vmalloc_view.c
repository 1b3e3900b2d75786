#include "analyzer/views/kernel_tables.h"

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

static struct cell vmalloc_memory(const void *report, size_t row)
{
    return cell_of_text(vmalloc_memory_word(group_at(report, row)->memory));
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
    {"size",   "PAGES",  "memory: whole pages that the areas own",  true,  vmalloc_bytes },
    {"space",  "SPACE",  "address space, no memory",                true,  vmalloc_space },
    {"areas",  "AREAS",  "how many",                                true,  vmalloc_areas },
    {"type",   "TYPE",   "vmalloc, vmap, ioremap, ...",             false, vmalloc_type  },
    {"owner",  "OWNER",  "what the caller stands for",              false, vmalloc_owner },
    {"memory", "MEMORY", "where the memory behind them is counted", false, vmalloc_memory},
    {"module", "MODULE", "module of the caller",                    false, vmalloc_module},
    {"caller", "CALLER", "function that made the area",             false, vmalloc_caller},
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

/* vmalloc by owner: only those that are there. */

struct owner_report {
    const struct kernel_usage *usage;
    enum vmalloc_owner owners[OWNER_COUNT];
    size_t count;
};

static enum vmalloc_owner owner_at(const void *report, size_t row)
{
    return ((const struct owner_report *)report)->owners[row];
}

static struct cell owner_bytes(const void *report, size_t row)
{
    const struct kernel_usage *usage = ((const struct owner_report *)report)->usage;
    return cell_of_bytes(usage->owner_bytes[owner_at(report, row)]);
}

static struct cell owner_areas(const void *report, size_t row)
{
    const struct kernel_usage *usage = ((const struct owner_report *)report)->usage;
    return cell_of_number(usage->owner_areas[owner_at(report, row)]);
}

static struct cell owner_name(const void *report, size_t row)
{
    return cell_of_text(vmalloc_owner_word(owner_at(report, row)));
}

static const struct column owner_columns[] = {
    {"size",  "PAGES", "memory: whole pages that the areas own", true,  owner_bytes},
    {"areas", "AREAS", "how many",                               true,  owner_areas},
    {"owner", "OWNER", "what their callers stand for",           false, owner_name },
};

/* vmalloc by the module that asked for it. */

static const struct vmalloc_module *module_at(const void *report, size_t row)
{
    return &((const struct kernel_usage *)report)->vmalloc_modules[row];
}

static struct cell module_bytes(const void *report, size_t row)
{
    return cell_of_bytes(module_at(report, row)->bytes);
}

static struct cell module_space(const void *report, size_t row)
{
    return cell_of_bytes(module_at(report, row)->size_bytes);
}

static struct cell module_areas(const void *report, size_t row)
{
    return cell_of_number(module_at(report, row)->areas);
}

static struct cell module_name(const void *report, size_t row)
{
    return cell_of_text(module_at(report, row)->module);
}

static const struct column module_columns[] = {
    {"size",   "PAGES",  "memory: whole pages that the areas own", true,  module_bytes},
    {"space",  "SPACE",  "address space, no memory",               true,  module_space},
    {"areas",  "AREAS",  "how many",                               true,  module_areas},
    {"module", "MODULE", "whose code made them",                   false, module_name },
};

static bool print_callers(const struct kernel_usage *usage, const struct view_options *options,
                          struct failure *why)
{
    size_t rows = usage->vmalloc_count;
    while (!options->all && rows && usage->vmalloc[rows - 1].bytes == 0)
        rows--;
    const struct table table = KERNEL_TABLE(vmalloc_columns, usage, rows);
    return kernel_print_table(&table, options, why);
}

static bool print_owners(const struct kernel_usage *usage, const struct view_options *options,
                         struct failure *why)
{
    struct owner_report report = {.usage = usage};
    for (unsigned owner = 0; owner < OWNER_COUNT; owner++)
        if (usage->owner_areas[owner] && (options->all || usage->owner_bytes[owner]))
            report.owners[report.count++] = (enum vmalloc_owner)owner;
    const struct table table = KERNEL_TABLE(owner_columns, &report, report.count);
    kernel_print_title(options, "vmalloc by owner");
    return kernel_print_table(&table, options, why);
}

static bool print_types(const struct kernel_usage *usage, const struct view_options *options,
                        struct failure *why)
{
    struct type_report report = {.usage = usage};
    for (unsigned type = 0; type < VMALLOC_TYPE_COUNT; type++)
        if (usage->types[type].areas)
            report.types[report.count++] = (enum vmalloc_type)type;
    const struct table table = KERNEL_TABLE(type_columns, &report, report.count);
    kernel_print_title(options, "vmalloc by type");
    return kernel_print_table(&table, options, why);
}

static bool print_modules(const struct kernel_usage *usage, const struct view_options *options,
                          struct failure *why)
{
    size_t rows = usage->vmalloc_module_count;
    while (!options->all && rows && usage->vmalloc_modules[rows - 1].bytes == 0)
        rows--;
    if (rows == 0)
        return true;
    const struct table table = KERNEL_TABLE(module_columns, usage, rows);
    kernel_print_title(options, "vmalloc by module");
    return kernel_print_table(&table, options, why);
}

bool kernel_print_vmalloc(const struct kernel_report *report, const struct view_options *options,
                          struct failure *why)
{
    const struct kernel_usage *usage = &report->usage;
    char bytes[BYTE_TEXT_MAX];
    if (!usage->has_vmalloc) {
        kernel_print_title(options, "vmallocinfo: not in this bundle");
        return true;
    }
    kernel_print_title(options, "vmalloc: %s%s in %" PRIu64 " areas",
                       format_bytes(bytes, usage->vmalloc_bytes, options->table.unit),
                       kernel_unit_suffix(options), usage->vmalloc_areas);
    kernel_print_balances(report, KERNEL_VMALLOC_SECTION, options);
    return print_callers(usage, options, why) && print_owners(usage, options, why) &&
           print_types(usage, options, why) && print_modules(usage, options, why);
}
