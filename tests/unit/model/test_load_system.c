/* analyzer/model/load_system.c: members outside proc/PID, from a tree to the snapshot. */
#include "tests/unit/model/one_tree.h"

#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

static uint64_t meminfo_of(const struct system_sample *sample, enum meminfo_field field)
{
    uint64_t value;
    assert_true(sample->has_meminfo);
    assert_true(field_get(&sample->meminfo, field, &value));
    return value;
}

static void every_kind_of_member_finds_its_parser(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemFree: 10 kB\nNewField: 7 kB\n");
    tree_put(&tree, "proc/vmstat", "nr_free_pages 3\n");
    tree_put(&tree, "proc/zoneinfo", "Node 0, zone Normal\n  pages free 9\n");
    tree_put(&tree, "proc/buddyinfo", "Node 0, zone   Normal      1      2\n");
    tree_put(&tree, "proc/slabinfo",
             "slabinfo - version: 2.1\n# name\n"
             "dentry 5 21 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n");
    tree_put(&tree, "proc/vmallocinfo",
             "0xf0000000-0xf0005000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n");
    tree_put(&tree, "proc/modules", "zram 40960 1 - Live 0x0000000000000000\n");
    tree_put(&tree, "proc/swaps",
             "Filename Type Size Used Priority\n/dev/zram0 partition 1000 24 100\n");
    tree_put(
        &tree, "proc/sysvipc/shm",
        "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid "
        " cgid      atime      dtime      ctime                   rss                  swap\n"
        "      4660          3   600               8388608   150   151      2     0     0     0 "
        "     0          0          0          0               4194304                  4096\n");
    tree_put(&tree, "proc/net/sockstat", "TCP: inuse 5 orphan 0 tw 0 alloc 6 mem 3\n");
    tree_put(&tree, "proc/net/sockstat6", "TCP6: inuse 2\n");
    tree_put(&tree, "sys/module/zram/coresize", "40960\n");
    tree_put(&tree, "sys/module/zram/initsize", "0\n");
    tree_put(&tree, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8\n");
    tree_put(&tree, "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
    tree_put(&tree, "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1\n");
    tree_put(&tree, "sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", "5\n");
    tree_put(&tree, "sys/devices/system/node/node1/meminfo", "Node 1 MemTotal:  900 kB\n");
    tree_put(&tree, "sys/block/zram0/mm_stat", "1000 600 700 0 800 1 0 0 0\n");
    tree_put(&tree, "sys/kernel/slab/kmem_cache_node.link", "../slab/:0000064\n");

    struct snapshot *snapshot = tree_load(&tree);
    const struct system_state *system = &snapshot->system;
    assert_int_equal(snapshot->problem_count, 0);
    assert_int_equal(snapshot->unknown_fields, 1);
    assert_int_equal(meminfo_of(&system->now, MEMINFO_MEM_TOTAL), KIB(1000));
    assert_true(system->now.has_vmstat && system->now.has_zoneinfo && system->has_buddyinfo);
    assert_int_equal(zoneinfo_free_pages(&system->now.zoneinfo), 9);
    assert_int_equal(buddyinfo_free_pages(&system->buddyinfo), 5);
    assert_string_equal(system->slabinfo.caches[0].name, "dentry");
    assert_int_equal(system->vmallocinfo.areas[0].pages, 4);
    assert_string_equal(system->modules.modules[0].name, "zram");
    assert_int_equal(system->swaps.areas[0].used_bytes, KIB(24));
    assert_true(system->has_shm);
    assert_int_equal(system->shm.segments[0].rss_bytes, MIB(4));
    uint64_t value = 0;
    assert_true(sockstat_get(&system->sockstat, "TCP", "mem", &value));
    assert_int_equal(value, 3);
    assert_true(sockstat_get(&system->sockstat, "TCP6", "inuse", &value));
    assert_int_equal(system->module_size_count, 1);
    assert_int_equal(system->module_sizes[0].core.bytes, 40960);
    assert_true(system->module_sizes[0].init.known);
    assert_int_equal(system->node_count, 1);
    assert_int_equal(system->nodes[0].node, 1);
    assert_int_equal(system->zram_count, 1);
    assert_int_equal(system->zrams[0].stat.used_bytes, 700);
    assert_int_equal(system->alias_count, 1);
    assert_string_equal(snapshot_text(snapshot, system->aliases[0].name).at, "kmem_cache_node");
    assert_string_equal(snapshot_text(snapshot, system->aliases[0].target).at, ":0000064");
    snapshot_free(snapshot);
}

static const struct huge_page_pool *pool_of(const struct system_state *system, int node,
                                            uint64_t page_bytes)
{
    for (size_t i = 0; i < system->pool_count; i++)
        if (system->pools[i].node == node && system->pools[i].page_bytes == page_bytes)
            return &system->pools[i];
    fail_msg("no pool of node %d", node);
    return NULL;
}

static void pools_are_told_apart_by_node_and_size(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
    tree_put(&tree, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8\n");
    tree_put(&tree, "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
    tree_put(&tree, "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1\n");
    tree_put(&tree, "sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", "5\n");
    tree_put(&tree, "sys/devices/system/node/nodeX/hugepages/hugepages-2048kB/nr_hugepages", "5\n");
    tree_put(&tree, "sys/kernel/mm/hugepages/hugepages-huge/nr_hugepages", "1\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct system_state *system = &snapshot->system;
    assert_int_equal(system->pool_count, 3);
    assert_int_equal(pool_of(system, -1, MIB(2))->total.bytes, 8);
    assert_int_equal(pool_of(system, -1, MIB(2))->free.bytes, 3);
    assert_false(pool_of(system, -1, MIB(2))->reserved.known);
    assert_int_equal(pool_of(system, -1, MIB(1024))->total.bytes, 1);
    assert_int_equal(pool_of(system, 1, MIB(2))->total.bytes, 5);
    assert_int_equal(snapshot->problem_count, 2);
    snapshot_free(snapshot);
}

static void samples_stand_beside_the_reading_of_proc(void **state)
{
    (void)state;
    static const char *const numbers[] = {"1", "2", "10"};
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemFree: 500 kB\n");
    tree_put(&tree, "proc/zoneinfo", "Node 0, zone Normal\n  pages free 9\n");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char path[64], text[96];
        snprintf(path, sizeof path, "samples/%s/meminfo", numbers[i]);
        snprintf(text, sizeof text, "MemTotal: 1000 kB\nMemFree: %s kB\n", numbers[i]);
        tree_put(&tree, path, text);
        snprintf(path, sizeof path, "samples/%s/zoneinfo.first", numbers[i]);
        tree_put(&tree, path, "Node 0, zone Normal\n  pages free 1\n");
        snprintf(path, sizeof path, "samples/%s/zoneinfo", numbers[i]);
        tree_put(&tree, path, "Node 0, zone Normal\n  pages free 2\n");
        snprintf(path, sizeof path, "samples/%s/vmstat", numbers[i]);
        tree_put(&tree, path, "nr_free_pages 3\n");
    }
    tree_put(&tree, "samples/x/meminfo", "MemTotal: 1000 kB\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct system_state *system = &snapshot->system;
    assert_int_equal(meminfo_of(&system->now, MEMINFO_MEM_FREE), KIB(500));
    assert_int_equal(system->sample_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct system_sample *sample = &system->samples[i];
        assert_int_equal(meminfo_of(sample, MEMINFO_MEM_FREE), KIB(sample->number));
        assert_true(sample->has_vmstat && sample->has_zoneinfo && sample->has_zoneinfo_first);
        assert_int_equal(zoneinfo_free_pages(&sample->zoneinfo_first), 1);
        assert_int_equal(zoneinfo_free_pages(&sample->zoneinfo), 2);
    }
    assert_int_equal(snapshot->problem_count, 1);
    assert_string_equal(snapshot->problems[0].member, "samples/x/meminfo");
    snapshot_free(snapshot);
}

static void what_is_not_there_stays_absent(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct system_state *system = &snapshot->system;
    uint64_t value;
    assert_false(field_get(&system->now.meminfo, MEMINFO_MEM_FREE, &value));
    assert_false(system->now.has_vmstat || system->now.has_zoneinfo);
    assert_false(system->has_buddyinfo || system->has_slabinfo || system->has_vmallocinfo);
    assert_false(system->has_modules || system->has_swaps || system->has_shm);
    assert_false(system->has_sockstat);
    assert_true(snapshot->complete);
    assert_int_equal(snapshot->process_count, 0);
    snapshot_free(snapshot);
}

/* A kernel without modules prints nothing; a file that could not be read holds nothing either. */
static void only_an_empty_module_list_is_an_answer(void **state)
{
    (void)state;
    static const char *const members[] = {"proc/modules",     "proc/meminfo",     "proc/slabinfo",
                                          "proc/vmallocinfo", "proc/zoneinfo",    "proc/swaps",
                                          "proc/vmstat",      "proc/sysvipc/shm", "proc/buddyinfo"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        tree_put(&tree, members[i], "");
    struct snapshot *snapshot = tree_load(&tree);
    const struct system_state *system = &snapshot->system;
    assert_int_equal(snapshot->problem_count, 0);
    assert_true(system->has_modules);
    assert_int_equal(system->modules.count, 0);
    assert_false(system->now.has_meminfo || system->now.has_zoneinfo || system->now.has_vmstat);
    assert_false(system->has_slabinfo || system->has_vmallocinfo || system->has_swaps);
    assert_false(system->has_shm || system->has_buddyinfo);
    snapshot_free(snapshot);
}

static void what_is_malformed_is_told_and_left_out(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemFree: ten kB\n");
    tree_put(&tree, "proc/vmstat", "nr_free_pages 3\n");
    tree_put(&tree, "proc/modules", "zram\n");
    tree_put_process(&tree, &(struct tree_process){.pid = 7, .comm = "seven"});
    struct snapshot *snapshot = tree_load(&tree);
    assert_false(snapshot->system.now.has_meminfo);
    assert_false(snapshot->system.has_modules);
    assert_true(snapshot->system.now.has_vmstat);
    assert_int_equal(snapshot->problem_count, 2);
    assert_string_equal(snapshot->problems[0].member, "proc/meminfo");
    assert_int_equal(snapshot->problems[0].position, 2);
    assert_int_equal(snapshot->problems[0].kind, FAILURE_MALFORMED);
    assert_string_equal(snapshot->problems[1].member, "proc/modules");
    assert_true(snapshot->complete);
    assert_non_null(snapshot_process(snapshot, 7));
    snapshot_free(snapshot);
}

static void problems_kept_are_bounded(void **state)
{
    (void)state;
    char path[64];
    for (unsigned i = 0; i < PROBLEMS_KEPT + 5; i++) {
        snprintf(path, sizeof path, "proc/%u/statm", i + 1);
        tree_put(&tree, path, "many\n");
    }
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(snapshot->problem_count, PROBLEMS_KEPT);
    assert_int_equal(snapshot->problems_dropped, 5);
    assert_int_equal(snapshot->process_count, PROBLEMS_KEPT + 5);
    snapshot_free(snapshot);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_set_up, tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_member_finds_its_parser),
        TEST(pools_are_told_apart_by_node_and_size),
        TEST(samples_stand_beside_the_reading_of_proc),
        TEST(what_is_not_there_stays_absent),
        TEST(only_an_empty_module_list_is_an_answer),
        TEST(what_is_malformed_is_told_and_left_out),
        TEST(problems_kept_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
