/* Identities between files of the system: meminfo, vmstat, zoneinfo, buddyinfo, nodes. */
#include "analyzer/account/check_rules.h"

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

bool check_slab(const struct check_input *in, struct identity_check *check)
{
    /* Before KReclaimable the kernel read both counters twice. */
    uint64_t ignored;
    bool once = check_meminfo_get(in, MEMINFO_K_RECLAIMABLE, &ignored);
    return check_meminfo_sum(in, check, MEMINFO_SLAB, MEMINFO_S_RECLAIMABLE, MEMINFO_S_UNRECLAIM,
                             once ? 0 : in->drift_bytes + 16 * in->page_bytes,
                             once ? "printed from the same two readings"
                                  : "old kernels read both counters twice");
}

bool check_active(const struct check_input *in, struct identity_check *check)
{
    return check_meminfo_sum(in, check, MEMINFO_ACTIVE, MEMINFO_ACTIVE_ANON, MEMINFO_ACTIVE_FILE, 0,
                             "printed from the same readings");
}

bool check_inactive(const struct check_input *in, struct identity_check *check)
{
    return check_meminfo_sum(in, check, MEMINFO_INACTIVE, MEMINFO_INACTIVE_ANON,
                             MEMINFO_INACTIVE_FILE, 0, "printed from the same readings");
}

bool check_managed(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, managed;
    if (!check_meminfo_get(in, MEMINFO_MEM_TOTAL, &total) || !in->page_bytes)
        return check_impossible(check, "no MemTotal, or the page size is not known");
    if (!in->snapshot->system.now.has_zoneinfo ||
        !zoneinfo_managed_pages(&in->snapshot->system.now.zoneinfo, &managed))
        return check_impossible(check, "no zoneinfo, or this kernel prints no managed pages");
    return check_compare(
        check, total, multiply_saturating(managed, in->page_bytes), 16 * in->page_bytes,
        "both count pages handed to the page allocator; a few may "
        "be added without a zone after boot",
        "memory was plugged while reading, or this kernel counts pages in MemTotal "
        "that no zone has yet (deferred initialisation)");
}

bool check_free(const struct check_input *in, struct identity_check *check)
{
    uint64_t free_bytes, total, managed;
    const struct system_sample *now = &in->snapshot->system.now;
    if (!check_meminfo_get(in, MEMINFO_MEM_FREE, &free_bytes) || !now->has_zoneinfo ||
        !in->page_bytes)
        return check_impossible(check, "no MemFree, no zoneinfo, or the page size is not known");
    uint64_t zones = multiply_saturating(zoneinfo_free_pages(&now->zoneinfo), in->page_bytes);
    /* Pages that no zone has yet are missing from both (see mem_total_managed). */
    if (check_meminfo_get(in, MEMINFO_MEM_TOTAL, &total) &&
        zoneinfo_managed_pages(&now->zoneinfo, &managed))
        zones = add_saturating(
            zones, subtract_to_zero(total, multiply_saturating(managed, in->page_bytes)));
    uint64_t tolerance =
        in->drift_bytes + check_moved(in, MEMINFO_MEM_FREE) +
        multiply_saturating(in->cpus * in->zones * PCP_BATCH_PAGES, in->page_bytes);
    return check_compare(
        check, free_bytes, zones, tolerance,
        "read one after the other: pages move to and from per-CPU lists in batches",
        "free memory changed between the two reads");
}

bool check_buddy(const struct check_input *in, struct identity_check *check)
{
    uint64_t free_bytes, unaccepted = 0;
    if (!in->snapshot->system.has_buddyinfo ||
        !check_vmstat_bytes(in, VMSTAT_NR_FREE_PAGES, &free_bytes))
        return check_impossible(check, "no buddyinfo, no vmstat, or the page size is not known");
    check_meminfo_get(in, MEMINFO_UNACCEPTED, &unaccepted);
    uint64_t buddy =
        multiply_saturating(buddyinfo_free_pages(&in->snapshot->system.buddyinfo), in->page_bytes);
    uint64_t tolerance =
        in->drift_bytes + check_moved(in, MEMINFO_MEM_FREE) +
        multiply_saturating(in->cpus * in->zones * PCP_BATCH_PAGES, in->page_bytes);
    return check_compare(
        check, add_saturating(buddy, unaccepted), free_bytes, tolerance,
        "read one after the other: pages move to and from per-CPU lists in batches",
        "free memory changed between the two reads, or page blocks are isolated");
}

bool check_file_pages(const struct check_input *in, struct identity_check *check)
{
    uint64_t cached, buffers, swap_cached = 0, file;
    if (!check_meminfo_get(in, MEMINFO_CACHED, &cached) ||
        !check_meminfo_get(in, MEMINFO_BUFFERS, &buffers) ||
        !check_vmstat_bytes(in, VMSTAT_NR_FILE_PAGES, &file))
        return check_impossible(check, "no Cached, no Buffers, no nr_file_pages, or no page size");
    check_meminfo_get(in, MEMINFO_SWAP_CACHED, &swap_cached);
    return check_compare(
        check, add_saturating(add_saturating(cached, buffers), swap_cached), file,
        in->drift_bytes + check_moved(in, MEMINFO_CACHED) + check_moved(in, MEMINFO_BUFFERS),
        "one counter, read one after the other", "the page cache changed between the two reads");
}

bool check_lru(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.lru.known || !in->terms.anon.known)
        return check_impossible(check, "no LRU sums or no AnonPages");
    const struct system_terms *terms = &in->terms;
    uint64_t owned = add_saturating(add_saturating(terms->anon.bytes, terms->file_cache.bytes),
                                    add_saturating(terms->shmem.bytes, terms->buffers.bytes));
    owned = add_saturating(owned, terms->swap_cache.bytes);
    /* Each CPU holds back up to 31 pages on their way to the lists, in several batches. */
    uint64_t batches = multiply_saturating(in->cpus * 5 * 31, in->page_bytes);
    return check_compare(
        check, terms->lru.bytes, owned, batches + 2 * in->drift_bytes + terms->swap_cache.bytes,
        "pages on their way to the lists (31 a CPU), counter drift, swap cache that is "
        "mapped",
        "more on the lists: parts of huge pages that nobody maps any more, or pinned "
        "pages; less: pages held back by CPUs");
}

bool check_shmem(const struct check_input *in, struct identity_check *check)
{
    uint64_t shmem, cached;
    if (!check_meminfo_get(in, MEMINFO_SHMEM, &shmem) ||
        !check_meminfo_get(in, MEMINFO_CACHED, &cached))
        return check_impossible(check, "this kernel prints no Shmem");
    return check_compare(check, shmem, cached, 2 * in->drift_bytes,
                         "shmem is part of the page cache", "the counters contradict each other");
}

static bool node_sum(const struct check_input *in, struct identity_check *check,
                     enum meminfo_field field, uint64_t tolerance)
{
    uint64_t left, right = 0, value;
    const struct system_state *system = &in->snapshot->system;
    for (size_t i = 0; i < system->node_count; i++) {
        if (!field_get(&system->nodes[i].meminfo, field, &value))
            return check_impossible(check, "a node's meminfo lacks the field");
        right = add_saturating(right, value);
    }
    if (!check_meminfo_get(in, field, &left) || !system->node_count)
        return check_impossible(check, "no meminfo of nodes in the bundle");
    return check_compare(check, left, right, tolerance,
                         "read one after the other; counters drift a node",
                         "memory changed between the reads, or a node is missing");
}

bool check_node_total(const struct check_input *in, struct identity_check *check)
{
    return node_sum(in, check, MEMINFO_MEM_TOTAL, 16 * in->page_bytes);
}

bool check_node_anon(const struct check_input *in, struct identity_check *check)
{
    return node_sum(in, check, MEMINFO_ANON_PAGES,
                    in->drift_bytes + check_moved(in, MEMINFO_ANON_PAGES) + 64 * in->page_bytes);
}

bool check_node_slab(const struct check_input *in, struct identity_check *check)
{
    return node_sum(in, check, MEMINFO_SLAB,
                    2 * in->drift_bytes + check_moved(in, MEMINFO_SLAB) + 64 * in->page_bytes);
}
