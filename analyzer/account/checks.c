#include "analyzer/account/checks.h"

#include "analyzer/account/check_rules.h"
#include "analyzer/account/reading_error.h"

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {"holds", "broken", "unchecked"};
    return words[verdict];
}

const char *tolerance_side_word(enum tolerance_side side)
{
    static const char *const words[] = {"either", "less", "more"};
    return words[side];
}

const char *verdict_phrase(enum verdict verdict)
{
    return verdict == VERDICT_UNCHECKED ? "cannot be checked" : verdict_word(verdict);
}

static const struct check_rule {
    const char *id, *left, *relation, *right, *needs;
    bool (*run)(const struct check_input *in, struct identity_check *check);
} rules[] = {
#define ROW(id, function, left, relation, right, needs)                                            \
    {                                                                                              \
        id, left, relation, right, needs, check_##function                                         \
    }
    ROW("slab_sum", slab, "Slab", "=", "SReclaimable + SUnreclaim", "meminfo"),
    ROW("active_sum", active, "Active", "=", "Active(anon) + Active(file)", "meminfo"),
    ROW("inactive_sum", inactive, "Inactive", "=", "Inactive(anon) + Inactive(file)", "meminfo"),
    ROW("lru_owned", lru, "Active + Inactive + Unevictable + isolated", "=",
        "AnonPages + Cached + Buffers + SwapCached", "meminfo, vmstat"),
    ROW("anon_lru", anon_lru, "Active(anon) + Inactive(anon) + isolated", "=", "AnonPages + Shmem",
        "meminfo, vmstat; smaps for LazyFree"),
    ROW("file_lru", file_lru, "Active(file) + Inactive(file) + isolated + Shmem", "=",
        "Cached + Buffers", "meminfo, vmstat; smaps for LazyFree"),
    ROW("file_pages", file_pages, "Cached + Buffers + SwapCached", "=", "vmstat nr_file_pages",
        "meminfo, vmstat, page size"),
    ROW("shmem_cached", shmem, "Shmem", "<=", "Cached", "meminfo since 2.6.32"),
    ROW("mlocked_unevictable", mlocked, "Mlocked", "<=", "Unevictable", "meminfo"),
    ROW("dirty_cached", dirty, "Dirty + Writeback + NFS_Unstable", "<=", "Cached + Buffers",
        "meminfo"),
    ROW("mem_total_managed", managed, "MemTotal", "=", "zoneinfo managed + not yet initialised",
        "meminfo, zoneinfo since 3.9, page size"),
    ROW("mem_free_zones", free, "MemFree", "=", "zoneinfo free", "meminfo, zoneinfo, page size"),
    ROW("buddy_free", buddy, "buddyinfo + Unaccepted", "=", "vmstat nr_free_pages",
        "buddyinfo, vmstat, page size"),
    ROW("cma_free", cma_free, "CmaFree", "<=", "MemFree", "meminfo of a kernel with CMA"),
    ROW("unaccepted_free", unaccepted, "Unaccepted", "<=", "MemFree",
        "meminfo since 6.5 with unaccepted memory"),
    ROW("vmalloc_used", vmalloc, "VmallocUsed", "=", "vmallocinfo pages",
        "meminfo since 5.3, vmallocinfo (root), page size"),
    ROW("kernel_stacks", stacks, "KernelStack", "=", "vmallocinfo pages of stacks",
        "meminfo, vmallocinfo (root), stacks in vmalloc"),
    ROW("stacks_threads", threads, "threads x size of a stack", "=", "KernelStack",
        "meminfo, status or stat of every process"),
    ROW("modules_vmalloc", modules, "sum of module sizes", "<=", "vmallocinfo pages of modules",
        "modules, vmallocinfo (root), page size"),
    ROW("pss_mapped", pss, "sum of PSS", "=", "AnonPages + Mapped",
        "meminfo, smaps or smaps_rollup of every process"),
    ROW("rollup_smaps", rollup, "sum of PSS in smaps", "=", "sum of PSS in smaps_rollup",
        "smaps and smaps_rollup (4.14) of a process"),
    ROW("rollup_process", rollup_process, "PSS in smaps, each process", "=",
        "PSS in its smaps_rollup", "smaps and smaps_rollup (4.14) of a process"),
    ROW("pages_smaps", pages, "PSS of pages by their counts", "=", "sum of PSS in smaps",
        "pages (--pages) and smaps of a process"),
    ROW("anon_huge_pages", anon_huge, "AnonHugePages", "<=", "sum of AnonHugePages in smaps",
        "meminfo, smaps of every process"),
    ROW("shmem_huge_pages", shmem_huge, "ShmemPmdMapped", "<=", "sum of ShmemPmdMapped in smaps",
        "meminfo since 4.8, smaps of every process"),
    ROW("file_huge_pages", file_huge, "FilePmdMapped", "<=", "sum of FilePmdMapped in smaps",
        "meminfo since 5.4, smaps of every process"),
    ROW("locked_mlocked", locked, "sum of Locked", "=", "Mlocked",
        "meminfo, smaps of every process"),
    ROW("vmpte_page_tables", page_tables, "sum of VmPTE + VmPMD", "<=", "PageTables",
        "meminfo, status"),
    ROW("hugetlb_pools", hugetlb, "Hugetlb", "=", "hugepages pools of all sizes",
        "meminfo since 4.16, pools of /sys"),
    ROW("hugetlb_private", hugetlb_private, "sum of Private_Hugetlb", "<=", "huge pages in use",
        "pools, smaps since 4.4"),
    ROW("hugetlb_mapped", hugetlb_mapped, "huge pages in use",
        "<=", "sum of Private_Hugetlb + Shared_Hugetlb", "pools, smaps since 4.4 of every process"),
    ROW("zram_zspages", zspages, "vmstat nr_zspages", "=", "zram mem_used_total + Zswap",
        "vmstat since 4.8, mm_stat of zram"),
    ROW("swaps_used", swaps, "used of all swaps", "=", "SwapTotal - SwapFree", "meminfo, swaps"),
    ROW("swap_pss", swap_pss, "sum of SwapPss + segments in swap", "=",
        "SwapTotal - SwapFree - SwapCached",
        "meminfo, smaps since 4.3 of every process, sysvipc/shm"),
    ROW("node_total", node_total, "MemTotal", "=", "sum of nodes + not yet initialised",
        "meminfo of the machine and its nodes; vmstat"),
    ROW("node_free", node_free, "MemFree", "=", "sum of nodes",
        "meminfo of the machine and its nodes"),
    ROW("node_anon", node_anon, "AnonPages", "=", "sum of nodes",
        "meminfo of the machine and its nodes"),
    ROW("node_slab", node_slab, "Slab", "=", "sum of nodes",
        "meminfo of the machine and its nodes"),
    ROW("node_fields", node_fields, "each other field that nodes print", "=", "sum of nodes",
        "meminfo of the machine and its nodes"),
    ROW("census_free", census_free, "census: free pages", "=", "vmstat nr_free_pages - Unaccepted",
        "census, vmstat"),
    ROW("census_slab", census_slab, "census: slab pages", "=", "slabs of slabinfo",
        "census, slabinfo (root)"),
    ROW("census_page_tables", census_tables, "census: page table pages", "=", "PageTables",
        "census (4.18), meminfo"),
    ROW("census_hugetlb", census_huge, "census: huge pages", "=", "Hugetlb",
        "census, meminfo or pools"),
    ROW("census_lru", census_lru, "census: anonymous, shmem and file pages", "=",
        "Active + Inactive + Unevictable + isolated", "census, meminfo, vmstat"),
#undef ROW
};
_Static_assert(sizeof rules / sizeof rules[0] <= CHECKS_MAX, "too many checks for the report");

static void measure(const struct snapshot *snapshot, struct check_input *in)
{
    struct reading_error error;
    reading_error_find(snapshot, &error);
    in->snapshot = snapshot;
    in->cpus = error.cpus;
    in->zones = error.zones;
    in->page_bytes = error.page_bytes;
    in->drift_bytes = error.drift_bytes;
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
                                         .needs = rules[i].needs,
                                         .verdict = VERDICT_UNCHECKED};
        rules[i].run(&in, check);
        out->holds += check->verdict == VERDICT_HOLDS;
        out->broken += check->verdict == VERDICT_BROKEN;
        out->unchecked += check->verdict == VERDICT_UNCHECKED;
    }
}
