#include "analyzer/account/checks.h"

#include <stdarg.h>
#include <stdio.h>

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/ledger.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/system_terms.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

#define PCP_BATCH_PAGES 64 /* most pages that move to a per-CPU list at once, and some */

/* What every check may look at. */
struct check_input {
    const struct snapshot *snapshot;
    struct system_terms terms;
    bool has_terms;
    struct process_totals totals;
    uint64_t cpus, zones, page_bytes;
    uint64_t drift_bytes; /* what per-CPU counter deltas may hide of one counter */
};

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {"holds", "broken", "unchecked"};
    return words[verdict];
}

const char *verdict_phrase(enum verdict verdict)
{
    return verdict == VERDICT_UNCHECKED ? "cannot be checked" : verdict_word(verdict);
}

static bool meminfo_get(const struct check_input *in, enum meminfo_field field, uint64_t *value)
{
    const struct system_sample *now = &in->snapshot->system.now;
    return now->has_meminfo && field_get(&now->meminfo, field, value);
}

static bool vmstat_bytes(const struct check_input *in, enum vmstat_field field, uint64_t *value)
{
    const struct system_sample *now = &in->snapshot->system.now;
    if (!in->page_bytes || !now->has_vmstat || !field_get(&now->vmstat, field, value))
        return false;
    *value = multiply_saturating(*value, in->page_bytes);
    return true;
}

/* How far a field moved over all readings of this bundle: the skew between two files. */
static uint64_t moved(const struct check_input *in, enum meminfo_field field)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t low, high, value;
    if (!meminfo_get(in, field, &low))
        return 0;
    high = low;
    for (size_t i = 0; i < system->sample_count; i++) {
        if (!system->samples[i].has_meminfo ||
            !field_get(&system->samples[i].meminfo, field, &value))
            continue;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    return high - low;
}

__attribute__((format(printf, 2, 3))) static bool unchecked(struct identity_check *check,
                                                            const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->reason, sizeof check->reason, format, arguments);
    va_end(arguments);
    return false;
}

/* Both sides are there; `reason` derives the tolerance, `if_broken` names the usual cause. */
static bool compare(struct identity_check *check, uint64_t left, uint64_t right, uint64_t tolerance,
                    const char *reason, const char *if_broken)
{
    bool at_most = check->relation[0] == '<';
    check->left_bytes = left;
    check->right_bytes = right;
    check->difference_bytes = to_signed(left) - to_signed(right);
    check->tolerance_bytes = tolerance;
    uint64_t distance = left > right ? left - right : right - left;
    bool holds = (at_most && left <= right) || distance <= tolerance;
    check->verdict = holds ? VERDICT_HOLDS : VERDICT_BROKEN;
    snprintf(check->reason, sizeof check->reason, "%s", holds ? reason : if_broken);
    return true;
}

/* left = the sum of two fields, all of meminfo. */
static bool meminfo_sum(const struct check_input *in, struct identity_check *check,
                        enum meminfo_field whole, enum meminfo_field first,
                        enum meminfo_field second, uint64_t tolerance, const char *reason)
{
    uint64_t left, a, b;
    if (!meminfo_get(in, whole, &left) || !meminfo_get(in, first, &a) ||
        !meminfo_get(in, second, &b))
        return unchecked(check, "this kernel does not print all of these fields");
    return compare(check, left, add_saturating(a, b), tolerance, reason,
                   "the fields of one meminfo contradict each other");
}

static bool check_slab(const struct check_input *in, struct identity_check *check)
{
    /* Before KReclaimable the kernel read both counters twice. */
    uint64_t ignored;
    bool once = meminfo_get(in, MEMINFO_K_RECLAIMABLE, &ignored);
    return meminfo_sum(in, check, MEMINFO_SLAB, MEMINFO_S_RECLAIMABLE, MEMINFO_S_UNRECLAIM,
                       once ? 0 : in->drift_bytes + 16 * in->page_bytes,
                       once ? "printed from the same two readings"
                            : "old kernels read both counters twice");
}

static bool check_active(const struct check_input *in, struct identity_check *check)
{
    return meminfo_sum(in, check, MEMINFO_ACTIVE, MEMINFO_ACTIVE_ANON, MEMINFO_ACTIVE_FILE, 0,
                       "printed from the same readings");
}

static bool check_inactive(const struct check_input *in, struct identity_check *check)
{
    return meminfo_sum(in, check, MEMINFO_INACTIVE, MEMINFO_INACTIVE_ANON, MEMINFO_INACTIVE_FILE, 0,
                       "printed from the same readings");
}

static bool check_managed(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, managed;
    if (!meminfo_get(in, MEMINFO_MEM_TOTAL, &total) || !in->page_bytes)
        return unchecked(check, "no MemTotal, or the page size is not known");
    if (!in->snapshot->system.now.has_zoneinfo ||
        !zoneinfo_managed_pages(&in->snapshot->system.now.zoneinfo, &managed))
        return unchecked(check, "no zoneinfo, or this kernel prints no managed pages");
    return compare(check, total, multiply_saturating(managed, in->page_bytes), 16 * in->page_bytes,
                   "both count pages handed to the page allocator; a few may "
                   "be added without a zone after boot",
                   "memory was plugged while reading, or this kernel counts pages in MemTotal "
                   "that no zone has yet (deferred initialisation)");
}

static bool check_free(const struct check_input *in, struct identity_check *check)
{
    uint64_t free_bytes, total, managed;
    const struct system_sample *now = &in->snapshot->system.now;
    if (!meminfo_get(in, MEMINFO_MEM_FREE, &free_bytes) || !now->has_zoneinfo || !in->page_bytes)
        return unchecked(check, "no MemFree, no zoneinfo, or the page size is not known");
    uint64_t zones = multiply_saturating(zoneinfo_free_pages(&now->zoneinfo), in->page_bytes);
    /* Pages that no zone has yet are missing from both (see mem_total_managed). */
    if (meminfo_get(in, MEMINFO_MEM_TOTAL, &total) &&
        zoneinfo_managed_pages(&now->zoneinfo, &managed))
        zones = add_saturating(
            zones, subtract_to_zero(total, multiply_saturating(managed, in->page_bytes)));
    uint64_t tolerance =
        in->drift_bytes + moved(in, MEMINFO_MEM_FREE) +
        multiply_saturating(in->cpus * in->zones * PCP_BATCH_PAGES, in->page_bytes);
    return compare(check, free_bytes, zones, tolerance,
                   "read one after the other: pages move to and from per-CPU lists in batches",
                   "free memory changed between the two reads");
}

static bool check_buddy(const struct check_input *in, struct identity_check *check)
{
    uint64_t free_bytes, unaccepted = 0;
    if (!in->snapshot->system.has_buddyinfo || !vmstat_bytes(in, VMSTAT_NR_FREE_PAGES, &free_bytes))
        return unchecked(check, "no buddyinfo, no vmstat, or the page size is not known");
    meminfo_get(in, MEMINFO_UNACCEPTED, &unaccepted);
    uint64_t buddy =
        multiply_saturating(buddyinfo_free_pages(&in->snapshot->system.buddyinfo), in->page_bytes);
    uint64_t tolerance =
        in->drift_bytes + moved(in, MEMINFO_MEM_FREE) +
        multiply_saturating(in->cpus * in->zones * PCP_BATCH_PAGES, in->page_bytes);
    return compare(check, add_saturating(buddy, unaccepted), free_bytes, tolerance,
                   "read one after the other: pages move to and from per-CPU lists in batches",
                   "free memory changed between the two reads, or page blocks are isolated");
}

static bool check_file_pages(const struct check_input *in, struct identity_check *check)
{
    uint64_t cached, buffers, swap_cached = 0, file;
    if (!meminfo_get(in, MEMINFO_CACHED, &cached) || !meminfo_get(in, MEMINFO_BUFFERS, &buffers) ||
        !vmstat_bytes(in, VMSTAT_NR_FILE_PAGES, &file))
        return unchecked(check, "no Cached, no Buffers, no nr_file_pages, or no page size");
    meminfo_get(in, MEMINFO_SWAP_CACHED, &swap_cached);
    return compare(check, add_saturating(add_saturating(cached, buffers), swap_cached), file,
                   in->drift_bytes + moved(in, MEMINFO_CACHED) + moved(in, MEMINFO_BUFFERS),
                   "one counter, read one after the other",
                   "the page cache changed between the two reads");
}

static bool check_lru(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.lru.known || !in->terms.anon.known)
        return unchecked(check, "no LRU sums or no AnonPages");
    const struct system_terms *terms = &in->terms;
    uint64_t owned = add_saturating(add_saturating(terms->anon.bytes, terms->file_cache.bytes),
                                    add_saturating(terms->shmem.bytes, terms->buffers.bytes));
    owned = add_saturating(owned, terms->swap_cache.bytes);
    /* Each CPU holds back up to 31 pages on their way to the lists, in several batches. */
    uint64_t batches = multiply_saturating(in->cpus * 5 * 31, in->page_bytes);
    return compare(check, terms->lru.bytes, owned,
                   batches + 2 * in->drift_bytes + terms->swap_cache.bytes,
                   "pages on their way to the lists (31 a CPU), counter drift, swap cache that is "
                   "mapped",
                   "more on the lists: parts of huge pages that nobody maps any more, or pinned "
                   "pages; less: pages held back by CPUs");
}

static bool check_vmalloc(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.vmalloc_from_areas)
        return unchecked(check, "no vmallocinfo (only root may read it)");
    if (in->terms.vmalloc_used != VMALLOC_USED_PAGES)
        return unchecked(check, "this kernel's VmallocUsed does not count pages");
    return compare(check, in->terms.vmalloc_used_bytes.bytes, in->terms.vmalloc.bytes,
                   in->drift_bytes + moved(in, MEMINFO_VMALLOC_USED) +
                       multiply_saturating(in->cpus * 8, in->page_bytes),
                   "read one after the other: a thread's stack comes and goes",
                   "areas that put pages without having them counted, or activity between the "
                   "reads");
}

static bool check_stacks(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.kernel_stack.known || in->terms.stacks != STACKS_IN_VMALLOC)
        return unchecked(check, "kernel stacks are not seen in vmallocinfo");
    return compare(check, in->terms.kernel_stack.bytes, in->terms.stack_areas_bytes,
                   moved(in, MEMINFO_KERNEL_STACK) +
                       multiply_saturating(in->cpus * 2 * 4, in->page_bytes) + in->drift_bytes,
                   "every live thread has an area; two more a CPU are kept for reuse",
                   "threads were made or ended between the reads");
}

static bool check_pss(const struct check_input *in, struct identity_check *check)
{
    uint64_t anon, mapped;
    if (!meminfo_get(in, MEMINFO_ANON_PAGES, &anon) || !meminfo_get(in, MEMINFO_MAPPED, &mapped) ||
        !in->totals.pss_best.known)
        return unchecked(check, "no AnonPages, no Mapped, or no smaps in the bundle");
    if (in->totals.unread)
        return unchecked(check, "%llu processes could not be read",
                         (unsigned long long)in->totals.unread);
    uint64_t right = add_saturating(anon, mapped);
    uint64_t tolerance = multiply_saturating(in->totals.mappings, 1024) +
                         moved(in, MEMINFO_ANON_PAGES) + moved(in, MEMINFO_MAPPED) +
                         2 * in->drift_bytes + (UINT64_C(1) << 20);
    return compare(check, in->totals.pss_best.bytes, right, tolerance,
                   "PSS is cut to 1 KiB a mapping; processes change while they are read one "
                   "after the other; the reader itself is mapped (1 MiB)",
                   "too high: processes that share one address space, or migration; too low: "
                   "pages mapped by processes that are not visible here");
}

static bool check_rollup(const struct check_input *in, struct identity_check *check)
{
    uint64_t left = 0, right = 0, mappings = 0, count = 0;
    for (size_t i = 0; i < in->snapshot->process_count; i++) {
        const struct process *process = &in->snapshot->processes[i];
        if (!(process->files & PROCESS_ROLLUP) || !process->smaps.blocks ||
            (process->files & PROCESS_SMAPS_CUT))
            continue;
        left = add_saturating(left, process->smaps.bytes[SMAPS_PSS]);
        right = add_saturating(right, process->rollup.bytes[SMAPS_PSS]);
        mappings += process->smaps.blocks;
        count++;
    }
    if (!count)
        return unchecked(check, "no process has both smaps and smaps_rollup");
    return compare(check, left, right,
                   multiply_saturating(mappings, 1024) + moved(in, MEMINFO_ANON_PAGES) +
                       moved(in, MEMINFO_MAPPED),
                   "smaps cuts PSS to 1 KiB a mapping, the rollup once; processes change between "
                   "the two reads",
                   "processes changed between the two reads");
}

static bool check_hugetlb(const struct check_input *in, struct identity_check *check)
{
    uint64_t left, right = 0;
    bool any = false;
    const struct system_state *system = &in->snapshot->system;
    for (size_t i = 0; i < system->pool_count; i++) {
        if (system->pools[i].node >= 0 || !system->pools[i].total.known)
            continue;
        right = add_saturating(
            right, multiply_saturating(system->pools[i].total.bytes, system->pools[i].page_bytes));
        any = true;
    }
    if (!meminfo_get(in, MEMINFO_HUGETLB, &left) || !any)
        return unchecked(check, "no Hugetlb in meminfo, or no pools in /sys");
    return compare(check, left, right, 0, "both count whole huge pages",
                   "a pool was resized between the two reads");
}

static bool check_zspages(const struct check_input *in, struct identity_check *check)
{
    uint64_t left, right = 0, zswap = 0;
    const struct system_state *system = &in->snapshot->system;
    if (!vmstat_bytes(in, VMSTAT_NR_ZSPAGES, &left) || !system->zram_count)
        return unchecked(check, "no zram device, or no nr_zspages");
    for (size_t i = 0; i < system->zram_count; i++)
        right = add_saturating(right, system->zrams[i].stat.used_bytes);
    meminfo_get(in, MEMINFO_ZSWAP, &zswap);
    return compare(check, left, add_saturating(right, zswap),
                   in->drift_bytes + zswap + 16 * in->page_bytes,
                   "read one after the other; zswap may have a pool of another kind",
                   "swapping went on between the two reads");
}

static bool check_swaps(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, free_bytes, used = 0;
    const struct swaps *swaps = &in->snapshot->system.swaps;
    if (!in->snapshot->system.has_swaps || !meminfo_get(in, MEMINFO_SWAP_TOTAL, &total) ||
        !meminfo_get(in, MEMINFO_SWAP_FREE, &free_bytes))
        return unchecked(check, "no swaps, or no SwapTotal");
    for (size_t i = 0; i < swaps->count; i++)
        used = add_saturating(used, swaps->areas[i].used_bytes);
    return compare(check, used, subtract_to_zero(total, free_bytes),
                   moved(in, MEMINFO_SWAP_FREE) +
                       multiply_saturating(in->cpus * 64, in->page_bytes),
                   "CPUs keep up to 64 slots each at hand; swapping between the reads",
                   "swapping went on between the two reads");
}

static bool node_sum(const struct check_input *in, struct identity_check *check,
                     enum meminfo_field field, uint64_t tolerance)
{
    uint64_t left, right = 0, value;
    const struct system_state *system = &in->snapshot->system;
    for (size_t i = 0; i < system->node_count; i++) {
        if (!field_get(&system->nodes[i].meminfo, field, &value))
            return unchecked(check, "a node's meminfo lacks the field");
        right = add_saturating(right, value);
    }
    if (!meminfo_get(in, field, &left) || !system->node_count)
        return unchecked(check, "no meminfo of nodes in the bundle");
    return compare(check, left, right, tolerance, "read one after the other; counters drift a node",
                   "memory changed between the reads, or a node is missing");
}

static bool check_node_total(const struct check_input *in, struct identity_check *check)
{
    return node_sum(in, check, MEMINFO_MEM_TOTAL, 16 * in->page_bytes);
}

static bool check_node_anon(const struct check_input *in, struct identity_check *check)
{
    return node_sum(in, check, MEMINFO_ANON_PAGES,
                    in->drift_bytes + moved(in, MEMINFO_ANON_PAGES) + 64 * in->page_bytes);
}

static bool check_node_slab(const struct check_input *in, struct identity_check *check)
{
    return node_sum(in, check, MEMINFO_SLAB,
                    2 * in->drift_bytes + moved(in, MEMINFO_SLAB) + 64 * in->page_bytes);
}

static bool check_shmem(const struct check_input *in, struct identity_check *check)
{
    uint64_t shmem, cached;
    if (!meminfo_get(in, MEMINFO_SHMEM, &shmem) || !meminfo_get(in, MEMINFO_CACHED, &cached))
        return unchecked(check, "this kernel prints no Shmem");
    return compare(check, shmem, cached, 2 * in->drift_bytes, "shmem is part of the page cache",
                   "the counters contradict each other");
}

static bool check_modules(const struct check_input *in, struct identity_check *check)
{
    struct kernel_usage kernel;
    if (!in->snapshot->system.has_modules || !in->snapshot->system.has_vmallocinfo ||
        !kernel_usage_compute(in->snapshot, &kernel, NULL))
        return unchecked(check, "no modules, no vmallocinfo, or the page size is not known");
    uint64_t left = kernel.module_bytes, right = kernel.owner_bytes[OWNER_MODULES];
    kernel_usage_deinit(&kernel);
    return compare(check, left, right, 0,
                   "areas are whole pages, and may be shared blocks of 2 MiB",
                   "modules that are not in areas known as theirs");
}

static bool check_page_tables(const struct check_input *in, struct identity_check *check)
{
    uint64_t tables;
    if (!meminfo_get(in, MEMINFO_PAGE_TABLES, &tables) || !in->totals.page_tables.known)
        return unchecked(check, "no PageTables, or no VmPTE in any status");
    return compare(check, in->totals.page_tables.bytes, tables,
                   moved(in, MEMINFO_PAGE_TABLES) + 2 * in->drift_bytes +
                       multiply_saturating(in->totals.processes * 4, in->page_bytes),
                   "levels above are counted in one and not in the other, by kernel",
                   "page tables changed while processes were read one after the other");
}

static const struct check_rule {
    const char *id, *left, *relation, *right;
    bool (*run)(const struct check_input *in, struct identity_check *check);
} rules[] = {
    {"slab_sum",          "Slab",                                       "=",  "SReclaimable + SUnreclaim",       check_slab       },
    {"active_sum",        "Active",                                     "=",  "Active(anon) + Active(file)",     check_active     },
    {"inactive_sum",      "Inactive",                                   "=",  "Inactive(anon) + Inactive(file)", check_inactive   },
    {"mem_total_managed", "MemTotal",                                   "=",  "zoneinfo managed",                check_managed    },
    {"mem_free_zones",    "MemFree",                                    "=",  "zoneinfo free",                   check_free       },
    {"buddy_free",        "buddyinfo + Unaccepted",                     "=",  "vmstat nr_free_pages",            check_buddy      },
    {"file_pages",        "Cached + Buffers + SwapCached",              "=",  "vmstat nr_file_pages",            check_file_pages },
    {"lru_owned",         "Active + Inactive + Unevictable + isolated", "=",
     "AnonPages + Cached + Buffers + SwapCached",                                                                check_lru        },
    {"shmem_cached",      "Shmem",                                      "<=", "Cached",                          check_shmem      },
    {"vmalloc_used",      "VmallocUsed",                                "=",  "vmallocinfo pages",               check_vmalloc    },
    {"kernel_stacks",     "KernelStack",                                "=",  "vmallocinfo pages of stacks",     check_stacks     },
    {"modules_vmalloc",   "sum of module sizes",                        "<=", "vmallocinfo pages of modules",    check_modules    },
    {"pss_mapped",        "sum of PSS",                                 "=",  "AnonPages + Mapped",              check_pss        },
    {"rollup_smaps",      "sum of PSS in smaps",                        "=",  "sum of PSS in smaps_rollup",      check_rollup     },
    {"vmpte_page_tables", "sum of VmPTE + VmPMD",                       "<=", "PageTables",                      check_page_tables},
    {"hugetlb_pools",     "Hugetlb",                                    "=",  "hugepages pools of all sizes",    check_hugetlb    },
    {"zram_zspages",      "vmstat nr_zspages",                          "=",  "zram mem_used_total + Zswap",     check_zspages    },
    {"swaps_used",        "used of all swaps",                          "=",  "SwapTotal - SwapFree",            check_swaps      },
    {"node_total",        "MemTotal",                                   "=",  "sum of nodes",                    check_node_total },
    {"node_anon",         "AnonPages",                                  "=",  "sum of nodes",                    check_node_anon  },
    {"node_slab",         "Slab",                                       "=",  "sum of nodes",                    check_node_slab  },
};
_Static_assert(sizeof rules / sizeof rules[0] <= CHECKS_MAX, "too many checks for the report");

static void measure(const struct snapshot *snapshot, struct check_input *in)
{
    const struct zoneinfo *zoneinfo = &snapshot->system.now.zoneinfo;
    uint64_t drift_pages = 0;
    in->snapshot = snapshot;
    in->cpus = 1;
    in->zones = 1;
    snapshot_page_size(snapshot, &in->page_bytes);
    for (size_t i = 0; i < zoneinfo->count; i++) {
        const struct zone *zone = &zoneinfo->zones[i];
        if (zone->pcp_cpus > in->cpus)
            in->cpus = zone->pcp_cpus;
        drift_pages =
            add_saturating(drift_pages, multiply_saturating(zone->pcp_cpus, zone->stat_threshold));
    }
    if (zoneinfo->count)
        in->zones = zoneinfo->count;
    in->drift_bytes = multiply_saturating(drift_pages, in->page_bytes);
    /* Absurd figures must not make absurd tolerances: 1 GiB hides no real counter. */
    if (in->drift_bytes > UINT64_C(1) << 30)
        in->drift_bytes = UINT64_C(1) << 30;
    process_totals_compute(snapshot, &in->totals);
    in->has_terms = system_terms_compute(snapshot, &snapshot->system.now, &in->terms, NULL);
}

void checks_run(const struct snapshot *snapshot, struct check_report *out)
{
    struct check_input in = {0};
    measure(snapshot, &in);
    *out = (struct check_report){0};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct identity_check *check = &out->checks[out->count++];
        *check = (struct identity_check){.id = rules[i].id,
                                         .left_name = rules[i].left,
                                         .right_name = rules[i].right,
                                         .relation = rules[i].relation,
                                         .verdict = VERDICT_UNCHECKED};
        rules[i].run(&in, check);
        out->holds += check->verdict == VERDICT_HOLDS;
        out->broken += check->verdict == VERDICT_BROKEN;
        out->unchecked += check->verdict == VERDICT_UNCHECKED;
    }
}
