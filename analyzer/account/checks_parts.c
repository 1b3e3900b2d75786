/* Identities between the system's figures and the sums of their parts: vmalloc areas, modules,
 * processes, pools, swap. */
#include "analyzer/account/check_rules.h"

#include "analyzer/account/kernel_usage.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

bool check_vmalloc(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.vmalloc_from_areas)
        return check_impossible(check, "no vmallocinfo (only root may read it)");
    if (in->terms.vmalloc_used != VMALLOC_USED_PAGES)
        return check_impossible(check, "this kernel's VmallocUsed does not count pages");
    return check_compare(
        check, in->terms.vmalloc_used_bytes.bytes, in->terms.vmalloc.bytes,
        in->drift_bytes + check_moved(in, MEMINFO_VMALLOC_USED) +
            multiply_saturating(in->cpus * 8, in->page_bytes),
        "read one after the other: a thread's stack comes and goes",
        "areas that put pages without having them counted, or activity between the "
        "reads");
}

bool check_stacks(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.kernel_stack.known || in->terms.stacks != STACKS_IN_VMALLOC)
        return check_impossible(check, "kernel stacks are not seen in vmallocinfo");
    return check_compare(check, in->terms.kernel_stack.bytes, in->terms.stack_areas_bytes,
                         check_moved(in, MEMINFO_KERNEL_STACK) +
                             multiply_saturating(in->cpus * 2 * 4, in->page_bytes) +
                             in->drift_bytes,
                         "every live thread has an area; two more a CPU are kept for reuse",
                         "threads were made or ended between the reads");
}

bool check_modules(const struct check_input *in, struct identity_check *check)
{
    struct kernel_usage kernel;
    if (!in->snapshot->system.has_modules || !in->snapshot->system.has_vmallocinfo ||
        !kernel_usage_compute(in->snapshot, &kernel, NULL))
        return check_impossible(check, "no modules, no vmallocinfo, or the page size is not known");
    uint64_t left = kernel.module_bytes, right = kernel.owner_bytes[OWNER_MODULES];
    kernel_usage_deinit(&kernel);
    return check_compare(check, left, right, 0,
                         "areas are whole pages, and may be shared blocks of 2 MiB",
                         "modules that are not in areas known as theirs");
}

bool check_pss(const struct check_input *in, struct identity_check *check)
{
    uint64_t anon, mapped;
    if (!check_meminfo_get(in, MEMINFO_ANON_PAGES, &anon) ||
        !check_meminfo_get(in, MEMINFO_MAPPED, &mapped) || !in->totals.pss_best.known)
        return check_impossible(check, "no AnonPages, no Mapped, or no smaps in the bundle");
    if (in->totals.unread)
        return check_impossible(check, "%llu processes could not be read",
                                (unsigned long long)in->totals.unread);
    uint64_t right = add_saturating(anon, mapped);
    uint64_t tolerance = multiply_saturating(in->totals.mappings, 1024) +
                         check_moved(in, MEMINFO_ANON_PAGES) + check_moved(in, MEMINFO_MAPPED) +
                         2 * in->drift_bytes + (UINT64_C(1) << 20);
    return check_compare(check, in->totals.pss_best.bytes, right, tolerance,
                         "PSS is cut to 1 KiB a mapping; processes change while they are read one "
                         "after the other; the reader itself is mapped (1 MiB)",
                         "too high: processes that share one address space, or migration; too low: "
                         "pages mapped by processes that are not visible here");
}

bool check_rollup(const struct check_input *in, struct identity_check *check)
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
        return check_impossible(check, "no process has both smaps and smaps_rollup");
    return check_compare(
        check, left, right,
        multiply_saturating(mappings, 1024) + check_moved(in, MEMINFO_ANON_PAGES) +
            check_moved(in, MEMINFO_MAPPED),
        "smaps cuts PSS to 1 KiB a mapping, the rollup once; processes change between "
        "the two reads",
        "processes changed between the two reads");
}

bool check_page_tables(const struct check_input *in, struct identity_check *check)
{
    uint64_t tables;
    if (!check_meminfo_get(in, MEMINFO_PAGE_TABLES, &tables) || !in->totals.page_tables.known)
        return check_impossible(check, "no PageTables, or no VmPTE in any status");
    return check_compare(check, in->totals.page_tables.bytes, tables,
                         check_moved(in, MEMINFO_PAGE_TABLES) + 2 * in->drift_bytes +
                             multiply_saturating(in->totals.processes * 4, in->page_bytes),
                         "levels above are counted in one and not in the other, by kernel",
                         "page tables changed while processes were read one after the other");
}

bool check_hugetlb(const struct check_input *in, struct identity_check *check)
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
    if (!check_meminfo_get(in, MEMINFO_HUGETLB, &left) || !any)
        return check_impossible(check, "no Hugetlb in meminfo, or no pools in /sys");
    return check_compare(check, left, right, 0, "both count whole huge pages",
                         "a pool was resized between the two reads");
}

bool check_zspages(const struct check_input *in, struct identity_check *check)
{
    uint64_t left, right = 0, zswap = 0;
    const struct system_state *system = &in->snapshot->system;
    if (!check_vmstat_bytes(in, VMSTAT_NR_ZSPAGES, &left) || !system->zram_count)
        return check_impossible(check, "no zram device, or no nr_zspages");
    for (size_t i = 0; i < system->zram_count; i++)
        right = add_saturating(right, system->zrams[i].stat.used_bytes);
    check_meminfo_get(in, MEMINFO_ZSWAP, &zswap);
    return check_compare(check, left, add_saturating(right, zswap),
                         in->drift_bytes + zswap + 16 * in->page_bytes,
                         "read one after the other; zswap may have a pool of another kind",
                         "swapping went on between the two reads");
}

bool check_swaps(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, free_bytes, used = 0;
    const struct swaps *swaps = &in->snapshot->system.swaps;
    if (!in->snapshot->system.has_swaps || !check_meminfo_get(in, MEMINFO_SWAP_TOTAL, &total) ||
        !check_meminfo_get(in, MEMINFO_SWAP_FREE, &free_bytes))
        return check_impossible(check, "no swaps, or no SwapTotal");
    for (size_t i = 0; i < swaps->count; i++)
        used = add_saturating(used, swaps->areas[i].used_bytes);
    return check_compare(check, used, subtract_to_zero(total, free_bytes),
                         check_moved(in, MEMINFO_SWAP_FREE) +
                             multiply_saturating(in->cpus * 64, in->page_bytes),
                         "CPUs keep up to 64 slots each at hand; swapping between the reads",
                         "swapping went on between the two reads");
}
