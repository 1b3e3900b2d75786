/* analyzer/compare: noise, free memory step by step, causes by name, groups of processes. */
#include "tests/unit/compare/diff_pair.h"

static const struct ledger_change *line_of(const char *id)
{
    for (size_t i = 0; i < diff.ledger_count; i++)
        if (strcmp(diff.ledger[i].id, id) == 0)
            return &diff.ledger[i];
    fail_msg("no line %s", id);
    return NULL;
}

/* The earlier bundle saw AnonPages move by 300 KiB while it was taken. */
static void compare_with_movement(const char *anon_after)
{
    char text[400];
    snprintf(text, sizeof text,
             "MemTotal: 100000 kB\nMemFree: 50000 kB\nAnonPages: %s kB\nCached: 5000 kB\n"
             "Buffers: 0 kB\nSlab: 3000 kB\nPageTables: 100 kB\n",
             anon_after);
    tree_put(&trees[0], "meta/meminfo.end", MEMINFO("50000", "20300"));
    tree_put(&trees[1], "proc/meminfo", text);
    compare();
}

static void what_moved_within_a_bundle_is_noise(void **state)
{
    (void)state;
    compare_with_movement("20300");
    assert_true(line_of("user.anon")->change_bytes == (int64_t)KIB(300));
    assert_true(line_of("user.anon")->noise_bytes == KIB(300));
    assert_false(line_of("user.anon")->beyond_noise);
    assert_true(line_of("free")->noise_bytes == 0);
    assert_true(line_of("residual")->noise_bytes == KIB(300));
    assert_false(diff.changed);
}

static void more_than_that_is_a_change(void **state)
{
    (void)state;
    compare_with_movement("20301");
    assert_true(line_of("user.anon")->beyond_noise);
    assert_true(diff.changed);
}

/* CPUs x stat_threshold x page size, in both bundles. */
static void what_processors_hold_back_is_noise(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        tree_put(&trees[i], "proc/zoneinfo",
                 "Node 0, zone Normal\n  pages free 12500\n        managed 25000\n  pagesets\n"
                 "    cpu: 0\n              count: 0\n              high: 1\n"
                 "              batch: 1\n  vm stats threshold: 10\n");
    tree_put(&trees[1], "proc/meminfo", MEMINFO("50000", "20080"));
    compare();
    assert_int_equal(diff.noise->drift_bytes, 2 * 10 * 4096);
    assert_int_equal(line_of("user.anon")->noise_bytes, 2 * 10 * 4096);
    assert_int_equal(line_of("pcp")->noise_bytes, 0);
    assert_false(line_of("user.anon")->beyond_noise);
}

static void steps_and_causes_add_up_to_free_memory(void **state)
{
    (void)state;
    tree_put(&trees[0], "meta/meminfo.end",
             "MemTotal: 100000 kB\nMemFree: 50000 kB\nAnonPages: 20000 kB\nCached: 5000 kB\n"
             "Buffers: 0 kB\nSlab: 3100 kB\nPageTables: 100 kB\n");
    tree_put(&trees[1], "proc/meminfo",
             "MemTotal: 99000 kB\nMemFree: 40000 kB\nAnonPages: 27000 kB\nCached: 5000 kB\n"
             "Buffers: 0 kB\nSlab: 3050 kB\nPageTables: 900 kB\n");
    compare();
    const struct diff_waterfall *waterfall = diff.waterfall;
    int64_t steps = 0, causes = 0;
    assert_true(waterfall->known && waterfall->beyond_noise);
    assert_true(waterfall->change_bytes == -(int64_t)KIB(10000));
    for (size_t i = 0; i < waterfall->step_count; i++)
        steps += waterfall->steps[i].change_bytes;
    for (size_t i = 0; i < DIFF_CAUSE_COUNT; i++)
        causes += waterfall->cause_bytes[i];
    assert_true(steps == waterfall->change_bytes);
    assert_true(causes == -waterfall->change_bytes);
    assert_string_equal(waterfall->steps[0].line->id, "user");
    assert_true(waterfall->steps[0].left_bytes == (int64_t)KIB(43000));
    assert_true(waterfall->cause_bytes[CAUSE_MEM_TOTAL] == (int64_t)KIB(1000));
    assert_true(waterfall->cause_bytes[CAUSE_LINES] == (int64_t)KIB(800));
    /* No slabinfo tells which cache: what Slab grew by has a line and no cause. */
    assert_true(waterfall->cause_bytes[CAUSE_UNEXPLAINED] ==
                line_change("residual") + (int64_t)KIB(50));
    const struct waterfall_step *last = &waterfall->steps[waterfall->step_count - 1];
    assert_null(last->line); /* Slab alone is within its noise */
    assert_true(last->change_bytes == -(int64_t)KIB(50));
    assert_true(last->left_bytes == waterfall->after_bytes);
}

static void without_free_memory_there_is_no_waterfall(void **state)
{
    (void)state;
    tree_put(&trees[0], "proc/meminfo", "MemTotal: 100000 kB\nAnonPages: 20000 kB\n");
    compare();
    assert_true(diff.has_ledger);
    assert_false(diff.waterfall->known);
}

static const struct kernel_change *cause_of(enum kernel_change_kind kind, const char *name)
{
    for (size_t i = 0; i < diff.kernel_count; i++)
        if (diff.kernel[i].kind == kind && strcmp(diff.kernel[i].name, name) == 0)
            return &diff.kernel[i];
    fail_msg("no %s %s", kernel_change_word(kind), name);
    return NULL;
}

#define SWAPS(used)                                                                                \
    "Filename Type Size Used Priority\n"                                                           \
    "/dev/a partition 1000 " used " -2\n"
#define SHM_HEAD                                                                                   \
    "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n"

static void segments_swap_and_lines_have_names(void **state)
{
    (void)state;
    tree_put(&trees[0], "proc/swaps", SWAPS("100"));
    tree_put(&trees[1], "proc/swaps", SWAPS("300"));
    tree_put(&trees[0], "proc/sysvipc/shm", SHM_HEAD "5 3 600 8192 1 1 0 0 0 0 0 0 0 0 8192 0\n");
    tree_put(&trees[1], "proc/sysvipc/shm", SHM_HEAD);
    tree_put(&trees[1], "proc/meminfo",
             "MemTotal: 100000 kB\nMemFree: 50000 kB\nAnonPages: 20000 kB\nCached: 5000 kB\n"
             "Buffers: 0 kB\nSlab: 3000 kB\nPageTables: 164 kB\n");
    compare();
    assert_true(cause_of(KERNEL_SWAP, "/dev/a")->change_bytes == (int64_t)KIB(200));
    const struct kernel_change *line = cause_of(KERNEL_LINE, "page_tables");
    assert_true(line->change_bytes == (int64_t)KIB(64));
    bool found = false;
    for (size_t i = 0; i < diff.kernel_count; i++) {
        const struct kernel_change *change = &diff.kernel[i];
        if (change->kind != KERNEL_SHARED)
            continue;
        found = true;
        assert_int_equal(change->status, MATCH_GONE);
        assert_string_equal(change->detail, "sysv");
        assert_true(change->change_bytes == -8192 && change->beyond_noise);
    }
    assert_true(found);
}

static const struct group_change *group_of(const char *name)
{
    for (size_t i = 0; i < diff.groups.count; i++)
        if (strcmp(diff.groups.rows[i].name, name) == 0)
            return &diff.groups.rows[i];
    fail_msg("no group %s", name);
    return NULL;
}

static void a_program_goes_on_with_other_processes(void **state)
{
    (void)state;
    const struct block small[] = {ANON(0x10000, 0x40000, 8)};
    const struct block large[] = {ANON(0x10000, 0x40000, 64)};
    const struct block another[] = {ANON(0x50000, 0x60000, 12)}; /* another address space */
    put_named(0, 7, 100, "server", small, 1);
    put_named(0, 8, 100, "other", another, 1);
    put_named(1, 9, 300, "server", small, 1);
    put_named(1, 10, 300, "server", large, 1);
    put_named(1, 8, 100, "other", another, 1);
    compare();
    const struct group_change *server = group_of("server");
    assert_string_equal(diff.groups.how, "program");
    assert_int_equal(server->before.processes, 1);
    assert_int_equal(server->after.processes, 2);
    assert_true(server->change_bytes == (int64_t)KIB(64));
    assert_true(server->beyond_noise);
    assert_ptr_equal(server, &diff.groups.rows[0]);
    assert_true(group_of("other")->change_bytes == 0);
    assert_false(group_of("other")->beyond_noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_moved_within_a_bundle_is_noise),
        TEST(more_than_that_is_a_change),
        TEST(what_processors_hold_back_is_noise),
        TEST(steps_and_causes_add_up_to_free_memory),
        TEST(without_free_memory_there_is_no_waterfall),
        TEST(segments_swap_and_lines_have_names),
        TEST(a_program_goes_on_with_other_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
