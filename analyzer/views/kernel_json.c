/* memtally kernel --json. */
#include "analyzer/views/kernel_tables.h"

static void add_vmalloc(struct json_document *document, const struct kernel_usage *usage,
                        struct json_node *list)
{
    for (size_t i = 0; i < usage->vmalloc_count; i++) {
        const struct vmalloc_group *group = &usage->vmalloc[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "caller", group->caller);
        json_add_text(document, node, "module", group->module);
        json_add_text(document, node, "type", vmalloc_type_word(group->type));
        json_add_text(document, node, "owner", vmalloc_owner_word(group->owner));
        json_add_text(document, node, "memory", vmalloc_memory_word(group->memory));
        json_add_number(document, node, "bytes", group->bytes);
        json_add_number(document, node, "areas", group->areas);
        json_add_number(document, node, "address_space_bytes", group->size_bytes);
    }
}

static void add_types(struct json_document *document, const struct kernel_usage *usage,
                      struct json_node *list)
{
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

static void add_owners(struct json_document *document, const struct kernel_usage *usage,
                       struct json_node *list)
{
    for (unsigned owner = 0; owner < OWNER_COUNT; owner++) {
        if (!usage->owner_areas[owner])
            continue;
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "owner", vmalloc_owner_word((enum vmalloc_owner)owner));
        json_add_number(document, node, "bytes", usage->owner_bytes[owner]);
        json_add_number(document, node, "areas", usage->owner_areas[owner]);
    }
}

static void add_vmalloc_modules(struct json_document *document, const struct kernel_usage *usage,
                                struct json_node *list)
{
    for (size_t i = 0; i < usage->vmalloc_module_count; i++) {
        const struct vmalloc_module *module = &usage->vmalloc_modules[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "module", module->module);
        json_add_number(document, node, "bytes", module->bytes);
        json_add_number(document, node, "areas", module->areas);
        json_add_number(document, node, "address_space_bytes", module->size_bytes);
    }
}

static void add_reclaimable(struct json_document *document, struct json_node *node,
                            enum slab_reclaim reclaim)
{
    if (reclaim == SLAB_RECLAIM_UNKNOWN)
        json_add_null(document, node, "reclaimable");
    else
        json_add_bool(document, node, "reclaimable", reclaim == SLAB_RECLAIMABLE);
}

static void add_slab(struct json_document *document, const struct snapshot *snapshot,
                     const struct kernel_usage *usage, struct json_node *list)
{
    for (size_t i = 0; i < usage->slab_count; i++) {
        const struct slab_usage *slab = &usage->slab[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "cache", slab->cache->name);
        struct json_node *aliases = json_add_array(document, node, "aliases");
        for (size_t j = 0; j < slab->alias_count; j++)
            json_add_slice(document, aliases, NULL, snapshot_text(snapshot, slab->aliases[j]));
        json_add_number(document, node, "bytes", slab->bytes);
        json_add_number(document, node, "active_bytes", slab->active_bytes);
        json_add_number(document, node, "loss_bytes", slab->loss_bytes);
        json_add_number(document, node, "objects", slab->cache->objects);
        json_add_number(document, node, "active_objects", slab->cache->active_objects);
        json_add_number(document, node, "object_bytes", slab->cache->object_bytes);
        json_add_number(document, node, "slabs", slab->cache->slabs);
        add_reclaimable(document, node, slab->reclaim);
    }
}

static void add_modules(struct json_document *document, const struct kernel_usage *usage,
                        struct json_node *list)
{
    for (size_t i = 0; i < usage->module_count; i++) {
        const struct module_usage *module = &usage->modules[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "name", module->name);
        json_add_amount(document, node, "size_bytes", module->size);
        json_add_amount(document, node, "allocated_bytes", module->allocated);
        json_add_bool(document, node, "seen_in_vmallocinfo", module->seen_in_vmallocinfo);
        json_add_text(document, node, "verified", module_proof_word(usage->module_proof));
        json_add_amount(document, node, "core_size_bytes", module->core);
        json_add_amount(document, node, "init_size_bytes", module->init);
        json_add_amount(document, node, "vmalloc_bytes", module->vmalloc);
    }
}

static void add_processes(struct json_document *document, const struct snapshot *snapshot,
                          const struct kernel_holders *holders, struct json_node *list)
{
    for (size_t i = 0; i < holders->count; i++) {
        const struct process_holding *row = &holders->rows[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_number(document, node, "pid", row->process->pid);
        if (row->process->files & PROCESS_COMM)
            json_add_slice(document, node, "comm", kernel_command(snapshot, row->process));
        else
            json_add_null(document, node, "comm");
        json_add_amount(document, node, "page_tables_bytes", row->page_tables);
        json_add_amount(document, node, "threads", row->threads);
        json_add_amount(document, node, "kernel_stacks_bytes", row->stacks);
    }
}

static void add_pools(struct json_document *document, const struct kernel_pools *pools,
                      struct json_node *list)
{
    for (size_t i = 0; i < pools->count; i++) {
        const struct kernel_pool *pool = &pools->rows[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "kind", pool_kind_word(pool->kind));
        json_add_slice(document, node, "name", slice_of(pool->name));
        json_add_amount(document, node, "bytes", pool->size);
        json_add_amount(document, node, "free_bytes", pool->free);
        json_add_amount(document, node, "reserved_bytes", pool->reserved);
        json_add_amount(document, node, "surplus_bytes", pool->surplus);
        json_add_amount(document, node, "original_bytes", pool->original);
        json_add_amount(document, node, "compressed_bytes", pool->compressed);
        json_add_amount(document, node, "count", pool->count);
        json_add_text(document, node, "count_of", pool->count_of);
        json_add_text(document, node, "line", pool->line);
        json_add_text(document, node, "source", pool->source);
    }
}

static void add_shared(struct json_document *document, const struct shared_memory *shared,
                       struct json_node *list)
{
    for (size_t i = 0; i < shared->count; i++) {
        const struct shared_owner *row = &shared->rows[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "kind", shared_kind_word(row->kind));
        json_add_slice(document, node, "name", slice_of(row->name));
        json_add_amount(document, node, "resident_bytes", row->resident);
        json_add_amount(document, node, "swap_bytes", row->swap);
        json_add_amount(document, node, "mapped_bytes", row->mapped);
        json_add_number(document, node, "mappers", row->mappers);
        json_add_number(document, node, "holders", row->holders);
        json_add_amount(document, node, "holder_pid",
                        (struct amount){row->holder_pid, row->holder_pid != 0});
        json_add_bool(document, node, "unmapped", row->unmapped);
        json_add_amount(document, node, "creator_pid",
                        (struct amount){row->creator_pid, row->creator_pid != 0});
        json_add_text(document, node, "creator", creator_state_word(row->creator));
        json_add_amount(document, node, "uid", row->uid);
        json_add_text(document, node, "source", row->source);
    }
}

static void add_balances(struct json_document *document, const struct kernel_report *report,
                         const struct view_options *options)
{
    struct json_node *list = json_add_array(document, document->root, "balances");
    for (size_t i = 0; i < report->balance_count; i++) {
        const struct kernel_balance *balance = &report->balances[i];
        if (!kernel_section_wanted(options, balance->section))
            continue;
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "id", balance->id);
        json_add_text(document, node, "section", kernel_section_word(balance->section));
        json_add_text(document, node, "parts", balance->parts);
        json_add_number(document, node, "parts_bytes", balance->parts_bytes);
        json_add_text(document, node, "whole", balance->whole);
        json_add_number(document, node, "whole_bytes", balance->whole_bytes);
        json_add_signed(document, node, "difference_bytes", kernel_balance_difference(balance));
        json_add_text(document, node, "reason", balance->reason[0] ? balance->reason : NULL);
    }
}

static void add_totals(struct json_document *document, const struct kernel_report *report)
{
    const struct kernel_usage *usage = &report->usage;
    const struct kernel_holders *holders = &report->holders;
    struct json_node *totals = json_add_object(document, document->root, "totals");
    const struct {
        const char *key;
        uint64_t bytes;
        bool known;
    } sums[] = {
        {"vmalloc_bytes",              usage->vmalloc_bytes,               usage->has_vmalloc         },
        {"slab_bytes",                 usage->slab_bytes,                  usage->has_slab            },
        {"slab_loss_bytes",            usage->slab_loss_bytes,             usage->has_slab            },
        {"module_size_bytes",          usage->module_bytes,                usage->has_modules         },
        {"module_allocated_bytes",     usage->module_allocated_bytes,
         usage->has_modules && usage->page_bytes                                                      },
        {"module_area_bytes",          usage->owner_bytes[OWNER_MODULES],  usage->has_vmalloc         },
        {"page_tables_bytes",          holders->page_tables.bytes,         holders->page_tables.known },
        {"threads",                    holders->threads,                   holders->count != 0        },
        {"kernel_threads",             holders->kernel_threads,            holders->count != 0        },
        {"stack_size_bytes",           holders->stack_size.bytes,          holders->stack_size.known  },
        {"kernel_stacks_bytes",        holders->stacks_bytes.bytes,        holders->stacks_bytes.known},
        {"kernel_thread_stacks_bytes", holders->kernel_thread_bytes.bytes,
         holders->kernel_thread_bytes.known                                                           },
        {"shared_bytes",               report->shared.resident_bytes,      report->shared.count != 0  },
        {"shared_unmapped_bytes",      report->shared.unmapped_bytes,      report->shared.count != 0  },
    };
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++)
        json_add_amount(document, totals, sums[i].key,
                        (struct amount){sums[i].bytes, sums[i].known});
    json_add_text(document, totals, "stack_size_grade",
                  holders->stack_size.known ? grade_word(holders->stack_grade) : NULL);
}

bool kernel_print_json(const struct snapshot *snapshot, const struct kernel_report *report,
                       const struct view_options *options, struct failure *why)
{
    const struct kernel_usage *usage = &report->usage;
    struct json_document document;
    json_document_init(&document, "memtally.kernel/1");
    json_add_snapshot(&document, "snapshot", snapshot);
    struct json_node *sections = json_add_array(&document, document.root, "sections");
    struct json_node *vmalloc = json_add_array(&document, document.root, "vmalloc");
    struct json_node *owners = json_add_array(&document, document.root, "vmalloc_owners");
    struct json_node *types = json_add_array(&document, document.root, "vmalloc_types");
    struct json_node *callers = json_add_array(&document, document.root, "vmalloc_modules");
    struct json_node *slab = json_add_array(&document, document.root, "slab");
    struct json_node *modules = json_add_array(&document, document.root, "modules");
    struct json_node *processes = json_add_array(&document, document.root, "processes");
    struct json_node *pools = json_add_array(&document, document.root, "pools");
    struct json_node *shared = json_add_array(&document, document.root, "shared");
    for (unsigned section = 0; section < KERNEL_SECTION_COUNT; section++)
        if (kernel_section_wanted(options, (enum kernel_section)section))
            json_add_text(&document, sections, NULL,
                          kernel_section_word((enum kernel_section)section));
    if (kernel_section_wanted(options, KERNEL_VMALLOC_SECTION)) {
        add_vmalloc(&document, usage, vmalloc);
        add_owners(&document, usage, owners);
        add_types(&document, usage, types);
        add_vmalloc_modules(&document, usage, callers);
    }
    if (kernel_section_wanted(options, KERNEL_SLAB_SECTION))
        add_slab(&document, snapshot, usage, slab);
    if (kernel_section_wanted(options, KERNEL_MODULES_SECTION))
        add_modules(&document, usage, modules);
    if (kernel_section_wanted(options, KERNEL_PROCESSES_SECTION))
        add_processes(&document, snapshot, &report->holders, processes);
    if (kernel_section_wanted(options, KERNEL_POOLS_SECTION))
        add_pools(&document, &report->pools, pools);
    if (kernel_section_wanted(options, KERNEL_SHARED_SECTION))
        add_shared(&document, &report->shared, shared);
    add_balances(&document, report, options);
    add_totals(&document, report);
    bool ok = json_document_print(&document, options->to, why);
    json_document_deinit(&document);
    return ok;
}
