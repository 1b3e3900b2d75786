/* analyzer/account/{kernel_holders,kernel_pools,kernel_balance,kernel_report}.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/kernel_report.h"

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static struct kernel_report report;

static int set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    tree_put(&tree, "meta/collector", "snap pid 1 page_size 4096\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kernel_report_deinit(&report);
    snapshot_free(snapshot);
    snapshot = NULL;
    tree_remove(&tree);
    return 0;
}

static void load(void)
{
    snapshot = tree_load(&tree);
}

static void compute(void)
{
    struct failure why = {0};
    if (!snapshot)
        load();
    assert_true(kernel_report_compute(snapshot, &report, &why));
}

static const struct kernel_balance *balance_of(const char *id)
{
    for (size_t i = 0; i < report.balance_count; i++)
        if (strcmp(report.balances[i].id, id) == 0)
            return &report.balances[i];
    return NULL;
}

static void put_status(unsigned pid, const char *state, unsigned threads, const char *rest)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "proc/%u/status", pid);
    snprintf(text, sizeof text,
             "Name:\tp%u\nState:\t%s\nTgid:\t%u\nPid:\t%u\nPPid:\t1\nThreads:\t%u\n%s", pid, state,
             pid, pid, threads, rest);
    tree_put(&tree, path, text);
}

/* Three processes, of which one ended, and a kernel thread: 3 + 1 + 1 stacks. */
static void put_processes(void)
{
    put_status(10, "S (sleeping)", 3, "VmPTE:\t      40 kB\nVmPMD:\t      12 kB\n");
    put_status(11, "S (sleeping)", 1, "VmPTE:\t     100 kB\n");
    put_status(12, "Z (zombie)", 1, "");
    put_status(13, "S (sleeping)", 1, "Kthread:\t1\n");
}

static void stacks_and_page_tables_are_summed_by_process(void **state)
{
    (void)state;
    put_processes();
    tree_put(&tree, "proc/meminfo",
             "MemTotal: 1000000 kB\nMemFree: 1000 kB\nKernelStack: 96 kB\nPageTables: 160 kB\n");
    tree_put(&tree, "proc/vmallocinfo",
             "0xf0000000-0xf0005000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n"
             "0xf0008000-0xf000d000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n");
    compute();
    const struct kernel_holders *holders = &report.holders;
    assert_int_equal(holders->count, 3);
    assert_int_equal(holders->rows[0].process->pid, 11); /* 100 + 16 */
    assert_int_equal(holders->rows[1].page_tables.bytes, KIB(52));
    assert_int_equal(holders->rows[1].stacks.bytes, KIB(48));
    assert_int_equal(holders->rows[2].process->pid, 12);
    assert_int_equal(holders->rows[2].stacks.bytes, 0);
    assert_false(holders->rows[2].page_tables.known);
    assert_int_equal(holders->page_tables.bytes, KIB(152));
    assert_int_equal(holders->page_tables_unknown, 0);
    assert_int_equal(holders->stack_size.bytes, KIB(16));
    assert_int_equal(holders->stack_grade, GRADE_EXACT);
    assert_int_equal(holders->threads, 4);
    assert_int_equal(holders->kernel_threads, 1);
    assert_int_equal(holders->ended, 1);
    assert_int_equal(holders->stacks_bytes.bytes, KIB(80));
    const struct kernel_balance *stacks = balance_of("kernel_stacks");
    assert_non_null(stacks);
    assert_int_equal(stacks->parts_bytes, KIB(80));
    assert_int_equal(kernel_balance_difference(stacks), KIB(16));
    assert_non_null(strstr(stacks->reason, "idle threads"));
    assert_int_equal(kernel_balance_difference(balance_of("page_tables")), KIB(8));
}

/* Without stack areas KernelStack is divided: 5 threads of 8 KiB and an idle one. */
static void the_stack_size_is_estimated_without_areas(void **state)
{
    (void)state;
    put_processes();
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000000 kB\nMemFree: 1000 kB\nKernelStack: 48 kB\n");
    compute();
    assert_int_equal(report.holders.stack_size.bytes, KIB(8));
    assert_int_equal(report.holders.stack_grade, GRADE_ESTIMATE);
}

/* Most threads are missing (another user's are hidden): no size fits. */
static void an_absurd_stack_size_is_not_known(void **state)
{
    (void)state;
    put_processes();
    tree_put(&tree, "proc/meminfo",
             "MemTotal: 9000000 kB\nMemFree: 1000 kB\nKernelStack: 160000 kB\n");
    compute();
    assert_false(report.holders.stack_size.known);
    assert_false(report.holders.stacks_bytes.known);
    assert_null(balance_of("kernel_stacks"));
}

/* Areas of a caller that also takes something else do not tell a size. */
static void areas_of_two_sizes_tell_nothing(void **state)
{
    (void)state;
    put_processes();
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000000 kB\nMemFree: 1000 kB\nKernelStack: 80 kB\n");
    tree_put(&tree, "proc/vmallocinfo",
             "0xf0000000-0xf0005000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n"
             "0xf0008000-0xf000b000   12288 kernel_clone+0x9e/0x3b0 pages=2 vmalloc\n");
    compute();
    assert_int_equal(report.holders.stack_grade, GRADE_ESTIMATE);
    assert_int_equal(report.holders.stack_size.bytes, KIB(16));
}

static void nothing_is_made_of_nothing(void **state)
{
    (void)state;
    snapshot = snapshot_of_nothing(4096);
    compute();
    assert_false(report.has_terms);
    assert_false(report.holders.page_tables.known);
    assert_int_equal(report.balance_count, 0);
    assert_int_equal(report.pools.count, 0);
    assert_int_equal(report.shared.count, 0);
}

static const struct kernel_pool *pool_of(enum pool_kind kind, const char *name)
{
    for (size_t i = 0; i < report.pools.count; i++)
        if (report.pools.rows[i].kind == kind && strcmp(report.pools.rows[i].name, name) == 0)
            return &report.pools.rows[i];
    fail_msg("no pool %s %s", pool_kind_word(kind), name);
    return NULL;
}

static void pools_have_their_sizes(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"proc/meminfo",                                                          "MemTotal: 9000000 kB\nMemFree: 1000 kB\nZswap: 100 kB\nZswapped: 300 kB\n"
                         "CmaTotal: 64 kB\nCmaFree: 60 kB\nHugetlb: 6144 kB\nGPUActive: 12 kB\n"},
        {"proc/net/sockstat",
         "sockets: used 9\nTCP: inuse 5 orphan 0 mem 3\nFRAG: inuse 1 memory 700\n"                                     },
        {"sys/block/zram0/mm_stat",                                               "40960 8192 12288 0 12288 0 0 0\n"    },
        {"sys/kernel/mm/ksm/pages_shared",                                        "10\n"                                },
        {"sys/kernel/mm/ksm/pages_sharing",                                       "30\n"                                },
        {"sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",                 "3\n"                                 },
        {"sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",               "2\n"                                 },
        {"sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages",               "1\n"                                 },
        {"sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", "3\n"                                 },
        {"sys/kernel/dmabuf/buffers/5/exporter_name",                             "drm\n"                               },
        {"sys/kernel/dmabuf/buffers/5/size",                                      "8192\n"                              },
        {"sys/kernel/dmabuf/buffers/6/exporter_name",                             "drm\n"                               },
        {"sys/kernel/dmabuf/buffers/6/size",                                      "4096\n"                              },
        {"sys/kernel/dmabuf/buffers/7/size",                                      "100\n"                               },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        tree_put(&tree, files[i][0], files[i][1]);
    compute();
    assert_int_equal(pool_of(POOL_SOCKETS, "TCP")->size.bytes, 3 * 4096);
    assert_int_equal(pool_of(POOL_SOCKETS, "TCP")->count.bytes, 5);
    assert_int_equal(pool_of(POOL_SOCKETS, "FRAG")->size.bytes, 700);
    assert_int_equal(pool_of(POOL_ZRAM, "zram0")->size.bytes, 12288);
    assert_int_equal(pool_of(POOL_ZRAM, "zram0")->original.bytes, 40960);
    assert_int_equal(pool_of(POOL_ZSWAP, "pool")->original.bytes, KIB(300));
    assert_int_equal(pool_of(POOL_KSM, "merged pages")->size.bytes, KIB(40));
    assert_int_equal(pool_of(POOL_KSM, "merged pages")->original.bytes, KIB(160));
    const struct kernel_pool *huge = pool_of(POOL_HUGE_PAGES, "2048 KiB");
    assert_int_equal(huge->size.bytes, MIB(6));
    assert_int_equal(huge->free.bytes, MIB(4));
    assert_int_equal(huge->reserved.bytes, MIB(2));
    assert_false(huge->surplus.known);
    assert_true(pool_of(POOL_HUGE_PAGES, "2048 KiB, on node 1")->on_node);
    assert_int_equal(balance_of("hugetlb")->parts_bytes, MIB(6));
    assert_int_equal(kernel_balance_difference(balance_of("hugetlb_nodes")), 0);
    assert_int_equal(pool_of(POOL_CMA, "all areas")->free.bytes, KIB(60));
    assert_int_equal(pool_of(POOL_DMA_BUF, "drm")->size.bytes, 12288);
    assert_int_equal(pool_of(POOL_DMA_BUF, "drm")->count.bytes, 2);
    assert_int_equal(pool_of(POOL_DMA_BUF, "unknown")->size.bytes, 100);
    assert_int_equal(pool_of(POOL_GPU, "in use")->size.bytes, KIB(12));
}

/* Any number of exporters is folded into a table that stays small. */
static void many_exporters_become_one_row(void **state)
{
    (void)state;
    uint64_t sum = 0;
    size_t rows = 0;
    for (unsigned i = 0; i < 100; i++) {
        char path[96], name[32];
        snprintf(path, sizeof path, "sys/kernel/dmabuf/buffers/%u/exporter_name", i);
        snprintf(name, sizeof name, "exporter%u\n", i);
        tree_put(&tree, path, name);
        snprintf(path, sizeof path, "sys/kernel/dmabuf/buffers/%u/size", i);
        tree_put(&tree, path, "4096\n");
    }
    tree_put(&tree, "proc/meminfo", "MemTotal: 9000000 kB\nMemFree: 1000 kB\n");
    compute();
    for (size_t i = 0; i < report.pools.count; i++) {
        if (report.pools.rows[i].kind != POOL_DMA_BUF)
            continue;
        sum += report.pools.rows[i].size.bytes;
        rows++;
    }
    assert_int_equal(sum, 100 * 4096);
    assert_int_equal(rows, 32);
    pool_of(POOL_DMA_BUF, "other exporters");
}

static void balloons_are_in_the_ledger_or_not(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 9000000 kB\nMemFree: 1000 kB\n");
    load();
    struct system_details *details = &snapshot->system.details;
    details->balloons[0] = (struct balloon){.driver = BALLOON_VIRTIO,
                                            .bytes = amount_of(MIB(1)),
                                            .knows_place = true,
                                            .source = "features"};
    details->balloons[1] = (struct balloon){
        .driver = BALLOON_VMWARE, .bytes = AMOUNT_UNKNOWN, .knows_place = false, .source = "x"};
    details->balloon_count = 2;
    compute();
    assert_string_equal(pool_of(POOL_BALLOON, balloon_driver_word(BALLOON_VIRTIO))->line, "");
    assert_null(pool_of(POOL_BALLOON, balloon_driver_word(BALLOON_VMWARE))->line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stacks_and_page_tables_are_summed_by_process),
        TEST(the_stack_size_is_estimated_without_areas),
        TEST(an_absurd_stack_size_is_not_known),
        TEST(areas_of_two_sizes_tell_nothing),
        TEST(nothing_is_made_of_nothing),
        TEST(pools_have_their_sizes),
        TEST(many_exporters_become_one_row),
        TEST(balloons_are_in_the_ledger_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
