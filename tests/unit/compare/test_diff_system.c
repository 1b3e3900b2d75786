/* analyzer/compare: lines, objects, the kernel's memory, and figures beside. */
#include "tests/unit/compare/diff_pair.h"

static void what_is_equal_has_not_changed(void **state)
{
    (void)state;
    const struct block blocks[] = {ANON(0x10000, 0x20000, 8), FILE_AT(0x30000, 0x40000, 16)};
    put(0, 7, 100, blocks, 2);
    put(1, 7, 100, blocks, 2);
    compare();
    assert_false(diff.changed);
    assert_true(diff.has_ledger);
    assert_true(diff.same_host && diff.same_boot && diff.same_kernel && diff.same_page_size);
    assert_int_equal(diff.process_count, 1);
    assert_int_equal(diff.processes[0].mapping_count, 0);
    assert_int_equal(diff.object_count + diff.kernel_count, 0);
    for (size_t i = 0; i < diff.ledger_count; i++)
        assert_true(diff.ledger[i].change_bytes == 0);
}

static void a_ledger_line_and_the_residual_sum_to_mem_total(void **state)
{
    (void)state;
    tree_put(&trees[1], "proc/meminfo", MEMINFO("40000", "25000") "KernelStack: 10 kB\n");
    compare();
    assert_true(diff.changed);
    assert_true(line_change("free") == -(int64_t)KIB(10000));
    assert_true(line_change("user.anon") == (int64_t)KIB(5000));
    assert_true(line_change("user") == (int64_t)KIB(5000));
    assert_true(line_change("kernel_stacks") == (int64_t)KIB(10));
    assert_true(line_change("residual") == (int64_t)KIB(4990));
    int64_t sum = 0;
    for (size_t i = 0; i < diff.ledger_count; i++)
        if (diff.ledger[i].is_top && strcmp(diff.ledger[i].id, "mem_total") != 0)
            sum += diff.ledger[i].change_bytes;
    assert_true(sum == line_change("mem_total"));
}

/* A line that only one side has is absent on the other, and counts as nothing in the sum. */
static void a_line_of_one_side_is_absent_on_the_other(void **state)
{
    (void)state;
    tree_put(&trees[0], "proc/meminfo", MEMINFO("50000", "20000") "Quicklists: 12 kB\n");
    compare();
    for (size_t i = 0; i < diff.ledger_count; i++) {
        const struct ledger_change *change = &diff.ledger[i];
        if (strcmp(change->id, "quicklists") != 0)
            continue;
        assert_true(change->before.known);
        assert_false(change->after.known);
        assert_true(change->change_bytes == -(int64_t)KIB(12));
        return;
    }
    fail_msg("no line quicklists");
}

/* One side knows the parts of Slab, the other only the whole: nothing of that is a change. */
static void parts_add_up_where_one_side_has_none(void **state)
{
    (void)state;
    tree_put(&trees[1], "proc/meminfo",
             MEMINFO("50000", "20000") "SReclaimable: 1000 kB\nSUnreclaim: 2000 kB\n");
    compare();
    int64_t parts = 0;
    size_t count = 0;
    for (size_t i = 0; i < diff.ledger_count; i++) {
        const struct ledger_change *part = &diff.ledger[i];
        if (strcmp(part->parent, "slab") != 0)
            continue;
        assert_true(part->before.known != part->after.known);
        assert_false(part->beyond_noise);
        parts += part->change_bytes;
        count++;
    }
    assert_int_equal(count, 3);
    assert_true(parts == line_change("slab"));
    assert_true(line_change("slab.undivided") == -(int64_t)KIB(3000));
}

static void objects_are_compared_by_what_they_are(void **state)
{
    (void)state;
    const struct block before[] = {FILE_AT(0x10000, 0x20000, 8), ANON(0x30000, 0x40000, 4)};
    const struct block after[] = {
        FILE_AT(0x10000, 0x20000, 24),
        ANON(0x30000, 0x40000, 4),
        {.start = 0x50000, .end = 0x60000, .inode = 10, .name = "/lib/x", .rss = 2, .pss = 2},
    };
    put(0, 7, 100, before, 2);
    put(1, 8, 300, after, 3);
    compare();
    assert_int_equal(diff.object_count, 2);
    assert_int_equal(diff.objects[0].status, MATCH_SAME);
    assert_true(diff.objects[0].change_bytes == (int64_t)KIB(16));
    assert_int_equal(diff.objects[1].status, MATCH_NEW);
    assert_true(diff.objects[1].change_bytes == (int64_t)KIB(2));
}

#define AREA(pages)                                                                                \
    "0xf0000000-0xf0800000 8388608 load_module+0x1/0x2 [zram] pages=" pages " vmalloc\n"

static void kernel_causes_are_compared_where_both_sides_have_them(void **state)
{
    (void)state;
    tree_put(&trees[0], "proc/vmallocinfo", AREA("10"));
    tree_put(&trees[1], "proc/vmallocinfo", AREA("15"));
    tree_put(&trees[1], "proc/slabinfo",
             "slabinfo - version: 2.1\n# name\n"
             "dentry 5 21 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n");
    tree_put(&trees[0], "proc/modules", "loop 4096 0 - Live 0x0\n");
    tree_put(&trees[1], "proc/modules", "loop 4096 0 - Live 0x0\nzram 0 0 - Live 0x0\n");
    compare();
    assert_int_equal(diff.kernel_count, 2); /* slabs were not read before: that is no growth */
    assert_int_equal(diff.kernel[0].kind, KERNEL_VMALLOC);
    assert_string_equal(diff.kernel[0].name, "load_module");
    assert_string_equal(diff.kernel[0].detail, "zram");
    assert_true(diff.kernel[0].change_bytes == 5 * 4096);
    assert_int_equal(diff.kernel[1].kind, KERNEL_MODULE);
    assert_int_equal(diff.kernel[1].status, MATCH_NEW);
}

static const struct beside_change *beside_of(const char *id)
{
    for (size_t i = 0; i < diff.beside_count; i++)
        if (strcmp(diff.beside[i].id, id) == 0)
            return &diff.beside[i];
    return NULL;
}

static const struct kernel_change *cache_named(const char *name)
{
    for (size_t i = 0; i < diff.kernel_count; i++)
        if (diff.kernel[i].kind == KERNEL_SLAB && strcmp(diff.kernel[i].name, name) == 0)
            return &diff.kernel[i];
    fail_msg("no cache %s", name);
    return NULL;
}

#define CACHE(name, slabs) name " 5 21 192 21 2 : tunables 0 0 0 : slabdata " slabs " " slabs " 0\n"

/* One slab of two pages for the one CPU, in both bundles: two may come, three are a change. */
static void a_slab_for_each_cpu_is_noise(void **state)
{
    (void)state;
    tree_put(&trees[0], "proc/slabinfo",
             "slabinfo - version: 2.1\n# name\n" CACHE("dentry", "4") CACHE("filp", "4"));
    tree_put(&trees[1], "proc/slabinfo",
             "slabinfo - version: 2.1\n# name\n" CACHE("dentry", "6") CACHE("filp", "7"));
    compare();
    assert_true(cache_named("dentry")->noise_bytes == 4 * 4096);
    assert_false(cache_named("dentry")->beyond_noise);
    assert_true(cache_named("filp")->change_bytes == 6 * 4096);
    assert_true(cache_named("filp")->beyond_noise);
}

/* 64 KiB of counters of pages may be held back, and no more than 16 KiB of stacks. */
static void stacks_are_not_counted_in_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        tree_put(&trees[i], "proc/meminfo",
                 i ? MEMINFO("50000", "20000") "KernelStack: 1040 kB\n"
                   : MEMINFO("50000", "20000") "KernelStack: 1000 kB\n");
        tree_put(&trees[i], "proc/vmstat",
                 i ? "nr_free_pages 12500\nnr_kernel_stack 1040\n"
                   : "nr_free_pages 12500\nnr_kernel_stack 1000\n");
        tree_put(&trees[i], "proc/zoneinfo",
                 "Node 0, zone Normal\n  pages free 12500\n  pagesets\n    cpu: 0\n"
                 "              count: 0\n  vm stats threshold: 8\n");
    }
    compare();
    size_t found = 0;
    for (size_t i = 0; i < diff.ledger_count; i++) {
        const struct ledger_change *change = &diff.ledger[i];
        bool is_stacks = strcmp(change->id, "kernel_stacks") == 0;
        if (!is_stacks && strcmp(change->id, "user.anon") != 0)
            continue;
        assert_true(change->noise_bytes == (is_stacks ? KIB(16) : KIB(64)));
        assert_true(change->beyond_noise == is_stacks);
        found++;
    }
    assert_int_equal(found, 2);
}

static void figures_beside_are_compared_and_never_added(void **state)
{
    (void)state;
    tree_put(&trees[0], "proc/meminfo", MEMINFO("50000", "20000") "Mlocked: 300 kB\nDirty: 7 kB\n");
    tree_put(&trees[1], "proc/meminfo",
             MEMINFO("50000", "20000") "Mapped: 40 kB\nMlocked: 200 kB\n");
    compare();
    const struct beside_change *mlocked = beside_of("mlocked");
    assert_non_null(mlocked);
    assert_string_equal(mlocked->also_in, "user");
    assert_int_equal(mlocked->before.bytes, 300 * 1024);
    assert_int_equal(mlocked->after.bytes, 200 * 1024);
    assert_true(mlocked->change_bytes == -100 * 1024);
    assert_false(beside_of("mapped")->before.known);
    assert_true(beside_of("mapped")->change_bytes == 40 * 1024);
    assert_false(beside_of("dirty")->after.known);
    assert_null(beside_of("writeback"));
    for (size_t i = 0; i < diff.ledger_count; i++)
        assert_true(diff.ledger[i].change_bytes == 0);
    assert_true(diff.changed);
}

static void without_a_ledger_processes_are_still_compared(void **state)
{
    (void)state;
    const struct block blocks[] = {ANON(0x10000, 0x20000, 8)};
    tree_put(&trees[0], "proc/meminfo", "broken\n");
    const struct block other_blocks[] = {ANON(0x50000, 0x60000, 8)};
    put(0, 3, 1, other_blocks, 1);
    put(1, 3, 1, other_blocks, 1);
    put(1, 7, 100, blocks, 1);
    compare();
    assert_false(diff.has_ledger);
    assert_int_equal(diff.ledger_count, 0);
    change_of(7, MATCH_NEW);
    assert_true(diff.changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_equal_has_not_changed),
        TEST(a_ledger_line_and_the_residual_sum_to_mem_total),
        TEST(a_line_of_one_side_is_absent_on_the_other),
        TEST(parts_add_up_where_one_side_has_none),
        TEST(objects_are_compared_by_what_they_are),
        TEST(kernel_causes_are_compared_where_both_sides_have_them),
        TEST(a_slab_for_each_cpu_is_noise),
        TEST(stacks_are_not_counted_in_pages),
        TEST(figures_beside_are_compared_and_never_added),
        TEST(without_a_ledger_processes_are_still_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
