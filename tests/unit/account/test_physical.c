/* analyzer/account/physical.c: what lies below MemTotal sums to what the machine has. */
#include "tests/unit/account/ledger_rules.h"

static struct ledger ledger;

#define ZONES(present)                                                                             \
    "Node 0, zone   Normal\n  pages free     25000\n        present  " present                     \
    "\n        managed  150000\n  pagesets\n    cpu: 0\n              count: 0\n"
#define IOMEM                                                                                      \
    "00001000-27ffffff : System RAM\n"                                                             \
    "  01000000-017fffff : Kernel code\n"                                                          \
    "  01800000-01bfffff : Kernel data\n"                                                          \
    "  10000000-103fffff : Crash kernel\n"

static struct snapshot *machine(const char *present, const char *vmstat)
{
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", "MemTotal: 600000 kB\nMemFree: 100000 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", present);
    snapshot_give(snapshot, "proc/vmstat", vmstat);
    return snapshot;
}

static void expect_part(const char *id, int64_t kib)
{
    for (size_t i = 0; i < ledger.physical.count; i++) {
        if (strcmp(ledger.physical.parts[i].id, id) != 0)
            continue;
        assert_int_equal(ledger.physical.parts[i].bytes, KIB((uint64_t)kib));
        return;
    }
    if (kib != KIB_ABSENT)
        fail_msg("no part %s", id);
}

static void expect_whole(uint64_t kib)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ledger.physical.count; i++)
        sum += ledger.physical.parts[i].bytes;
    assert_true(ledger.physical.present.known);
    assert_int_equal(ledger.physical.present.bytes, KIB(kib));
    assert_int_equal(sum, KIB(kib));
}

static void parts_are_named_as_far_as_known(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine(ZONES("160000"), "nr_free_pages 1\n");
    ledger_of(snapshot, &ledger);
    expect_whole(640000);
    expect_part("mem_total", 600000);
    expect_part("kernel_image", KIB_ABSENT);
    expect_part("memmap_boot", KIB_ABSENT);
    expect_part("reserved_other", 40000);
    snapshot_free(snapshot);
    snapshot = machine(ZONES("160000"), "nr_free_pages 1\nnr_memmap_boot_pages 2500\n");
    snapshot_give(snapshot, "proc/iomem", IOMEM);
    ledger_of(snapshot, &ledger);
    expect_whole(640000);
    expect_part("kernel_image", 12288);
    expect_part("crash_kernel", 4096);
    expect_part("memmap_boot", 10000);
    expect_part("reserved_other", 40000 - 12288 - 4096 - 10000);
    snapshot_free(snapshot);
}

/* A container shows its limit as MemTotal; the zones are those of the machine. */
static void a_made_up_total_has_no_parts(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", "MemTotal: 534464 kB\nMemFree: 100000 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONES("160000"));
    ledger_of(snapshot, &ledger);
    assert_true(ledger.physical.present.known); /* 16384 pages less: may be on their way */
    snapshot_free(snapshot);
    snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", "MemTotal: 534460 kB\nMemFree: 100000 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONES("160000"));
    ledger_of(snapshot, &ledger);
    assert_false(ledger.physical.present.known);
    assert_true(ledger_notes(&ledger, "meminfo is made up"));
    snapshot_free(snapshot);
}

/* All that such a meminfo passes on from the machine is more than the container has. */
static void figures_of_the_machine_are_no_lines_of_a_container(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 100000 kB\nMemFree: 50000 kB\nBuffers: 0 kB\nCached: 20000 kB\n"
                  "SwapCached: 0 kB\nActive: 10000 kB\nInactive: 20000 kB\nAnonPages: 10000 kB\n"
                  "Slab: 3000 kB\nSReclaimable: 2000 kB\nSUnreclaim: 1000 kB\n"
                  "PageTables: 90000 kB\nKernelStack: 40000 kB\nVmallocUsed: 70000 kB\n"
                  "VmallocChunk: 0 kB\nPercpu: 30000 kB\nHugetlb: 80000 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONES("160000"));
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 25000\nnr_zspages 9000\n");
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xf0000000-0xf00d9000 888832 load_module+0x1/0x2 pages=216 vmalloc\n");
    ledger_of(snapshot, &ledger);
    static const char *const left_out[] = {"pcp",    "vmalloc", "kernel_stacks", "page_tables",
                                           "percpu", "hugetlb", "zspages"};
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        assert_null(ledger_find(&ledger, left_out[i]));
    expect_residual(&ledger, 100000 - 50000 - 30000 - 3000);
    assert_true(ledger.residual_low_bytes > 0);
    assert_true(ledger_notes(&ledger, "is left out; the residual is mostly kernel memory"));
    snapshot_free(snapshot);
}

/* More is said to be reserved than there is room for: nothing becomes negative. */
static void parts_are_cut_to_what_is_left(void **state)
{
    (void)state;
    struct snapshot *snapshot =
        machine(ZONES("152000"), "nr_free_pages 1\nnr_memmap_boot_pages 2500\n");
    ledger_of(snapshot, &ledger);
    expect_whole(608000);
    expect_part("memmap_boot", 8000);
    expect_part("reserved_other", 0);
    assert_int_equal(ledger.physical.parts[1].grade, GRADE_ESTIMATE);
    snapshot_free(snapshot);
}

static void less_than_mem_total_is_said(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine(ZONES("149999"), "nr_free_pages 1\n");
    ledger_of(snapshot, &ledger);
    assert_false(ledger.physical.present.known);
    assert_int_equal(ledger.physical.count, 0);
    assert_true(ledger_notes(&ledger, "physical memory"));
    snapshot_free(snapshot);
}

/* Memory of all nodes and zones, whether a zone has pages or not. */
static void all_nodes_are_present(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", "MemTotal: 600000 kB\nMemFree: 100000 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo",
                  "Node 0, zone      DMA\n  pages free     1000\n        present  4000\n"
                  "        managed  3000\n  pagesets\n    cpu: 0\n              count: 0\n"
                  "Node 0, zone   Normal\n  pages free     12000\n        present  76000\n"
                  "        managed  72000\n  pagesets\n    cpu: 0\n              count: 0\n"
                  "Node 1, zone   Normal\n  pages free     12000\n        present  80000\n"
                  "        managed  75000\n  pagesets\n    cpu: 0\n              count: 0\n"
                  "Node 1, zone  Movable\n  pages free     0\n        present  0\n"
                  "        managed  0\n");
    ledger_of(snapshot, &ledger);
    expect_whole(640000);
    expect_part("mem_total", 600000);
    expect_part("reserved_other", 40000);
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_nodes_are_present),
        cmocka_unit_test(parts_are_named_as_far_as_known),
        cmocka_unit_test(a_made_up_total_has_no_parts),
        cmocka_unit_test(figures_of_the_machine_are_no_lines_of_a_container),
        cmocka_unit_test(parts_are_cut_to_what_is_left),
        cmocka_unit_test(less_than_mem_total_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
