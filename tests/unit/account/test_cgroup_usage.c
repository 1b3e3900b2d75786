/* analyzer/account/cgroup_usage.c, cgroup_figures.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/cgroup_usage.h"

static struct snapshot_tree folder;
static struct snapshot *snapshot;
static struct cgroups cgroups;

static int start(void **state)
{
    (void)state;
    tree_create(&folder);
    tree_put(&folder, "proc/meminfo", "MemTotal: 1024 kB\nMemFree: 512 kB\n");
    return 0;
}

static int end(void **state)
{
    (void)state;
    cgroups_deinit(&cgroups);
    snapshot_free(snapshot);
    snapshot = NULL;
    tree_remove(&folder);
    return 0;
}

static void put(const char *cgroup, const char *file, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "sys/fs/cgroup%s/%s", cgroup, file);
    tree_put(&folder, path, text);
}

/* A process with these kB in its rollup; without one if anon is negative. */
static void put_process(unsigned pid, const char *cgroup, int anon, int file, int shmem)
{
    char path[64], text[256];
    snprintf(path, sizeof path, "proc/%u/status", pid);
    tree_put(&folder, path, "Name:\tx\nState:\tS\nPid:\t1\nVmSize:\t100 kB\nVmRSS:\t7 kB\n");
    snprintf(path, sizeof path, "proc/%u/cgroup", pid);
    if (cgroup)
        tree_put(&folder, path, cgroup);
    if (anon < 0)
        return;
    snprintf(text, sizeof text,
             "00400000-00800000 ---p 00000000 00:00 0 [rollup]\nRss: %d kB\nPss: %d kB\n"
             "Pss_Anon: %d kB\nPss_File: %d kB\nPss_Shmem: %d kB\n",
             anon + file + shmem, anon + file + shmem, anon, file, shmem);
    snprintf(path, sizeof path, "proc/%u/smaps_rollup", pid);
    tree_put(&folder, path, text);
}

static void compute(size_t count)
{
    struct failure why = {0};
    snapshot = tree_load(&folder);
    assert_true(cgroups_compute(snapshot, &cgroups, &why));
    assert_int_equal(cgroups.tree.count, count);
}

static void expect_kib(struct amount amount, uint64_t kib)
{
    assert_true(amount.known);
    assert_int_equal(amount.bytes, KIB(kib));
}

#define TOTAL(row, figure) cgroups.rows[row].total[CGROUP_FIGURE_##figure]
#define OWN(row, figure)   cgroups.rows[row].own[CGROUP_FIGURE_##figure]

static void own_is_what_the_children_leave(void **state)
{
    (void)state;
    put("", "memory.stat", "anon 102400\nfile 204800\nkernel_stack 1024\nslab 2048\nsock 1024\n");
    put("/a", "memory.stat", "anon 40960\nfile 81920\nfile_mapped 20480\nswapcached 1024\n");
    put("/a", "memory.current", "131072\n");
    put("/a/x", "memory.current", "2048\n");
    put("/b", "memory.current", "1024\n");
    put("/b", "memory.max", "max\n");
    put("/a", "memory.max", "8192\n");
    compute(4);
    expect_kib(TOTAL(1, CHARGED), 128);
    expect_kib(OWN(1, CHARGED), 126);
    expect_kib(TOTAL(1, UNMAPPED), 59);
    expect_kib(TOTAL(0, KERNEL), 3); /* not printed: its parts */
    expect_kib(TOTAL(0, CHARGED), 304);
    expect_kib(OWN(0, ANON), 60);
    expect_kib(cgroups.rows[1].limit, 8);
    assert_false(cgroups.rows[3].limit.known);
    assert_false(TOTAL(3, ANON).known);
    assert_false(TOTAL(0, UNMAPPED).known);
}

static void children_that_moved_on_leave_nothing_negative(void **state)
{
    (void)state;
    put("/a", "memory.current", "1024\n");
    put("/a/x", "memory.current", "2048\n");
    compute(2);
    expect_kib(OWN(0, CHARGED), 0);
}

/* Its own cgroup is the uppermost that a container sees: kernel memory is in the number already. */
static void the_root_of_v1_has_no_kernel_memory_but_a_container_has(void **state)
{
    (void)state;
    put("/memory", "memory.usage_in_bytes", "8192\n");
    put("/memory", "memory.kmem.usage_in_bytes", "4096\n");
    put("/memory", "memory.use_hierarchy", "1\n");
    put("/memory", "memory.stat", "cache 0\nrss 0\ntotal_cache 4096\ntotal_rss 4096\n");
    put("/memory/a", "memory.usage_in_bytes", "10240\n");
    compute(2);
    expect_kib(TOTAL(0, CHARGED), 12);
    expect_kib(OWN(0, CHARGED), 2);
    cgroups_deinit(&cgroups);
    snapshot_free(snapshot);
    snapshot = NULL;
    put("/memory", "memory.stat", "cache 0\nrss 0\ntotal_cache 2048\ntotal_rss 2048\n");
    put("/memory/a", "memory.usage_in_bytes", "6144\n");
    compute(2);
    expect_kib(TOTAL(0, CHARGED), 8);
}

static void v1_adds_what_the_kernel_does_not(void **state)
{
    (void)state;
    put("/memory", "memory.usage_in_bytes", "8192\n"); /* of all, without kernel memory */
    put("/memory", "memory.kmem.usage_in_bytes", "0\n");
    put("/memory", "memory.use_hierarchy", "0\n");
    put("/memory", "memory.limit_in_bytes", "8796093018112\n"); /* of 32 bits */
    put("/memory", "memory.stat", "cache 1024\nrss 0\ntotal_cache 5120\ntotal_rss 3072\n");
    put("/memory/h", "memory.usage_in_bytes", "8192\n");
    put("/memory/h", "memory.kmem.usage_in_bytes", "1024\n");
    put("/memory/h", "memory.use_hierarchy", "1\n");
    put("/memory/h", "memory.limit_in_bytes", "8796093018112\n");
    put("/memory/h", "memory.stat", "cache 1024\nrss 2048\ntotal_cache 4096\ntotal_rss 3072\n");
    put("/memory/h/i", "memory.usage_in_bytes", "5120\n");
    put("/memory/h/i", "memory.limit_in_bytes", "1048576\n");
    compute(3);
    expect_kib(TOTAL(0, CHARGED), 9);
    expect_kib(OWN(0, CHARGED), 1);
    expect_kib(TOTAL(0, FILE), 5);
    expect_kib(TOTAL(1, CHARGED), 8);
    expect_kib(OWN(1, CHARGED), 3);
    expect_kib(OWN(1, FILE), 1);
    expect_kib(TOTAL(1, ANON), 3);
    assert_false(cgroups.rows[0].limit.known || cgroups.rows[1].limit.known);
    expect_kib(cgroups.rows[2].limit, 1024);
}

static void expect_interval(const struct cgroup_interval *interval, uint64_t low, uint64_t high)
{
    expect_kib(interval->low, low);
    expect_kib(interval->high, high);
}

/* One class has too much, the other too little: neither hides the other. */
static void bounds_are_by_class(void **state)
{
    (void)state;
    put("", "memory.stat", "anon 1048576\n");
    put("/a", "memory.stat", "anon 102400\nfile 204800\nfile_mapped 51200\n");
    put_process(10, "0::/a\n", 60, 40, 20);
    put_process(11, "0::/a/below\n", 10, 5, 5);
    put_process(12, "0::/\n", 1, 2, 3);
    compute(2);
    const struct cgroup_usage *a = &cgroups.rows[1];
    assert_int_equal(a->members.processes, 2);
    assert_int_equal(a->members.pss_bytes, KIB(140));
    assert_int_equal(cgroups.rows[0].members.processes, 3);
    assert_int_equal(cgroups.rows[0].own_members.pss_bytes, KIB(6));
    /* Two rollups are cut to KiB, in each of three figures. */
    expect_interval(&a->used_elsewhere, 100 - 72, 100 + 50);
    expect_interval(&a->charged_elsewhere, 70 - 50, 70 + 70 + 6);
    assert_false(cgroups.rows[0].used_elsewhere.low.known);
}

static void late_counters_widen_the_bounds(void **state)
{
    (void)state;
    put("/a", "memory.stat", "anon 4194304\nfile 0\nfile_mapped 0\n");
    tree_put(&folder, "sys/devices/system/cpu/online", "0-1,4\n");
    tree_put(&folder, "meta/collector", "snap pid 1 page_size 4096\n");
    put_process(10, "0::/a\n", 1000, 1000, 0);
    compute(1);
    expect_kib(cgroups.counter_error, 3 * 64 * 4);
    expect_interval(&cgroups.rows[0].used_elsewhere, 4096 - 768 - 1001, 4096 + 2 * 768);
    expect_interval(&cgroups.rows[0].charged_elsewhere, 1000 - 768, 2003);
}

/* Each of many mappings has half a KiB more than smaps says: none of it is used elsewhere. */
static void what_smaps_cuts_is_not_used_elsewhere(void **state)
{
    (void)state;
    put("/a", "memory.stat", "anon 0\nfile 102400\nfile_mapped 102400\n");
    put_process(10, "0::/a\n", -1, 0, 0);
    const struct block blocks[] = {
        {.start = 0x10000, .end = 0x30000, .inode = 1, .rss = 100, .pss = 49, .shared_clean = 100},
        {.start = 0x50000, .end = 0x70000, .inode = 2, .rss = 100, .pss = 49, .shared_clean = 100},
    };
    char *text = BLOCKS_TEXT(blocks);
    tree_put(&folder, "proc/10/smaps", text);
    free(text);
    compute(1);
    expect_interval(&cgroups.rows[0].used_elsewhere, 0, 100);
    expect_interval(&cgroups.rows[0].charged_elsewhere, 0, 100);
}

/* A copy of /proc has no list of processors; zoneinfo has one of each. */
static void processors_are_counted_in_zones_too(void **state)
{
    (void)state;
    put("/a", "memory.stat", "anon 0\nfile 0\nfile_mapped 0\n");
    tree_put(&folder, "meta/collector", "snap pid 1 page_size 4096\n");
    tree_put(
        &folder, "proc/zoneinfo",
        "Node 0, zone   Normal\n  pages free     100\n        min      10\n        low      20\n"
        "        high     30\n        spanned  1000\n        present  1000\n"
        "        managed  900\n  pagesets\n    cpu: 0\n              count: 1\n"
        "              high:  2\n              batch: 1\n    cpu: 1\n"
        "              count: 1\n              high:  2\n              batch: 1\n");
    compute(1);
    expect_kib(cgroups.counter_error, 2 * 64 * 4);
}

static void the_unread_count_by_rss(void **state)
{
    (void)state;
    put("/a", "memory.stat", "anon 102400\nfile 0\nfile_mapped 0\n");
    put_process(10, "0::/a\n", 60, 0, 0);
    put_process(11, "0::/a\n", -1, 0, 0);
    put_process(12, NULL, 5, 0, 0);
    put_process(13, "4:memory:/a\n", 5, 0, 0); /* of a hierarchy that is not in the bundle */
    put_process(14, "0::/a/gone (deleted)\n", 0, 0, 0);
    compute(1);
    const struct cgroup_members *members = &cgroups.rows[0].members;
    assert_int_equal(members->processes, 3);
    assert_int_equal(members->unread, 1);
    assert_int_equal(members->unread_rss_bytes, KIB(7));
    expect_interval(&cgroups.rows[0].used_elsewhere, 100 - 67 - 2, 100);
    expect_interval(&cgroups.rows[0].charged_elsewhere, 0, 67 + 2);
    assert_int_equal(cgroups.unplaced.processes, 2);
    assert_int_equal(cgroups.all.processes, 5);
    assert_int_equal(cgroups.removed, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_is_what_the_children_leave),
        TEST(children_that_moved_on_leave_nothing_negative),
        TEST(the_root_of_v1_has_no_kernel_memory_but_a_container_has),
        TEST(v1_adds_what_the_kernel_does_not),
        TEST(bounds_are_by_class),
        TEST(late_counters_widen_the_bounds),
        TEST(what_smaps_cuts_is_not_used_elsewhere),
        TEST(processors_are_counted_in_zones_too),
        TEST(the_unread_count_by_rss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
