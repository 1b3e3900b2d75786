/* analyzer/account/ledger.c: what each generation of kernels prints, and what it means. Figures are in
 * KiB and small enough to be summed by hand. */
#include "tests/unit/account/ledger_rules.h"

static struct ledger ledger;

/* User memory of 360000: by LRU list and by owner alike. */
#define USER                                                                                       \
    "Buffers: 10000 kB\nCached: 200000 kB\nSwapCached: 0 kB\nActive: 250000 kB\n"                  \
    "Inactive: 110000 kB\nUnevictable: 0 kB\nAnonPages: 150000 kB\nMapped: 30000 kB\n"
#define KERNEL "Slab: 50000 kB\nSReclaimable: 30000 kB\nSUnreclaim: 20000 kB\nPageTables: 3000 kB\n"
#define ZONEINFO(free, count)                                                                      \
    "Node 0, zone   Normal\n  pages free     " free "\n        managed  250000\n  pagesets\n"      \
    "    cpu: 0\n              count: " count "\n  vm stats threshold: 2\n"
#define OLD_ZONEINFO                                                                               \
    "Node 0, zone   Normal\n  pages free     100000\n        present  250000\n  pagesets\n"        \
    "    cpu: 0\n              count: 500\n"

/* What all of these have in common: 1000000 in all, 400000 free, 2000 on per-CPU lists, user memory,
 * slab and page tables: 815000. */
static void expect_common(int64_t page_tables)
{
    expect_line(&ledger, "free", 400000);
    expect_line(&ledger, "pcp", 2000);
    expect_line(&ledger, "user", 360000);
    expect_line(&ledger, "user.anon", 150000);
    expect_line(&ledger, "user.buffers", 10000);
    expect_line(&ledger, "user.swap_cache", 0);
    expect_line(&ledger, "user.lru_unowned", KIB_ABSENT);
    expect_line(&ledger, "slab", 50000);
    expect_line(&ledger, "slab.reclaimable", 30000);
    expect_line(&ledger, "page_tables", page_tables);
}

/* VmallocUsed is address space; no Shmem; no Percpu, but areas of it; hugetlb of one size. */
static void linux_2_6_32(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 1000000 kB\nMemFree: 400000 kB\n" USER KERNEL
                  "KernelStack: 1600 kB\nVmallocTotal: 34359738367 kB\nVmallocUsed: 300000 kB\n"
                  "VmallocChunk: 34359400000 kB\nHugePages_Total: 4\nHugePages_Free: 1\n"
                  "Hugepagesize: 2048 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", OLD_ZONEINFO);
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xffffc90000000000-0xffffc90000201000 2101248 alloc_large_system_hash+0x1/0x2 "
                  "pages=512 vmalloc vpages\n"
                  "0xffffc90000300000-0xffffc9000c000000 198180864 pci_mmcfg_arch_init+0x1/0x2 "
                  "phys=e0000000 ioremap\n"
                  "0xffffe8ffffc00000-0xffffe90000000000 4194304 pcpu_get_vm_areas+0x0/0x6f0 "
                  "vmalloc\n");
    ledger_of(snapshot, &ledger);
    expect_common(3000);
    expect_line(&ledger, "user.shmem", KIB_ABSENT);
    expect_line(&ledger, "user.file_cache", 200000);
    expect_line(&ledger, "vmalloc", 2048);
    expect_line(&ledger, "vmalloc.other", 2048);
    expect_line(&ledger, "vmalloc.stacks", 0);
    expect_line(&ledger, "kernel_stacks", 1600);
    expect_line(&ledger, "percpu", 0);
    expect_bounds(&ledger, "percpu", 0, 4096);
    expect_line(&ledger, "hugetlb", 8192);
    expect_line(&ledger, "hugetlb.2048kB.used", 6144);
    expect_line(&ledger, "hugetlb.2048kB.free", 2048);
    expect_residual(&ledger, 1000000 - 815000 - 2048 - 1600 - 8192);
    assert_true(ledger.residual_low_bytes == ledger.residual_bytes - (int64_t)KIB(4096));
    assert_true(ledger.residual_high_bytes == ledger.residual_bytes);
    snapshot_free(snapshot);
}

/* The same age with Percpu, of which the first chunk lies outside MemTotal. */
static void el7(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 1000000 kB\nMemFree: 400000 kB\nShmem: 8000 kB\n" USER KERNEL
                  "KernelStack: 1600 kB\nVmallocTotal: 34359738367 kB\nVmallocUsed: 300000 kB\n"
                  "VmallocChunk: 34359400000 kB\nPercpu: 2048 kB\nHardwareCorrupted: 4 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xffffc90000000000-0xffffc90000101000 1052672 load_module+0x1/0x2 pages=256 "
                  "vmalloc\n"
                  "0xffffe8ffffc00000-0xffffe8ffffd00000 1048576 pcpu_get_vm_areas+0x0/0x6f0 "
                  "vmalloc\n");
    ledger_of(snapshot, &ledger);
    expect_common(3000);
    expect_line(&ledger, "user.shmem", 8000);
    expect_line(&ledger, "user.file_cache", 192000);
    expect_line(&ledger, "vmalloc", 1024);
    expect_line(&ledger, "vmalloc.modules", 1024);
    expect_line(&ledger, "kernel_stacks", 1600);
    expect_line(&ledger, "percpu", 1024);
    expect_line(&ledger, "hardware_corrupted", 4);
    expect_residual(&ledger, 1000000 - 815000 - 1024 - 1600 - 1024 - 4);
    snapshot_free(snapshot);
}

/* VmallocUsed is always 0, and only root may read vmallocinfo: nobody knows. */
static void linux_4_18_without_vmallocinfo(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 1000000 kB\nMemFree: 400000 kB\nShmem: 8000 kB\n" USER KERNEL
                  "KernelStack: 1600 kB\nVmallocTotal: 34359738367 kB\nVmallocUsed: 0 kB\n"
                  "VmallocChunk: 0 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    ledger_of(snapshot, &ledger);
    expect_common(3000);
    expect_line(&ledger, "vmalloc", KIB_ABSENT);
    expect_line(&ledger, "percpu", KIB_ABSENT);
    expect_line(&ledger, "kernel_stacks", 1600);
    assert_null(strstr(ledger_find(&ledger, "kernel_stacks")->source, "vmallocinfo"));
    expect_residual(&ledger, 1000000 - 815000 - 1600);
    assert_true(ledger_notes(&ledger, "vmalloc: no vmallocinfo"));
    assert_string_equal(ledger.suspects[0].id, "vmalloc");
    snapshot_free(snapshot);
}

static void give_stacks(struct snapshot *snapshot, unsigned count, const char *more)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    for (unsigned i = 0; i < count; i++)
        fprintf(to, "0xffffc900%08x-0xffffc900%08x   20480 %s+0x9e/0x3b0 pages=4 vmalloc N0=4\n",
                i * 0x8000, i * 0x8000 + 0x5000, i ? "kernel_clone" : "fork_idle");
    fputs(more, to);
    assert_int_equal(fclose(to), 0);
    snapshot_give(snapshot, "proc/vmallocinfo", text);
    free(text);
}

#define MEMINFO_6_1(kernel_stack)                                                                  \
    "MemTotal: 1000000 kB\nMemFree: 400000 kB\nShmem: 8000 kB\n" USER KERNEL                       \
    "KReclaimable: 30000 kB\nKernelStack: " kernel_stack " kB\nSecPageTables: 500 kB\n"            \
    "VmallocTotal: 34359738367 kB\nVmallocUsed: 1000 kB\nVmallocChunk: 0 kB\nPercpu: 520 kB\n"     \
    "Hugetlb: 0 kB\nHugePages_Total: 0\nHugePages_Free: 0\nHugepagesize: 2048 kB\n"

/* Stacks are vmalloc areas: KernelStack is part of the vmalloc line, and no line of its own. */
static void linux_6_1(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", MEMINFO_6_1("880"));
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    give_stacks(snapshot, 57,
                "0xffffffffc0000000-0xffffffffc0013000   77824 load_module+0x8a2/0x1e70 pages=18 "
                "vmalloc\n"
                "0xffffffffc0020000-0xffffffffc0022000    8192 bpf_prog_alloc_no_stats+0x1/0x2 "
                "pages=1 vmalloc\n"
                "0xffffffffc0030000-0xffffffffc0034000   16384 pcpu_create_chunk+0x1/0x2 pages=3 "
                "vmalloc\n");
    ledger_of(snapshot, &ledger);
    expect_common(3500);
    expect_line(&ledger, "vmalloc", 912 + 72 + 4 + 12);
    expect_line(&ledger, "vmalloc.stacks", 912);
    expect_line(&ledger, "vmalloc.modules", 72);
    expect_line(&ledger, "vmalloc.bpf", 4);
    expect_line(&ledger, "vmalloc.percpu", 12);
    expect_line(&ledger, "vmalloc.other", 0);
    expect_line(&ledger, "kernel_stacks", KIB_ABSENT);
    expect_beside(&ledger, "kernel_stacks", 880, "vmalloc");
    expect_line(&ledger, "page_tables", 3500);
    expect_line(&ledger, "page_tables.process", 3000);
    expect_line(&ledger, "page_tables.secondary", 500);
    expect_line(&ledger, "percpu", 0); /* no area of a later chunk: all of it is the first */
    expect_line(&ledger, "hugetlb", 0);
    expect_line(&ledger, "misc_reclaimable", 0);
    expect_residual(&ledger, 1000000 - 815000 - 1000 - 500);
    assert_int_equal(ledger.note_count, 0);
    snapshot_free(snapshot);
}

/* Not root: VmallocUsed counts pages, and the stacks are somewhere in it. */
static void linux_6_1_without_vmallocinfo(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", MEMINFO_6_1("880"));
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    ledger_of(snapshot, &ledger);
    expect_common(3500);
    expect_line(&ledger, "vmalloc", 1000);
    expect_line(&ledger, "vmalloc.stacks", KIB_ABSENT);
    expect_line(&ledger, "kernel_stacks", KIB_ABSENT);
    expect_beside(&ledger, "kernel_stacks", 880, "vmalloc");
    assert_true(ledger_notes(&ledger, "kernel stacks are taken to be in vmalloc"));
    /* two CPUs of nothing known: 520 less a typical first chunk, anything up to all of it */
    expect_bounds(&ledger, "percpu", 0, 520);
    snapshot_free(snapshot);

    /* they cannot be in less than they are */
    snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", MEMINFO_6_1("1004"));
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "kernel_stacks", 1004);
    snapshot_free(snapshot);
}

/* The areas of stacks need not be all: nine tenths are taken for all, less for none. */
static void stacks_seen_in_part(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", MEMINFO_6_1("1000"));
    give_stacks(snapshot, 57, ""); /* 912 */
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "kernel_stacks", KIB_ABSENT);
    snapshot_free(snapshot);

    snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", MEMINFO_6_1("1016"));
    give_stacks(snapshot, 57, "");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "kernel_stacks", 1016);
    snapshot_free(snapshot);
}

/* 32 bits: stacks are pages of their own although vmalloc counts pages. */
static void i386(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 1000000 kB\nMemFree: 400000 kB\nHighTotal: 100000 kB\n"
                  "HighFree: 5000 kB\nLowTotal: 900000 kB\nLowFree: 395000 kB\n" USER KERNEL
                  "KernelStack: 900 kB\nVmallocTotal: 122880 kB\nVmallocUsed: 4000 kB\n"
                  "VmallocChunk: 0 kB\nBounce: 8 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xf0000000-0xf03e9000 4100096 load_module+0x1/0x2 pages=1000 vmalloc\n");
    ledger_of(snapshot, &ledger);
    expect_common(3000);
    expect_line(&ledger, "vmalloc", 4000);
    expect_line(&ledger, "kernel_stacks", 900);
    expect_line(&ledger, "bounce", 8);
    expect_residual(&ledger, 1000000 - 815000 - 4000 - 900 - 8);
    snapshot_free(snapshot);
}

/* 64 KiB pages: a stack is less than a page, and comes from a slab cache. */
static void ppc64(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(65536);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 1000000 kB\nMemFree: 400000 kB\nShmem: 8000 kB\n" USER KERNEL
                  "KernelStack: 2560 kB\nVmallocTotal: 549755813888 kB\nVmallocUsed: 6400 kB\n"
                  "VmallocChunk: 0 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo",
                  "Node 0, zone   Normal\n  pages free     6250\n        managed  15625\n"
                  "  pagesets\n    cpu: 0\n              count: 40\n");
    snapshot_give(snapshot, "proc/slabinfo",
                  "slabinfo - version: 2.1\n# name\n"
                  "thread_stack 160 160 16384 4 1 : tunables 0 0 0 : slabdata 40 40 0\n");
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xc008000000000000-0xc008000000650000 6619136 load_module+0x1/0x2 pages=100 "
                  "vmalloc\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "free", 400000);
    expect_line(&ledger, "pcp", 2560);
    expect_line(&ledger, "vmalloc", 6400);
    expect_line(&ledger, "kernel_stacks", KIB_ABSENT);
    expect_beside(&ledger, "kernel_stacks", 2560, "slab");
    expect_residual(&ledger, 1000000 - 400000 - 2560 - 360000 - 50000 - 3000 - 6400);
    snapshot_free(snapshot);
}

/* The same read by a user: no slabinfo, no vmallocinfo. 160 threads tell the size of a stack; were they
 * 40, it would be a page, and so it would if nobody knew. */
static void ppc64_as_user(void **state)
{
    static const struct {
        uint64_t threads;
        const char *place;
    } cases[] = {
        {160, "slab"   },
        {40,  "vmalloc"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct snapshot *snapshot = snapshot_of_nothing(65536);
        snapshot_give(snapshot, "proc/meminfo",
                      "MemTotal: 1000000 kB\nMemFree: 400000 kB\nShmem: 8000 kB\n" USER KERNEL
                      "KernelStack: 2560 kB\nVmallocTotal: 549755813888 kB\nVmallocUsed: 6400 kB\n"
                      "VmallocChunk: 0 kB\n");
        snapshot->processes = calloc(1, sizeof *snapshot->processes);
        assert_non_null(snapshot->processes);
        snapshot->process_count = snapshot->process_capacity = 1;
        snapshot->processes[0].threads = amount_of(cases[i].threads);
        ledger_of(snapshot, &ledger);
        expect_line(&ledger, "kernel_stacks", KIB_ABSENT);
        expect_beside(&ledger, "kernel_stacks", 2560, cases[i].place);
        snapshot_free(snapshot);
    }
}

/* Struct pages that are initialised on demand: MemTotal and MemFree count what no zone has yet. */
static void deferred_initialisation(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 3000000 kB\nMemFree: 2400000 kB\nShmem: 8000 kB\n" USER KERNEL
                  "KernelStack: 0 kB\n");
    /* 1000000 managed, 400000 of them free: 2000000 are missing on both sides */
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "free", 2400000);
    expect_line(&ledger, "pcp", 2000);
    expect_bounds(&ledger, "pcp", 2000, 2000);
    expect_residual(&ledger, 3000000 - 2400000 - 2000 - 360000 - 50000 - 3000);
    snapshot_free(snapshot);
}

/* 7.1: memory of graphics, FUSE copies, structs of hot-added memory. */
static void linux_7_1(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 1000000 kB\nMemFree: 400000 kB\nShmem: 8000 kB\n" USER KERNEL
                  "KReclaimable: 30700 kB\nKernelStack: 0 kB\nVmallocUsed: 2000 kB\n"
                  "VmallocChunk: 0 kB\nWritebackTmp: 16 kB\nGPUActive: 4000 kB\n"
                  "GPUReclaim: 300 kB\nUnaccepted: 100 kB\nCmaTotal: 65536 kB\n");
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 100000\nnr_memmap_pages 25\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONEINFO("100000", "500"));
    ledger_of(snapshot, &ledger);
    expect_common(3000);
    expect_line(&ledger, "gpu_active", 4000);
    expect_line(&ledger, "gpu_reclaim", 300);
    expect_line(&ledger, "memmap", 100);
    expect_line(&ledger, "writeback_tmp", 16);
    expect_line(&ledger, "misc_reclaimable", 700);
    expect_beside(&ledger, "unaccepted", 100, "free");
    expect_residual(&ledger, 1000000 - 815000 - 2000 - 4000 - 300 - 100 - 16 - 700);
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linux_2_6_32),
        cmocka_unit_test(el7),
        cmocka_unit_test(linux_4_18_without_vmallocinfo),
        cmocka_unit_test(linux_6_1),
        cmocka_unit_test(linux_6_1_without_vmallocinfo),
        cmocka_unit_test(stacks_seen_in_part),
        cmocka_unit_test(i386),
        cmocka_unit_test(ppc64),
        cmocka_unit_test(ppc64_as_user),
        cmocka_unit_test(deferred_initialisation),
        cmocka_unit_test(linux_7_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
