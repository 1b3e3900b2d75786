#include <stdlib.h>
#include <string.h>

#include "analyzer/account/kernel_parts.h"
#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"

/* Caches that every kernel makes with SLAB_RECLAIM_ACCOUNT, and those of kmalloc, which has it only
 * in the caches named so. A name that ends in '*' is the start of one. Other caches may have it or
 * not, depending on the kernel. */
static const struct reclaim_rule {
    const char *name;
    enum slab_reclaim reclaim;
} reclaim_rules[] = {
    {"dentry",           SLAB_RECLAIMABLE  },
    {"inode_cache",      SLAB_RECLAIMABLE  },
    {"buffer_head",      SLAB_RECLAIMABLE  },
    {"ext2_inode_cache", SLAB_RECLAIMABLE  },
    {"ext3_inode_cache", SLAB_RECLAIMABLE  },
    {"ext4_inode_cache", SLAB_RECLAIMABLE  },
    {"nfs_inode_cache",  SLAB_RECLAIMABLE  },
    {"proc_inode_cache", SLAB_RECLAIMABLE  },
    {"btrfs_inode",      SLAB_RECLAIMABLE  },
    {"kmalloc-rcl-*",    SLAB_RECLAIMABLE  },
    {"kmalloc-*",        SLAB_UNRECLAIMABLE},
    {"dma-kmalloc-*",    SLAB_UNRECLAIMABLE},
};

static enum slab_reclaim reclaim_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof reclaim_rules / sizeof reclaim_rules[0]; i++) {
        size_t length = strlen(reclaim_rules[i].name);
        bool is_start = reclaim_rules[i].name[length - 1] == '*';
        if (is_start ? strncmp(name, reclaim_rules[i].name, length - 1) == 0
                     : strcmp(name, reclaim_rules[i].name) == 0)
            return reclaim_rules[i].reclaim;
    }
    return SLAB_RECLAIM_UNKNOWN;
}

/* What a link of /sys/kernel/slab points to is ":FLAGS-SIZE" or ":SIZE", and 'a' among the flags is
 * SLAB_RECLAIM_ACCOUNT. Source: mm/slub.c:create_unique_id(). */
static enum slab_reclaim reclaim_of_target(struct slice target)
{
    if (target.length_bytes == 0 || target.at[0] != ':')
        return SLAB_RECLAIM_UNKNOWN;
    const char *flags_end = memchr(target.at, '-', target.length_bytes);
    if (!flags_end)
        return SLAB_UNRECLAIMABLE;
    return memchr(target.at, 'a', (size_t)(flags_end - target.at)) ? SLAB_RECLAIMABLE
                                                                   : SLAB_UNRECLAIMABLE;
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
    enum slab_reclaim reclaim = reclaim_of_target(snapshot_text(snapshot, target));
    if (reclaim != SLAB_RECLAIM_UNKNOWN)
        slab->reclaim = reclaim;
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

bool kernel_list_slab(const struct snapshot *snapshot, struct kernel_usage *usage)
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
        slab->loss_bytes = subtract_to_zero(slab->bytes, slab->active_bytes);
        slab->reclaim = reclaim_of_name(cache->name);
        usage->slab_bytes = add_saturating(usage->slab_bytes, slab->bytes);
        usage->slab_loss_bytes = add_saturating(usage->slab_loss_bytes, slab->loss_bytes);
        ok = find_aliases(snapshot, &index, slab);
    }
    free(index.by_name);
    free(index.by_target);
    if (ok)
        qsort(usage->slab, usage->slab_count, sizeof *usage->slab, by_slab_bytes);
    usage->has_slab = ok;
    return ok;
}
