/* analyzer/model/load_descriptors.c, inode_set.c: what descriptors of processes hold. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/model/inode_set.h"

static struct snapshot_tree tree;

static int set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tree_remove(&tree);
    return 0;
}

static void each_pipe_counts_once(void **state)
{
    (void)state;
    tree_put(&tree, "proc/7/fd.memory",
             "pipe inode 5\npipe inode 5\npipe inode 6\n"
             "held kind memfd device 0:1 inode 5 bytes 8192 path /memfd:a\\x0a (deleted)\n");
    tree_put(&tree, "proc/8/fd.memory",
             "pipe inode 6\npipe inode 0\n"
             "held kind dmabuf bytes 4096 path /dmabuf:\nheld kind future path x\n"
             "mount type tmpfs device 0:1 path /not/here\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct system_details *details = &snapshot->system.details;
    assert_int_equal(snapshot->problem_count, 0);
    assert_true(details->pipes.known);
    assert_int_equal(details->pipes.pipes, 3);
    assert_int_equal(details->pipes.descriptors, 5);
    assert_int_equal(details->held_count, 2);
    assert_int_equal(details->mount_count, 0);
    for (size_t i = 0; i < 2; i++) { /* a folder has no order */
        const struct held_memory *held = &details->held[i];
        bool memfd = held->pid == 7;
        assert_int_equal(held->kind, memfd ? HELD_MEMFD : HELD_DMABUF);
        assert_int_equal(held->has_identity, memfd);
        assert_true(held->bytes.known);
        assert_int_equal(held->bytes.bytes, memfd ? 8192 : 4096);
        assert_string_equal(snapshot_text(snapshot, held->name).at,
                            memfd ? "/memfd:a\n (deleted)" : "/dmabuf:");
    }
    snapshot_free(snapshot);
}

static void an_empty_list_is_an_answer(void **state)
{
    (void)state;
    tree_put(&tree, "proc/7/fd.memory", "");
    struct snapshot *snapshot = tree_load(&tree);
    assert_true(snapshot->system.details.pipes.known);
    assert_int_equal(snapshot->system.details.pipes.pipes, 0);
    assert_true(snapshot->processes[0].files & PROCESS_DESCRIPTORS);
    snapshot_free(snapshot);
}

static void without_a_list_nothing_is_known(void **state)
{
    (void)state;
    tree_put(&tree, "proc/7/fd.links", "");
    struct snapshot *snapshot = tree_load(&tree);
    assert_false(snapshot->system.details.pipes.known);
    snapshot_free(snapshot);
}

static void copies_of_links_show_pipes_and_names(void **state)
{
    (void)state;
    tree_put(&tree, "proc/7/fd.links",
             "0 -> /dev/console\n3 -> pipe:[12]\n4 -> pipe:[12]\n5 -> pipe:[13]\n"
             "6 -> /memfd:cache (deleted)\n7 -> socket:[14]\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct system_details *details = &snapshot->system.details;
    assert_int_equal(snapshot->problem_count, 0);
    assert_true(details->pipes.known);
    assert_int_equal(details->pipes.pipes, 2);
    assert_int_equal(details->pipes.descriptors, 3);
    assert_int_equal(details->held_count, 1);
    assert_int_equal(details->held[0].pid, 7);
    assert_false(details->held[0].bytes.known || details->held[0].has_identity);
    assert_string_equal(snapshot_text(snapshot, details->held[0].name).at,
                        "/memfd:cache (deleted)");
    snapshot_free(snapshot);
}

static void a_second_list_and_damage_are_told(void **state)
{
    (void)state;
    tree_put(&tree, "proc/7/fd.links", "3 -> pipe:[12]\n");
    tree_put(&tree, "proc/7/fd.memory", "pipe inode 12\n");
    tree_put(&tree, "proc/8/fd.memory", "pipe inode 13\npipe\n");
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(snapshot->problem_count, 2);
    assert_int_equal(snapshot->system.details.pipes.pipes, 2);
    assert_int_equal(snapshot->system.details.pipes.descriptors, 2);
    snapshot_free(snapshot);
}

/* A list of `count` lines, each `start` and a number. */
static struct snapshot *load_lines(const char *start, unsigned count)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    for (unsigned i = 0; i < count; i++) {
        fputs(start, to);
        fprintf(to, "%u\n", i);
    }
    assert_int_equal(fclose(to), 0);
    tree_put_bytes(&tree, "proc/7/fd.memory", text, length);
    free(text);
    return tree_load(&tree);
}

static void pipes_and_memory_have_limits(void **state)
{
    (void)state;
    enum { ALLOWED = 1048576 };
    for (unsigned extra = 0; extra < 2; extra++) {
        struct snapshot *snapshot = load_lines("pipe inode ", ALLOWED + extra);
        assert_int_equal(snapshot->system.details.pipes.pipes, ALLOWED);
        assert_int_equal(snapshot->problem_count, extra);
        snapshot_free(snapshot);
        snapshot = load_lines("held kind gpu path ", ALLOWED + extra);
        assert_int_equal(snapshot->system.details.held_count, ALLOWED);
        assert_int_equal(snapshot->problem_count, extra);
        if (extra)
            assert_int_equal(snapshot->problems[0].kind, FAILURE_LIMIT);
        snapshot_free(snapshot);
    }
}

static void a_set_tells_what_is_new(void **state)
{
    (void)state;
    struct inode_set set = {0};
    enum { COUNT = 20000 };
    for (int round = 0; round < 2; round++)
        for (uint64_t i = 0; i < COUNT; i++) {
            bool is_new = round == 1;
            assert_true(inode_set_add(&set, i << 20, &is_new));
            assert_int_equal(is_new, round == 0);
        }
    inode_set_deinit(&set);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_pipe_counts_once),
        TEST(an_empty_list_is_an_answer),
        TEST(without_a_list_nothing_is_known),
        TEST(copies_of_links_show_pipes_and_names),
        TEST(a_second_list_and_damage_are_told),
        TEST(pipes_and_memory_have_limits),
        cmocka_unit_test(a_set_tells_what_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
