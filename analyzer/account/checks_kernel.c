/* Identities of the kernel's own memory: slab, vmalloc areas, stacks, modules, page tables. */
#include "analyzer/account/check_rules.h"

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/stack_size.h"
#include "analyzer/base/checked_math.h"

bool check_slab(const struct check_input *in, struct identity_check *check)
{
    /* Before KReclaimable the kernel read both counters twice. */
    uint64_t ignored;
    bool once = check_meminfo_get(in, MEMINFO_K_RECLAIMABLE, &ignored);
    if (!once) {
        check_tolerate_drift(in, check, 1);
        check_tolerate_pages(in, check, 16, "between two readings of one counter");
    }
    return check_meminfo_sum(in, check, MEMINFO_SLAB, MEMINFO_S_RECLAIMABLE, MEMINFO_S_UNRECLAIM,
                             once ? "printed from the same two readings"
                                  : "old kernels read both counters twice");
}

bool check_vmalloc(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.vmalloc_from_areas)
        return check_impossible(check, "no vmallocinfo (only root may read it)");
    if (in->terms.vmalloc_used != VMALLOC_USED_PAGES)
        return check_impossible(check, "this kernel's VmallocUsed does not count pages");
    check_tolerate_drift(in, check, 1);
    check_tolerate_moved(in, check, MEMINFO_VMALLOC_USED);
    check_tolerate_pages(in, check, multiply_saturating(in->cpus, 8),
                         "of stacks that come and go: two of four pages a CPU");
    return check_compare(check, in->terms.vmalloc_used_bytes.bytes, in->terms.vmalloc.bytes,
                         "read one after the other: a thread's stack comes and goes",
                         "areas that put pages without having them counted, or activity between "
                         "the reads");
}

bool check_stacks(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.kernel_stack.known || in->terms.stacks != STACKS_IN_VMALLOC)
        return check_impossible(check, "kernel stacks are not seen in vmallocinfo");
    check_tolerate_moved(in, check, MEMINFO_KERNEL_STACK);
    check_tolerate_pages(in, check, multiply_saturating(in->cpus, 2 * 4),
                         "kept for reuse: two stacks of four pages a CPU");
    check_tolerate_drift(in, check, 1);
    return check_compare(check, in->terms.kernel_stack.bytes, in->terms.stack_areas_bytes,
                         "every live thread has an area; two more a CPU are kept for reuse",
                         "threads were made or ended between the reads");
}

/* The size that most areas of stacks have; 0 when none is seen. */
static uint64_t stack_bytes_of_areas(const struct check_input *in)
{
    const struct vmallocinfo *info = &in->snapshot->system.vmallocinfo;
    uint64_t best = 0, best_areas = 0;
    for (uint64_t size = STACK_BYTES_MIN; size <= STACK_BYTES_MAX; size *= 2) {
        uint64_t areas = 0;
        for (size_t i = 0; i < info->count; i++)
            areas += info->areas[i].has_pages &&
                     vmalloc_owner_of(&info->areas[i]) == OWNER_STACKS &&
                     multiply_saturating(info->areas[i].pages, in->page_bytes) == size;
        if (areas > best_areas) {
            best_areas = areas;
            best = size;
        }
    }
    return best;
}

bool check_threads(const struct check_input *in, struct identity_check *check)
{
    uint64_t stacks, unknown, threads = live_threads(in->snapshot, &unknown);
    if (!check_meminfo_get(in, MEMINFO_KERNEL_STACK, &stacks) || !threads)
        return check_impossible(check, "no KernelStack, or no process in the bundle");
    if (unknown)
        return check_impossible(check, "the threads of %llu processes are not known",
                                (unsigned long long)unknown);
    uint64_t size = stack_bytes_of_areas(in);
    if (!size)
        size = stack_bytes_nearest(stacks, threads);
    check_tolerate_moved(in, check, MEMINFO_KERNEL_STACK);
    check_tolerate(check, LEFT_MAY_BE_LESS, multiply_saturating(in->cpus, size),
                   "an idle thread a CPU, which is no process: %llu x %llu KiB",
                   (unsigned long long)in->cpus, (unsigned long long)size / 1024);
    check_tolerate(check, LEFT_EITHER_WAY, multiply_saturating(in->cpus, 4 * size),
                   "threads that came or went: 4 a CPU of %llu KiB",
                   (unsigned long long)size / 1024);
    check_tolerate_drift(in, check, 1);
    return check_compare(
        check, multiply_saturating(threads, size), stacks,
        "the size of a stack is that of its areas in vmallocinfo, else the power of "
        "two from 4 to 64 KiB nearest to KernelStack a thread",
        "less on the left: threads of processes that are not visible here, "
        "another PID namespace above; more: stacks that KernelStack lacks");
}

bool check_modules(const struct check_input *in, struct identity_check *check)
{
    struct kernel_usage kernel;
    if (!in->snapshot->system.has_modules || !in->snapshot->system.has_vmallocinfo ||
        !kernel_usage_compute(in->snapshot, &kernel, NULL))
        return check_impossible(check, "no modules, no vmallocinfo, or the page size is not known");
    uint64_t left = kernel.module_bytes, right = kernel.owner_bytes[OWNER_MODULES];
    kernel_usage_deinit(&kernel);
    return check_compare(check, left, right,
                         "areas are whole pages, and may be shared blocks of 2 MiB",
                         "modules that are not in areas known as theirs");
}

/* Until 5.10 PageTables had the lowest level only. Processes counted the second as VmPMD since 4.0,
 * and all levels in VmPTE since 4.15: of each level there are at most as many tables as of the one
 * below, but for huge pages of pools, which need one of the second for each GiB and none below.
 * vmstat's nr_swapcached came soon after the change. */
static void tolerate_upper_levels(const struct check_input *in, struct identity_check *check)
{
    uint64_t ignored, second = 0;
    if (check_vmstat_bytes(in, VMSTAT_NR_SWAPCACHED, &ignored))
        return;
    for (size_t i = 0; i < in->snapshot->process_count; i++)
        second =
            add_saturating(second, in->snapshot->processes[i].status_size[STATUS_VM_PMD].bytes);
    if (second) {
        check_tolerate(check, LEFT_MAY_BE_MORE, second, "VmPMD, which PageTables lacks here");
        return;
    }
    check_tolerate(check, LEFT_MAY_BE_MORE, in->totals.page_tables.bytes / 3 * 2,
                   "two upper levels in VmPTE, a third of it each at most");
    check_tolerate(check, LEFT_MAY_BE_MORE,
                   multiply_saturating(in->totals.hugetlb.bytes >> 30, in->page_bytes),
                   "a table for each GiB of mapped huge pages");
}

bool check_page_tables(const struct check_input *in, struct identity_check *check)
{
    uint64_t tables;
    if (!check_meminfo_get(in, MEMINFO_PAGE_TABLES, &tables) || !in->totals.page_tables.known)
        return check_impossible(check, "no PageTables, or no VmPTE in any status");
    check_tolerate_moved(in, check, MEMINFO_PAGE_TABLES);
    check_tolerate_drift(in, check, 2);
    check_tolerate_pages(in, check, multiply_saturating(in->totals.processes, 4),
                         "of levels above, up to 4 a process");
    tolerate_upper_levels(in, check);
    return check_compare(check, in->totals.page_tables.bytes, tables,
                         "levels above are counted in one and not in the other, by kernel",
                         "page tables changed while processes were read one after the other");
}
