#include "analyzer/views/kernel_tables.h"

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

static struct cell module_proof(const void *report, size_t row)
{
    (void)row;
    return cell_of_text(module_proof_word(((const struct kernel_usage *)report)->module_proof));
}

static struct cell module_vmalloc(const void *report, size_t row)
{
    return cell_of_amount(module_at(report, row)->vmalloc);
}

static struct cell module_name(const void *report, size_t row)
{
    return cell_of_text(module_at(report, row)->name);
}

static const struct column module_columns[] = {
    {"size",    "LSMOD",    "size as lsmod shows it",                     true,  module_size     },
    {"pages",   "PAGES",    "whole pages of it, without guard page",      true,  module_allocated},
    {"seen",    "VERIFIED", "pages seen in vmallocinfo: by area, by sum", false, module_proof    },
    {"core",    "CORESIZE", "/sys/module/NAME/coresize",                  true,  module_core     },
    {"init",    "INITSIZE", "/sys/module/NAME/initsize",                  true,  module_init     },
    {"vmalloc", "VMALLOC",  "what its code took by vmalloc besides",      true,  module_vmalloc  },
    {"name",    "MODULE",   "name",                                       false, module_name     },
};

bool kernel_print_modules(const struct kernel_report *report, const struct view_options *options,
                          struct failure *why)
{
    const struct kernel_usage *usage = &report->usage;
    char bytes[BYTE_TEXT_MAX], pages[BYTE_TEXT_MAX];
    if (!usage->has_modules) {
        kernel_print_title(options, "modules: not in this bundle");
        return true;
    }
    kernel_print_title(options, "modules: lsmod sizes sum to %s, their areas have %s%s",
                       format_bytes(bytes, usage->module_bytes, options->table.unit),
                       usage->has_vmalloc ? format_bytes(pages, usage->owner_bytes[OWNER_MODULES],
                                                         options->table.unit)
                                          : "(no vmallocinfo)",
                       kernel_unit_suffix(options));
    kernel_print_balances(report, KERNEL_MODULES_SECTION, options);
    const struct table table = KERNEL_TABLE(module_columns, usage, usage->module_count);
    return kernel_print_table(&table, options, why);
}
