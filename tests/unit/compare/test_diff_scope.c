/* analyzer/compare/snapshot_diff: whose memory is compared at all. */
#include "tests/unit/compare/diff_pair.h"

static void a_pid_of_one_side_is_both_runs(void **state)
{
    (void)state;
    const uint64_t pids[] = {7, 8};
    const struct block before[] = {FILE_AT(0x10000, 0x20000, 8)};
    const struct block after[] = {FILE_AT(0x10000, 0x20000, 24)};
    put(0, 7, 100, before, 1);
    put(0, 9, 100, after, 1);
    put(1, 8, 300, after, 1);
    put(1, 9, 100, before, 1);
    for (size_t i = 0; i < 2; i++) {
        compare_scope(&(struct diff_scope){.pids = &pids[i], .pid_count = 1});
        assert_int_equal(diff.object_count, 1);
        assert_int_equal(diff.objects[0].status, MATCH_SAME);
        assert_true(diff.objects[0].change_bytes == (int64_t)KIB(16));
        snapshot_diff_deinit(&diff);
        snapshot_free(sides[0]);
        snapshot_free(sides[1]);
        sides[0] = sides[1] = NULL;
    }
}

static void what_one_side_could_not_read_is_not_gone(void **state)
{
    (void)state;
    const struct block blocks[] = {
        FILE_AT(0x10000, 0x20000, 8),
        {.start = 0x50000,
                               .end = 0x60000,
                               .permissions = "rw-s",
                               .inode = 5,
                               .device = "00:01",
                               .name = "/memfd:x (deleted)",
                               .rss = 64,
                               .pss = 64},
    };
    put(0, 7, 100, blocks, 2);
    tree_put_process(&trees[1], &(struct tree_process){.pid = 7, .start_time_ticks = 100});
    put(0, 8, 100, blocks, 1);
    put(1, 8, 100, blocks, 1);
    compare();
    assert_int_equal(diff.object_count, 0);
    assert_int_equal(diff.kernel_count, 0);
}

#define LANE(of, kib)                                                                              \
    {                                                                                              \
        .start = 0x10000, .end = 0x90000, .permissions = "rw-s", .inode = (of), .device = "00:01", \
        .name = "/dev/zero (deleted)", .rss = (kib), .pss = (kib)                                  \
    }

/* meta/collector says that PID 1 took both; every process of these trees is its child. */
static void put_lanes(const char *reader, uint64_t kib_after)
{
    const struct block own[] = {LANE(9, 40)};
    const struct block before[] = {LANE(10, 500)}, after[] = {LANE(11, kib_after)};
    for (size_t i = 0; i < 2; i++) {
        tree_put(&trees[i], "proc/meminfo", MEMINFO("50000", "20000") "Shmem: 4000 kB\n");
        put_named(i, 1, 100, "snap", own, 1);
    }
    put_named(0, 50, 200, reader, before, 1);
    put_named(1, 60, 300, reader, after, 1);
    compare();
}

static void readers_of_the_collector_are_no_change(void **state)
{
    (void)state;
    put_lanes("snap", 100);
    assert_true(change_of(60, MATCH_RESTARTED)->is_collector);
    assert_true(line_change("user.shmem.shared_anon") == -(int64_t)KIB(400));
    assert_true(diff.kernel_count);
    assert_false(diff.changed);
}

static void other_children_of_the_collector_are_a_change(void **state)
{
    (void)state;
    put_lanes("cat", 100);
    assert_false(change_of(60, MATCH_RESTARTED)->is_collector);
    assert_true(diff.changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pid_of_one_side_is_both_runs),
        TEST(what_one_side_could_not_read_is_not_gone),
        TEST(readers_of_the_collector_are_no_change),
        TEST(other_children_of_the_collector_are_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
