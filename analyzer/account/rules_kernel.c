/* Rules of the kernel's own memory, of free memory and of nodes. */
#include "analyzer/account/rule_table.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/account/cgroup_tree.h"
#include "analyzer/account/rule_functions.h"
#include "analyzer/base/checked_math.h"

static void judge_field(const struct rule_input *in, const struct rule *rule,
                        struct rule_result *result, enum meminfo_field field)
{
    uint64_t bytes;
    if (rule_meminfo(in, field, &bytes))
        rule_judge_share(in, rule, result, meminfo_field_name(field), bytes);
    else
        rule_impossible(result, "no %s in meminfo", meminfo_field_name(field));
}

void rule_page_tables(const struct rule_input *in, const struct rule *rule,
                      struct rule_result *result)
{
    judge_field(in, rule, result, MEMINFO_PAGE_TABLES);
}

void rule_slab_share(const struct rule_input *in, const struct rule *rule,
                     struct rule_result *result)
{
    uint64_t reclaimable;
    judge_field(in, rule, result, MEMINFO_SLAB);
    if (rule_meminfo(in, MEMINFO_S_RECLAIMABLE, &reclaimable))
        rule_bytes(result, "SReclaimable", reclaimable);
}

/* Caches by what they take. */
static const struct slab_cache *largest_cache(const struct slabinfo *slabinfo)
{
    const struct slab_cache *largest = NULL;
    uint64_t most = 0;
    for (size_t i = 0; i < slabinfo->count; i++) {
        const struct slab_cache *cache = &slabinfo->caches[i];
        uint64_t pages = multiply_saturating(cache->slabs, cache->pages_per_slab);
        if (pages > most) {
            most = pages;
            largest = cache;
        }
    }
    return largest;
}

void rule_slab_unreclaimable(const struct rule_input *in, const struct rule *rule,
                             struct rule_result *result)
{
    judge_field(in, rule, result, MEMINFO_S_UNRECLAIM);
    const struct slab_cache *cache = largest_cache(&in->snapshot->system.slabinfo);
    if (cache && result->verdict == RULE_WARN)
        rule_say(result, "largest cache: %s", cache->name);
}

void rule_slab_idle(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result)
{
    const struct slabinfo *slabinfo = &in->snapshot->system.slabinfo;
    uint64_t idle = 0, most = 0;
    const char *name = NULL;
    if (!in->snapshot->system.has_slabinfo) {
        rule_impossible(result, "no slabinfo (only root may read it)");
        return;
    }
    for (size_t i = 0; i < slabinfo->count; i++) {
        const struct slab_cache *cache = &slabinfo->caches[i];
        uint64_t bytes = multiply_saturating(
            subtract_to_zero(cache->objects, cache->active_objects), cache->object_bytes);
        idle = add_saturating(idle, bytes);
        if (bytes > most) {
            most = bytes;
            name = cache->name;
        }
    }
    rule_judge_share(in, rule, result, "objects that are free", idle);
    if (name && result->verdict == RULE_WARN)
        rule_say(result, "most in cache %s", name);
}

/* nr_dentry nr_unused age_limit want_pages nr_negative: the first two. */
static bool dentry_counts(const char *text, uint64_t *all, uint64_t *unused)
{
    char *end;
    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    *all = strtoull(text, &end, 10);
    while (*end == ' ' || *end == '\t')
        end++;
    if (*end < '0' || *end > '9')
        return false;
    *unused = strtoull(end, NULL, 10);
    return true;
}

void rule_dentries(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    const struct slabinfo *slabinfo = &in->snapshot->system.slabinfo;
    uint64_t all, unused, object_bytes = 192;
    if (!dentry_counts(figure_text(in->snapshot, "proc/sys/fs/dentry-state"), &all, &unused)) {
        rule_impossible(result, "proc/sys/fs/dentry-state is not in the bundle");
        return;
    }
    for (size_t i = 0; i < slabinfo->count; i++)
        if (strcmp(slabinfo->caches[i].name, "dentry") == 0 && slabinfo->caches[i].object_bytes)
            object_bytes = slabinfo->caches[i].object_bytes;
    uint64_t in_use = subtract_to_zero(all, unused);
    rule_judge_share(in, rule, result, "dentries in use",
                     multiply_saturating(in_use, object_bytes));
    rule_number(result, "of them", in_use);
    rule_number(result, "unused", unused);
}

void rule_dying_cgroups(const struct rule_input *in, const struct rule *rule,
                        struct rule_result *result)
{
    struct cgroup_tree tree;
    struct failure why = {0};
    const char *source;
    if (!cgroup_tree_build(in->snapshot, &tree, &why)) {
        rule_impossible(result, "out of memory");
        return;
    }
    struct amount dying = cgroups_dying(in->snapshot, &tree, &source);
    cgroup_tree_deinit(&tree);
    if (!dying.known) {
        rule_impossible(result, "neither cgroup.stat of the root (v2) nor /proc/cgroups with the "
                                "cgroups of v1 is in the bundle");
        return;
    }
    rule_number(result, "dying cgroups", dying.bytes);
    rule_judge(result, dying.bytes > rule->limit);
}

/* Machines with pages of 64 KiB have huge pages of 512 MiB: few have so much in one piece, and
 * drivers want no more than this. */
#define BLOCK_MOST_BYTES (UINT64_C(32) << 20)

/* The order of a huge page: by THP's own size, else by that of the default pool; at most the largest
 * that the kernel keeps free blocks of. */
static bool huge_order(const struct rule_input *in, unsigned *order)
{
    const struct buddyinfo *buddyinfo = &in->snapshot->system.buddyinfo;
    unsigned orders = 1;
    int64_t thp = 0;
    uint64_t bytes = 0;
    if (figure_number(in->snapshot, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size", &thp) &&
        thp > 0)
        bytes = (uint64_t)thp;
    else if (!rule_meminfo(in, MEMINFO_HUGE_PAGE_SIZE, &bytes))
        return false;
    if (!in->page_bytes || bytes < in->page_bytes)
        return false;
    if (bytes > BLOCK_MOST_BYTES)
        bytes = BLOCK_MOST_BYTES;
    for (size_t i = 0; i < buddyinfo->count; i++)
        if (buddyinfo->zones[i].order_count > orders)
            orders = buddyinfo->zones[i].order_count;
    *order = 0;
    while (*order + 1 < orders && in->page_bytes << (*order + 1) <= bytes)
        ++*order;
    return true;
}

void rule_fragmentation(const struct rule_input *in, const struct rule *rule,
                        struct rule_result *result)
{
    const struct buddyinfo *buddyinfo = &in->snapshot->system.buddyinfo;
    uint64_t all = 0, usable = 0;
    unsigned order;
    if (!in->snapshot->system.has_buddyinfo || !huge_order(in, &order)) {
        rule_impossible(result, "no buddyinfo, or the size of a huge page is not known");
        return;
    }
    for (size_t i = 0; i < buddyinfo->count; i++)
        for (unsigned at = 0; at < buddyinfo->zones[i].order_count; at++) {
            uint64_t pages = multiply_saturating(buddyinfo->zones[i].blocks[at], UINT64_C(1) << at);
            all = add_saturating(all, pages);
            if (at >= order)
                usable = add_saturating(usable, pages);
        }
    uint64_t free_bytes = multiply_saturating(all, in->page_bytes);
    if (!rule_share_above(free_bytes, in->mem_total_bytes, rule->second)) {
        rule_impossible(result, "free memory is %llu MiB, too little to judge by",
                        (unsigned long long)free_bytes >> 20);
        return;
    }
    rule_bytes(result, "free", free_bytes);
    rule_number(result, "order", order);
    rule_percent(result, "in smaller blocks", subtract_to_zero(all, usable), all);
    rule_judge(result, rule_share_above(all - usable, all, rule->limit));
}

/* What a node has in pools of huge pages: nobody else can have it, used or not. */
static uint64_t pools_of_node(const struct rule_input *in, const struct node_memory *node)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t pages, size, sum = 0;
    bool any = false;
    for (size_t i = 0; i < system->pool_count; i++) {
        const struct huge_page_pool *pool = &system->pools[i];
        if (pool->node < 0 || (uint64_t)pool->node != node->node || !pool->total.known)
            continue;
        sum = add_saturating(sum, multiply_saturating(pool->total.bytes, pool->page_bytes));
        any = true;
    }
    if (!any && field_get(&node->meminfo, MEMINFO_HUGE_PAGES_TOTAL, &pages) &&
        rule_meminfo(in, MEMINFO_HUGE_PAGE_SIZE, &size))
        sum = multiply_saturating(pages, size);
    return sum;
}

/* What a node can give: free memory, page cache of files, slab that can be reclaimed; of all that
 * is not in pools. */
static bool node_available(const struct rule_input *in, const struct node_memory *node,
                           uint64_t *available, uint64_t *total)
{
    static const enum meminfo_field fields[] = {MEMINFO_MEM_FREE, MEMINFO_ACTIVE_FILE,
                                                MEMINFO_INACTIVE_FILE, MEMINFO_S_RECLAIMABLE};
    uint64_t value;
    *available = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (field_get(&node->meminfo, fields[i], &value))
            *available = add_saturating(*available, value);
    if (!field_get(&node->meminfo, MEMINFO_MEM_TOTAL, total))
        return false;
    *total = subtract_to_zero(*total, pools_of_node(in, node));
    return *total > 0;
}

void rule_numa(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t least = UINT64_MAX, least_bytes = 0, most = 0, nodes = 0;
    unsigned poorest = 0, richest = 0;
    for (size_t i = 0; i < system->node_count; i++) {
        uint64_t available, total;
        if (!node_available(in, &system->nodes[i], &available, &total))
            continue;
        uint64_t percent = multiply_saturating(available, 100) / total;
        nodes++;
        if (percent < least) {
            least = percent;
            least_bytes = available;
            poorest = system->nodes[i].node;
        }
        if (percent >= most) {
            most = percent;
            richest = system->nodes[i].node;
        }
    }
    if (nodes < 2) {
        rule_impossible(result, "fewer than two nodes with memory");
        return;
    }
    rule_number(result, "nodes", nodes);
    rule_bytes(result, "available on the poorest", least_bytes);
    rule_percent(result, "of its memory", least, 100);
    rule_percent(result, "on the richest", most, 100);
    rule_say(result, "poorest node %u, richest node %u", poorest, richest);
    rule_judge(result,
               least < rule->limit && least_bytes < rule->floor_mib << 20 && most > rule->second);
}

static uint64_t square_root(uint64_t value)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= value)
            root |= bit;
    return root;
}

/* mm/page_alloc.c:calculate_min_free_kbytes(): the root of 16 x low memory, both in KiB. */
static uint64_t default_min_free(uint64_t memory_bytes)
{
    uint64_t kib = square_root(multiply_saturating(memory_bytes / 1024, 16));
    kib = kib < 128 ? 128 : kib > 65536 ? 65536 : kib;
    return kib * 1024;
}

void rule_min_free(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    int64_t kib;
    uint64_t low = in->mem_total_bytes;
    if (!figure_number(in->snapshot, "proc/sys/vm/min_free_kbytes", &kib) || kib < 0 || !low) {
        rule_impossible(result, "proc/sys/vm/min_free_kbytes is not in the bundle");
        return;
    }
    rule_meminfo(in, MEMINFO_LOW_TOTAL, &low);
    uint64_t bytes = multiply_saturating((uint64_t)kib, 1024), usual = default_min_free(low);
    bool is_low = bytes < multiply_saturating(usual, rule->second) / 100;
    rule_bytes(result, "min_free_kbytes", bytes);
    rule_percent(result, "of low memory", bytes, low);
    rule_bytes(result, "the kernel's own", usual);
    rule_judge(result, is_low || rule_share_above(bytes, low, rule->limit));
    if (result->verdict == RULE_WARN)
        rule_say(result, "it is too %s", is_low ? "low" : "high");
}
