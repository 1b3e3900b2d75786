/* Identities between meminfo and the sums of the nodes' own. */
#include "analyzer/account/check_rules.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/base/checked_math.h"

/* Nodes are read one after the other, each while the machine goes on. */
#define NODE_SKEW_PAGES 64

static void tolerate_node(const struct check_input *in, struct identity_check *check,
                          enum meminfo_field field, unsigned counters)
{
    check_tolerate_drift(in, check, counters);
    check_tolerate_moved(in, check, field);
    check_tolerate_pages(in, check, NODE_SKEW_PAGES, "of skew between the reads");
}

static bool compare_node(const struct check_input *in, struct identity_check *check,
                         enum meminfo_field field, unsigned counters)
{
    uint64_t left, right;
    if (!in->snapshot->system.node_count || !check_meminfo_get(in, field, &left))
        return check_impossible(check, "no meminfo of nodes in the bundle");
    if (!check_sum_of_nodes(in, field, &right))
        return check_impossible(check, "a node's meminfo lacks %s", meminfo_field_name(field));
    tolerate_node(in, check, field, counters);
    return check_compare(check, left, right, "read one after the other; counters drift a node",
                         "memory changed between the reads, or a node is missing");
}

bool check_node_anon(const struct check_input *in, struct identity_check *check)
{
    return compare_node(in, check, MEMINFO_ANON_PAGES, 1);
}

bool check_node_slab(const struct check_input *in, struct identity_check *check)
{
    return compare_node(in, check, MEMINFO_SLAB, 2);
}

/* What else nodes print under the same name. Not Dirty and Writeback, which change within
 * milliseconds; not AnonHugePages and its like: until 5.11 their counters drift by whole huge
 * pages. */
static const enum meminfo_field other_fields[] = {
    MEMINFO_ACTIVE_ANON,  MEMINFO_INACTIVE_ANON, MEMINFO_ACTIVE_FILE,   MEMINFO_INACTIVE_FILE,
    MEMINFO_UNEVICTABLE,  MEMINFO_MLOCKED,       MEMINFO_MAPPED,        MEMINFO_SHMEM,
    MEMINFO_KERNEL_STACK, MEMINFO_PAGE_TABLES,   MEMINFO_S_RECLAIMABLE, MEMINFO_S_UNRECLAIM,
    MEMINFO_SWAP_CACHED,  MEMINFO_BOUNCE,        MEMINFO_WRITEBACK_TMP,
};

static bool is_file_list(enum meminfo_field field)
{
    return field == MEMINFO_ACTIVE_FILE || field == MEMINFO_INACTIVE_FILE;
}

static uint64_t file_pages_of(const struct node_memory *node)
{
    for (size_t i = 0; i < node->meminfo.extra_count; i++)
        if (strcmp(node->meminfo.extra[i].name, "FilePages") == 0)
            return node->meminfo.extra[i].value;
    return 0;
}

/* The page cache grows while a tree is copied, the copy's own pages above all. By how much, between
 * meminfo and the nodes, is seen in the one figure that both have as a whole. */
static uint64_t cache_between_reads(const struct check_input *in)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t cached = 0, buffers = 0, swap_cached = 0, nodes = 0;
    for (size_t i = 0; i < system->node_count; i++)
        nodes = add_saturating(nodes, file_pages_of(&system->nodes[i]));
    check_meminfo_get(in, MEMINFO_CACHED, &cached);
    check_meminfo_get(in, MEMINFO_BUFFERS, &buffers);
    check_meminfo_get(in, MEMINFO_SWAP_CACHED, &swap_cached);
    uint64_t whole = add_saturating(add_saturating(cached, buffers), swap_cached);
    return nodes > whole ? nodes - whole : nodes ? whole - nodes : 0;
}

/* Compares each of them, and keeps the one that is furthest beyond its tolerance, or closest to it. */
bool check_node_fields(const struct check_input *in, struct identity_check *check)
{
    const struct identity_check empty = *check;
    int64_t worst_margin = INT64_MIN;
    unsigned compared = 0, broken = 0;
    for (size_t i = 0; i < sizeof other_fields / sizeof other_fields[0]; i++) {
        struct identity_check one = empty;
        if (is_file_list(other_fields[i]))
            check_tolerate(&one, LEFT_EITHER_WAY, cache_between_reads(in),
                           "page cache that came or went: FilePages of the nodes");
        if (!compare_node(in, &one, other_fields[i], 1))
            continue;
        compared++;
        broken += one.verdict == VERDICT_BROKEN;
        if (!check_is_worst(&one, &worst_margin))
            continue;
        *check = one;
        snprintf(check->reason, sizeof check->reason,
                 "figures are of %s, the one that is nearest to its tolerance or beyond it",
                 meminfo_field_name(other_fields[i]));
    }
    if (!compared)
        return check_impossible(check, "no meminfo of nodes in the bundle");
    size_t used = strlen(check->reason);
    snprintf(check->reason + used, sizeof check->reason - used, "; %u of %u fields are off%s",
             broken, compared,
             broken ? ": memory changed between the reads, or a node is missing" : "");
    return true;
}
