/* What the parts sum to, what the kernel says, and the reason of the difference. */
#include "analyzer/account/kernel_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "analyzer/base/checked_math.h"

/* Tables of processes fill pages of this size; of larger pages some kernels use parts. */
#define SMALL_PAGE_BYTES 4096u

static struct kernel_balance *add_balance(struct kernel_report *report, enum kernel_section section,
                                          const char *id, const char *parts, const char *whole)
{
    if (report->balance_count >= KERNEL_BALANCES_MAX)
        return NULL;
    struct kernel_balance *balance = &report->balances[report->balance_count++];
    *balance =
        (struct kernel_balance){.section = section, .id = id, .parts = parts, .whole = whole};
    return balance;
}

__attribute__((format(printf, 2, 3))) static void set_reason(struct kernel_balance *balance,
                                                             const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(balance->reason, sizeof balance->reason, format, arguments);
    va_end(arguments);
}

/* Both sums, and which of two sentences explains the difference. */
static void set_sums(struct kernel_balance *balance, uint64_t parts, uint64_t whole,
                     const char *parts_less, const char *parts_more)
{
    balance->parts_bytes = parts;
    balance->whole_bytes = whole;
    if (parts != whole)
        set_reason(balance, "%s", parts < whole ? parts_less : parts_more);
}

static void balance_slab(struct kernel_report *report)
{
    struct kernel_balance *balance;
    if (!report->usage.has_slab || !report->terms.slab.known ||
        !(balance = add_balance(report, KERNEL_SLAB_SECTION, "slab", "caches", "meminfo Slab")))
        return;
    set_sums(balance, report->usage.slab_bytes, report->terms.slab.bytes,
             "large kmalloc (more than two pages; in no cache), and slabs made between the reads",
             "slabs of fewer pages than new ones have, or freed between the reads");
}

static void balance_vmalloc(struct kernel_report *report)
{
    struct kernel_balance *balance;
    if (!report->usage.has_vmalloc || report->terms.vmalloc_used != VMALLOC_USED_PAGES ||
        !(balance = add_balance(report, KERNEL_VMALLOC_SECTION, "vmalloc", "pages of areas",
                                "meminfo VmallocUsed")))
        return;
    set_sums(balance, report->usage.vmalloc_bytes, report->terms.vmalloc_used_bytes.bytes,
             "areas freed between the reads",
             "areas made between the reads, or a counter that lags");
}

static void balance_modules(struct kernel_report *report)
{
    const struct kernel_usage *usage = &report->usage;
    uint64_t areas = usage->owner_areas[OWNER_MODULES];
    struct kernel_balance *balance;
    if (!usage->has_modules || !usage->has_vmalloc || !usage->page_bytes ||
        !(balance = add_balance(report, KERNEL_MODULES_SECTION, "modules",
                                "lsmod sizes in whole pages", "module areas of vmallocinfo")))
        return;
    set_sums(balance, usage->module_allocated_bytes, usage->owner_bytes[OWNER_MODULES],
             "trampolines of modules, and areas of modules that come or go",
             "modules are not in areas that are known as theirs");
    if (balance->parts_bytes >= balance->whole_bytes || areas == 0)
        return;
    if (usage->module_largest_area_bytes > usage->module_largest_bytes)
        set_reason(balance,
                   "the largest area (%" PRIu64 " KiB) is larger than any module: a block for the "
                   "code of several, filled in part, and used by ftrace and BPF as well",
                   usage->module_largest_area_bytes / 1024);
}

static void balance_page_tables(struct kernel_report *report)
{
    const struct kernel_holders *holders = &report->holders;
    struct kernel_balance *balance;
    if (!report->terms.page_tables.known || !holders->page_tables.known ||
        !(balance = add_balance(report, KERNEL_PROCESSES_SECTION, "page_tables",
                                "VmPTE + VmPMD of processes", "meminfo PageTables")))
        return;
    set_sums(
        balance, holders->page_tables.bytes, report->terms.page_tables.bytes, "",
        "upper levels, which VmPTE has and PageTables of this kernel may not have; and address "
        "spaces that several processes share");
    if (balance->parts_bytes < balance->whole_bytes)
        set_reason(balance,
                   "top levels%s and the kernel's own tables, where they are counted; %" PRIu64
                   " processes did not say theirs",
                   report->terms.page_bytes > SMALL_PAGE_BYTES
                       ? ", tables smaller than a page (the whole page is counted)"
                       : "",
                   holders->page_tables_unknown);
}

static void balance_stacks(const struct snapshot *snapshot, struct kernel_report *report)
{
    const struct kernel_holders *holders = &report->holders;
    const struct zoneinfo *zoneinfo = &snapshot->system.now.zoneinfo;
    struct kernel_balance *balance;
    unsigned cpus = 0;
    for (size_t i = 0; i < zoneinfo->count; i++)
        if (zoneinfo->zones[i].pcp_cpus > cpus)
            cpus = zoneinfo->zones[i].pcp_cpus;
    if (!report->terms.kernel_stack.known || !holders->stacks_bytes.known ||
        !(balance = add_balance(report, KERNEL_PROCESSES_SECTION, "kernel_stacks",
                                "threads x stack size", "meminfo KernelStack")))
        return;
    set_sums(balance, holders->stacks_bytes.bytes, report->terms.kernel_stack.bytes, "",
             "threads that ended between the reads");
    if (balance->parts_bytes < balance->whole_bytes)
        set_reason(
            balance,
            "idle threads (%u CPUs have one each, the first is not counted), and threads that "
            "are not in the bundle; %" PRIu64 " processes did not say how many they have",
            cpus, holders->threads_unknown);
}

/* A stack of a thread that ended is kept for the next one: up to two a CPU. */
static void balance_stack_areas(struct kernel_report *report)
{
    struct kernel_balance *balance;
    if (report->terms.stacks != STACKS_IN_VMALLOC || !report->terms.vmalloc_from_areas ||
        !(balance = add_balance(report, KERNEL_PROCESSES_SECTION, "stack_areas",
                                "meminfo KernelStack", "stack areas of vmallocinfo")))
        return;
    set_sums(balance, report->terms.kernel_stack.bytes, report->terms.stack_areas_bytes,
             "stacks of threads that ended, kept for the next (two a CPU)",
             "threads that began or ended between the reads");
}

static void balance_free_lists(struct kernel_report *report)
{
    uint64_t sum = 0;
    bool any = false;
    struct kernel_balance *balance;
    for (size_t i = 0; i < report->pools.count; i++) {
        const struct kernel_pool *pool = &report->pools.rows[i];
        if (pool->kind != POOL_FREE_LIST)
            continue;
        any = true;
        sum = add_saturating(sum, pool->size.bytes);
    }
    if (!any || !report->terms.pcp.known ||
        !(balance = add_balance(report, KERNEL_POOLS_SECTION, "pcp", "per-CPU free lists by zone",
                                "ledger line pcp")))
        return;
    set_sums(balance, sum, report->terms.pcp.bytes,
             "pages that moved from the zones to the lists between meminfo and zoneinfo",
             "pages that moved from the lists to the zones between meminfo and zoneinfo");
}

static void balance_huge_pages(struct kernel_report *report)
{
    uint64_t machine = 0, nodes = 0;
    bool any = false;
    struct kernel_balance *balance;
    for (size_t i = 0; i < report->pools.count; i++) {
        const struct kernel_pool *pool = &report->pools.rows[i];
        if (pool->kind != POOL_HUGE_PAGES)
            continue;
        bool of_node = pool->on_node;
        any = any || !of_node;
        uint64_t *sum = of_node ? &nodes : &machine;
        *sum = add_saturating(*sum, pool->size.bytes);
    }
    if (!any || !report->terms.hugetlb.known ||
        !(balance = add_balance(report, KERNEL_POOLS_SECTION, "hugetlb", "huge pages by size",
                                "ledger line hugetlb")))
        return;
    static const char pages_moved[] = "pools that changed between the reads, or sizes that are not "
                                      "in the bundle";
    set_sums(balance, machine, report->terms.hugetlb.bytes, pages_moved, pages_moved);
    if (nodes && (balance = add_balance(report, KERNEL_POOLS_SECTION, "hugetlb_nodes",
                                        "huge pages by node", "huge pages by size")))
        set_sums(balance, nodes, machine, pages_moved, pages_moved);
}

static void balance_shared(struct kernel_report *report)
{
    const struct shared_memory *shared = &report->shared;
    struct kernel_balance *balance;
    if (!report->terms.shmem.known || shared->count == 0 ||
        !(balance = add_balance(report, KERNEL_SHARED_SECTION, "shmem", "owners that are known",
                                "meminfo Shmem")))
        return;
    set_sums(balance, shared->resident_bytes, report->terms.shmem.bytes, "",
             "what tmpfs and descriptors hold in swap is counted, too");
    if (balance->parts_bytes < balance->whole_bytes)
        set_reason(
            balance, "%s%s%s%s", shared->has_mounts ? "" : "tmpfs (no statfs in the bundle), ",
            shared->has_held ? "" : "memfds that nobody maps (sizes are not in the bundle), ",
            shared->has_mappings ? "" : "shared anonymous memory (no smaps), ",
            "files of an initramfs, other namespaces, drivers' buffers");
}

void kernel_report_balance(const struct snapshot *snapshot, struct kernel_report *report)
{
    if (!report->has_terms)
        return;
    balance_slab(report);
    balance_vmalloc(report);
    balance_modules(report);
    balance_page_tables(report);
    balance_stacks(snapshot, report);
    balance_stack_areas(report);
    balance_free_lists(report);
    balance_huge_pages(report);
    balance_shared(report);
}
