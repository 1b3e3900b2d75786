/* Identities of MemTotal and of free memory: meminfo, zoneinfo, vmstat, buddyinfo. */
#include "analyzer/account/check_rules.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"

#define PAGES_WITHOUT_ZONE 16 /* a few are added to MemTotal after boot without a zone */

static bool managed_bytes(const struct check_input *in, uint64_t *bytes)
{
    uint64_t managed;
    if (!in->page_bytes || !in->snapshot->system.now.has_zoneinfo ||
        !zoneinfo_managed_pages(&in->snapshot->system.now.zoneinfo, &managed))
        return false;
    *bytes = multiply_saturating(managed, in->page_bytes);
    return true;
}

/* Pages move to and from per-CPU lists in batches, in each zone. */
static void tolerate_free(const struct check_input *in, struct identity_check *check)
{
    check_tolerate_drift(in, check, 1);
    check_tolerate_moved(in, check, MEMINFO_MEM_FREE);
    check_tolerate_pages(
        in, check, multiply_saturating(multiply_saturating(in->cpus, in->zones), PCP_BATCH_PAGES),
        "in batches: 64 a CPU and zone");
}

/* Memory that is initialised when it is needed is in MemTotal and MemFree, and in no zone. How much
 * is seen in MemFree: what it has beyond the zones. That is an answer only where it is what MemTotal
 * lacks, as nearly as two reads of free memory can agree; half of it at least must be seen. */
static bool uninitialised_bytes(const struct check_input *in, uint64_t missing_bytes,
                                uint64_t *bytes)
{
    struct identity_check free_pages = {0};
    uint64_t free_bytes, zones_bytes, tolerance = 0;
    if (!check_meminfo_get(in, MEMINFO_MEM_FREE, &free_bytes) ||
        !check_vmstat_bytes(in, VMSTAT_NR_FREE_PAGES, &zones_bytes) || free_bytes <= zones_bytes)
        return false;
    tolerate_free(in, &free_pages);
    for (size_t i = 0; i < free_pages.part_count; i++)
        tolerance = add_saturating(tolerance, free_pages.parts[i].bytes);
    *bytes = free_bytes - zones_bytes;
    uint64_t distance = *bytes > missing_bytes ? *bytes - missing_bytes : missing_bytes - *bytes;
    return missing_bytes && *bytes >= missing_bytes / 2 && distance <= tolerance;
}

static bool compare_total(const struct check_input *in, struct identity_check *check,
                          uint64_t total, uint64_t parts)
{
    char reason[sizeof check->reason] =
        "both count pages handed to the page allocator; a few may be added without a zone after "
        "boot";
    uint64_t late_bytes;
    check_tolerate_pages(in, check, PAGES_WITHOUT_ZONE, "without a zone");
    if (uninitialised_bytes(in, subtract_to_zero(total, parts), &late_bytes)) {
        tolerate_free(in, check);
        parts = add_saturating(parts, late_bytes);
        snprintf(reason, sizeof reason,
                 "%llu KiB on the right are not yet initialised, in MemFree only: MemFree has so "
                 "much more than the zones (deferred initialisation)",
                 (unsigned long long)late_bytes / 1024);
    }
    return check_compare(check, total, parts, reason,
                         "memory was plugged while reading, a part is missing from the bundle, or "
                         "meminfo is not the kernel's own (containers may show a made-up one)");
}

bool check_managed(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, managed;
    if (!check_meminfo_get(in, MEMINFO_MEM_TOTAL, &total) || !in->page_bytes)
        return check_impossible(check, "no MemTotal, or the page size is not known");
    if (!managed_bytes(in, &managed))
        return check_impossible(check, "no zoneinfo, or this kernel prints no managed pages");
    return compare_total(in, check, total, managed);
}

bool check_node_total(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, sum;
    if (!check_meminfo_get(in, MEMINFO_MEM_TOTAL, &total) ||
        !check_sum_of_nodes(in, MEMINFO_MEM_TOTAL, &sum))
        return check_impossible(check, "no meminfo of nodes, or one without MemTotal");
    return compare_total(in, check, total, sum);
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
    if (check_meminfo_get(in, MEMINFO_MEM_TOTAL, &total) && managed_bytes(in, &managed))
        zones = add_saturating(zones, subtract_to_zero(total, managed));
    tolerate_free(in, check);
    return check_compare(
        check, free_bytes, zones,
        "read one after the other: pages move to and from per-CPU lists in batches",
        "free memory changed between the two reads");
}

bool check_node_free(const struct check_input *in, struct identity_check *check)
{
    uint64_t free_bytes, total, nodes_free, nodes_total;
    if (!check_meminfo_get(in, MEMINFO_MEM_FREE, &free_bytes) ||
        !check_meminfo_get(in, MEMINFO_MEM_TOTAL, &total) ||
        !check_sum_of_nodes(in, MEMINFO_MEM_FREE, &nodes_free) ||
        !check_sum_of_nodes(in, MEMINFO_MEM_TOTAL, &nodes_total))
        return check_impossible(check, "no meminfo of nodes, or one without MemFree");
    /* Pages that no zone has yet are missing from both (see node_total). */
    tolerate_free(in, check);
    return check_compare(
        check, free_bytes, add_saturating(nodes_free, subtract_to_zero(total, nodes_total)),
        "read one after the other: pages move to and from per-CPU lists in batches",
        "free memory changed between the reads, or a node is missing");
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
    tolerate_free(in, check);
    return check_compare(
        check, add_saturating(buddy, unaccepted), free_bytes,
        "read one after the other: pages move to and from per-CPU lists in batches",
        "free memory changed between the two reads, or page blocks are isolated");
}

static bool part_of_free(const struct check_input *in, struct identity_check *check,
                         enum meminfo_field field)
{
    uint64_t part, free_bytes;
    if (!check_meminfo_get(in, field, &part) ||
        !check_meminfo_get(in, MEMINFO_MEM_FREE, &free_bytes))
        return check_impossible(check, "this kernel prints no %s", meminfo_field_name(field));
    check_tolerate_drift(in, check, 2);
    return check_compare(check, part, free_bytes, "a part of MemFree; two counters drift",
                         "the counters of one meminfo contradict each other: it is not the "
                         "kernel's own");
}

bool check_cma_free(const struct check_input *in, struct identity_check *check)
{
    return part_of_free(in, check, MEMINFO_CMA_FREE);
}

bool check_unaccepted(const struct check_input *in, struct identity_check *check)
{
    return part_of_free(in, check, MEMINFO_UNACCEPTED);
}
