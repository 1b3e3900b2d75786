#include "analyzer/compare/kernel_causes.h"

#include <string.h>

#include "analyzer/account/reading_error.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_noise.h"
#include "analyzer/parse/system/meminfo.h"

static bool add(struct named_list *list, enum kernel_change_kind kind, const char *name,
                const char *detail, uint64_t bytes, uint64_t noise_bytes)
{
    return named_list_add(list, &(struct named_amount){.kind = kind,
                                                       .name = name,
                                                       .detail = detail,
                                                       .bytes = bytes,
                                                       .noise_bytes = noise_bytes});
}

static uint64_t spread_of(const struct kernel_side *side, const char *id)
{
    const struct ledger_line *line = side->ledger ? ledger_find(side->ledger, id) : NULL;
    return line ? side->spread->line_bytes[line - side->ledger->lines] : 0;
}

static bool list_vmalloc(const struct kernel_side *side, struct named_list *list)
{
    uint64_t noise = spread_of(side, "vmalloc");
    if (!side->other_usage->has_vmalloc)
        return true;
    for (size_t i = 0; i < side->usage->vmalloc_count; i++) {
        const struct vmalloc_group *group = &side->usage->vmalloc[i];
        if (!add(list, KERNEL_VMALLOC, group->caller, group->module, group->bytes, noise))
            return false;
    }
    return true;
}

static bool has_cache(const struct kernel_usage *usage, const char *name)
{
    for (size_t i = 0; i < usage->slab_count; i++)
        if (strcmp(usage->slab[i].cache->name, name) == 0)
            return true;
    return false;
}

static bool is_alias(const struct snapshot *snapshot, const struct slab_usage *cache,
                     const char *name)
{
    for (size_t i = 0; i < cache->alias_count; i++)
        if (slice_equal(snapshot_text(snapshot, cache->aliases[i]), slice_of(name)))
            return true;
    return false;
}

/* The kernel merges caches of one size, and which of their names it prints is chance: it may differ
 * after a boot or a loaded module. Then both sides call it by the name that sorts first. */
static const char *cache_name(const struct kernel_side *side, const struct slab_usage *cache)
{
    const char *name = cache->cache->name;
    if (has_cache(side->other_usage, name))
        return name;
    for (size_t i = 0; i < side->other_usage->slab_count; i++) {
        const struct slab_usage *other = &side->other_usage->slab[i];
        if (has_cache(side->usage, other->cache->name) ||
            !(is_alias(side->snapshot, cache, other->cache->name) ||
              is_alias(side->other_snapshot, other, name)))
            continue;
        return strcmp(other->cache->name, name) < 0 ? other->cache->name : name;
    }
    return name;
}

/* A slab for each CPU, which keeps one to take objects from. And what slab moved while the bundle was
 * taken may have been in any cache: each has its share of it. But whoever reads /proc makes its
 * inodes, and those may have been all. */
static uint64_t slab_noise(const struct kernel_side *side, const struct slab_usage *cache)
{
    static const char *const lines[] = {
        [SLAB_RECLAIM_UNKNOWN] = "slab",
        [SLAB_RECLAIMABLE] = "slab.reclaimable",
        [SLAB_UNRECLAIMABLE] = "slab.unreclaimable",
    };
    const char *id = lines[cache->reclaim];
    uint64_t moved = spread_of(side, id);
    const struct ledger_line *line = side->ledger ? ledger_find(side->ledger, id) : NULL;
    if (line && cache->bytes < line->bytes && strcmp(cache->cache->name, "proc_inode_cache") != 0)
        moved = multiply_saturating(moved, cache->bytes) / line->bytes;
    struct reading_error error;
    reading_error_find(side->snapshot, &error);
    uint64_t slab_bytes = multiply_saturating(cache->cache->pages_per_slab, error.page_bytes);
    return add_saturating(moved, multiply_saturating(slab_bytes, error.cpus));
}

static bool list_slab(const struct kernel_side *side, struct named_list *list)
{
    if (!side->other_usage->has_slab)
        return true;
    for (size_t i = 0; i < side->usage->slab_count; i++) {
        const struct slab_usage *cache = &side->usage->slab[i];
        if (!add(list, KERNEL_SLAB, cache_name(side, cache), NULL, cache->bytes,
                 slab_noise(side, cache)))
            return false;
    }
    return true;
}

static bool list_modules(const struct kernel_side *side, struct named_list *list)
{
    if (!side->other_usage->has_modules)
        return true;
    for (size_t i = 0; i < side->usage->module_count; i++) {
        const struct module_usage *module = &side->usage->modules[i];
        if (!add(list, KERNEL_MODULE, module->name, NULL, module->size.bytes, 0))
            return false;
    }
    return true;
}

/* Each without what is below it, so that nothing is told twice. */
static bool list_cgroups(const struct kernel_side *side, struct named_list *list)
{
    const struct amount late = side->cgroups->counter_error;
    if (side->cgroups->tree.version != side->other_cgroups->tree.version)
        return true;
    for (size_t i = 0; i < side->cgroups->tree.count; i++) {
        const struct cgroup_usage *row = &side->cgroups->rows[i];
        const struct amount own = row->own[CGROUP_FIGURE_CHARGED];
        const char *path = row->node->path.length_bytes ? row->node->path.at : "/";
        if (own.known &&
            !add(list, KERNEL_CGROUP, path, NULL, own.bytes, late.known ? late.bytes : 0))
            return false;
    }
    return true;
}

static bool list_swap(const struct kernel_side *side, struct named_list *list)
{
    const struct swaps *swaps = &side->snapshot->system.swaps;
    uint64_t noise = reading_moved(side->snapshot, MEMINFO_SWAP_FREE);
    if (!side->other_snapshot->system.has_swaps)
        return true;
    for (size_t i = 0; i < swaps->count; i++)
        if (!add(list, KERNEL_SWAP, swaps->areas[i].name, NULL, swaps->areas[i].used_bytes, noise))
            return false;
    return true;
}

/* What processes map or hold is compared where both sides could read the same ones. */
static bool is_listed(const struct kernel_side *side, enum shared_kind kind)
{
    const struct shared_memory *other = side->other_shared;
    if (kind == SHARED_SYSV)
        return other->has_sysv;
    if (kind == SHARED_TMPFS)
        return other->has_mounts;
    return !side->is_one_sided && (other->has_held || other->has_mappings);
}

static bool list_shared(const struct kernel_side *side, struct named_list *list)
{
    for (size_t i = 0; i < side->shared->count; i++) {
        const struct shared_owner *owner = &side->shared->rows[i];
        if (!owner->resident.known || !is_listed(side, owner->kind))
            continue;
        struct named_amount row = {
            .kind = KERNEL_SHARED,
            .name = owner->name,
            .detail = shared_kind_word(owner->kind),
            .bytes = owner->resident.bytes,
            .noise_bytes = owner->sized_by_mappings ? diff_noise_of_pss(owner->mappers, 0) : 0,
            .mapped_bytes = owner->mapped.known ? owner->mapped.bytes : 0,
            .collector_bytes = owner->collector_bytes,
        };
        if (!named_list_add(list, &row))
            return false;
    }
    return true;
}

/* Lines of the ledger that have no finer cause here. */
static bool has_causes_of_its_own(const char *id)
{
    static const char *const ids[] = {"free", "pcp", "user", "slab", "vmalloc"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

static bool list_lines(const struct kernel_side *side, struct named_list *list)
{
    for (size_t i = 0; side->ledger && i < side->ledger->line_count; i++) {
        const struct ledger_line *line = &side->ledger->lines[i];
        if (line->parent < 0 && !has_causes_of_its_own(line->id) &&
            !add(list, KERNEL_LINE, line->id, NULL, line->bytes, side->spread->line_bytes[i]))
            return false;
    }
    return true;
}

bool kernel_causes_list(const struct kernel_side *side, struct named_list *list)
{
    return list_vmalloc(side, list) && list_slab(side, list) && list_modules(side, list) &&
           list_cgroups(side, list) && list_swap(side, list) && list_shared(side, list) &&
           list_lines(side, list);
}
