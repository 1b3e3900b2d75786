/* analyzer/model/load_process.c: proc/PID/FILE, joined by PID. */
#include "tests/unit/model/one_tree.h"

static const struct process *process_of(const struct snapshot *snapshot, uint64_t pid)
{
    const struct process *process = snapshot_process(snapshot, pid);
    if (!process)
        fail_msg("no process %llu", (unsigned long long)pid);
    return process;
}

static void expect_text(const struct snapshot *snapshot, uint32_t id, const char *bytes,
                        size_t length)
{
    struct slice text = snapshot_text(snapshot, id);
    assert_int_equal(text.length_bytes, length);
    assert_memory_equal(text.at, bytes, length);
}

static void put_blocks(const char *path, const struct block *blocks, size_t count)
{
    char *text = blocks_text(blocks, count);
    tree_put(&tree, path, text);
    free(text);
}

static void the_files_of_a_process_are_joined(void **state)
{
    (void)state;
    tree_put_process(&tree, &(struct tree_process){.pid = 41, .start_time_ticks = 777});
    tree_put(&tree, "proc/41/statm", "2000 500 300 10 0 700 0\n");
    tree_put(&tree, "proc/41/status",
             "Name:\tp\nState:\tS (sleeping)\nTgid:\t41\nPid:\t41\nPPid:\t1\n"
             "Uid:\t1000\t1001\t1001\t1001\nVmSize:\t    8000 kB\nVmRSS:\t    2000 kB\n"
             "VmPTE:\t      44 kB\nThreads:\t3\n");
    tree_put_bytes(&tree, "proc/41/cmdline", "/bin/p\0-x\0", 10);
    tree_put(&tree, "proc/41/cgroup", "0::/system.slice/p.service\n");
    tree_put(&tree, "proc/41/exe.link", "/bin/p");
    tree_put(&tree, "proc/41/oom_score", "666\n");
    tree_put(&tree, "proc/41/oom_score_adj", "-900\n");
    tree_put(&tree, "proc/41/environ", "SECRET=1");
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 41);
    assert_int_equal(snapshot->problem_count, 0);
    assert_int_equal(process->files, PROCESS_STAT | PROCESS_STATM | PROCESS_STATUS | PROCESS_COMM |
                                         PROCESS_CMDLINE | PROCESS_CGROUP | PROCESS_EXE |
                                         PROCESS_OOM_SCORE | PROCESS_OOM_SCORE_ADJ);
    assert_int_equal(process->start_time_ticks, 777);
    assert_int_equal(process->ppid, 1);
    assert_int_equal(process->state, 'S');
    assert_int_equal(process->vsize_bytes, 8192000);
    assert_int_equal(process->minor_faults, 100);
    assert_int_equal(process->major_faults, 5);
    assert_int_equal(process->statm_resident_pages, 500);
    assert_int_equal(process->uid.bytes, 1001);
    assert_int_equal(process->threads.bytes, 3);
    assert_int_equal(process->status_size[STATUS_VM_PTE].bytes, KIB(44));
    assert_false(process->status_size[STATUS_VM_SWAP].known);
    expect_text(snapshot, process->cmdline, "/bin/p\0-x", 9);
    expect_text(snapshot, process->exe, "/bin/p", 6);
    assert_int_equal(process->oom_score, 666);
    assert_int_equal(process->oom_score_adj, -900);
    snapshot_free(snapshot);
}

/* stat has the name as it is; comm cuts nothing but ends in a newline; status escapes. */
static void the_name_is_that_of_stat(void **state)
{
    (void)state;
    tree_put_process(&tree, &(struct tree_process){.pid = 5, .comm = "x) S 1\n"});
    tree_put(&tree, "proc/5/comm", "x) S 1\n\n");
    tree_put(&tree, "proc/5/status",
             "Name:\tx) S 1\\n\nState:\tR (running)\nTgid:\t5\nPid:\t5\n"
             "PPid:\t9\n");
    tree_put(&tree, "proc/6/comm", "only\ncomm\n");
    tree_put(&tree, "proc/7/status",
             "Name:\tfrom status\nState:\tZ (zombie)\nTgid:\t7\nPid:\t7\nPPid:\t3\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 5);
    expect_text(snapshot, process->comm, "x) S 1\n", 7);
    assert_int_equal(process->state, 'S');
    assert_int_equal(process->ppid, 1);
    expect_text(snapshot, process_of(snapshot, 6)->comm, "only\ncomm", 9);
    expect_text(snapshot, process_of(snapshot, 7)->comm, "from status", 11);
    assert_int_equal(process_of(snapshot, 7)->state, 'Z');
    assert_int_equal(process_of(snapshot, 7)->ppid, 3);
    snapshot_free(snapshot);
}

static const struct block two_blocks[] = {
    {.start = 0x10000, .end = 0x20000, .rss = 40, .pss = 20,          .shared_clean = 40},
    { .start = 0x30000,  .end = 0x40000,       .rss = 8,  .pss = 8, .private_dirty = 8,         .swap = 12},
};

static void smaps_is_summed_and_kept(void **state)
{
    (void)state;
    put_blocks("proc/9/smaps", two_blocks, 2);
    tree_put(&tree, "proc/9/smaps_rollup",
             "00010000-00040000 ---p 00000000 00:00 0    [rollup]\nRss: 48 kB\nPss: 28 kB\n"
             "Pss_Anon: 8 kB\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 9);
    assert_int_equal(process->smaps.blocks, 2);
    assert_int_equal(process->smaps.bytes[SMAPS_RSS], KIB(48));
    assert_int_equal(process->smaps.bytes[SMAPS_PSS], KIB(28));
    assert_int_equal(process->smaps.bytes[SMAPS_SIZE], KIB(128));
    assert_int_equal(process->smaps.bytes[SMAPS_SWAP], KIB(12));
    assert_false(process->smaps.present & SMAPS_BIT(SMAPS_LOCKED));
    assert_int_equal(process->rollup.bytes[SMAPS_PSS_ANON], KIB(8));
    assert_int_equal(process->mapping_count, 2);
    assert_int_equal(snapshot->mappings.mappings[process->first_mapping].start, 0x10000);
    assert_int_equal(snapshot->mappings.mappings[process->first_mapping + 1].end, 0x40000);
    assert_true(process->files & PROCESS_SMAPS);
    assert_false(process->files & PROCESS_SMAPS_CUT);
    snapshot_free(snapshot);
}

/* "10" stands before "9" in a folder, and a bundle may have any order. */
static void processes_are_in_the_order_of_pid(void **state)
{
    (void)state;
    static const uint64_t pids[] = {100000, 10, 9, 1, 4194303, 2};
    static const uint64_t sorted[] = {1, 2, 9, 10, 100000, 4194303};
    for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
        char path[64];
        struct block block = {.start = 0x10000, .end = 0x20000, .rss = pids[i], .pss = pids[i]};
        snprintf(path, sizeof path, "proc/%llu/smaps", (unsigned long long)pids[i]);
        put_blocks(path, &block, 1);
    }
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(snapshot->process_count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct process *process = &snapshot->processes[i];
        uint64_t values[SMAPS_FIELD_COUNT];
        assert_int_equal(process->pid, sorted[i]);
        mapping_values(&snapshot->mappings, &snapshot->mappings.mappings[process->first_mapping],
                       values);
        assert_int_equal(values[SMAPS_RSS], KIB(sorted[i]));
        assert_ptr_equal(snapshot_process(snapshot, sorted[i]), process);
    }
    assert_null(snapshot_process(snapshot, 3));
    assert_null(snapshot_process(snapshot, 0));
    assert_null(snapshot_process(snapshot, UINT64_MAX));
    snapshot_free(snapshot);
}

static void many_processes_are_each_found(void **state)
{
    (void)state;
    enum { MANY = 1000 }; /* more than the table of PIDs begins with */
    for (unsigned i = 1; i <= MANY; i++) {
        char path[64];
        snprintf(path, sizeof path, "proc/%u/comm", i * 7);
        tree_put(&tree, path, "p\n");
        snprintf(path, sizeof path, "proc/%u/statm", i * 7);
        if (i % 8 == 0)
            tree_put(&tree, path, "2 1 0 0 0 0 0\n");
    }
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(snapshot->process_count, MANY);
    for (unsigned i = 1; i <= MANY; i++)
        assert_int_equal(process_of(snapshot, i * 7)->files,
                         i % 8 ? PROCESS_COMM : PROCESS_COMM | PROCESS_STATM);
    snapshot_free(snapshot);
}

static void a_file_that_is_malformed_spoils_no_other(void **state)
{
    (void)state;
    tree_put(&tree, "proc/3/stat", "3 (broken\n");
    tree_put(&tree, "proc/3/statm", "10 5 0 0 0 0 0\n");
    tree_put(&tree, "proc/3/smaps_rollup", "nonsense\n");
    put_blocks("proc/3/smaps", two_blocks, 2);
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 3);
    assert_int_equal(process->files, PROCESS_STATM | PROCESS_SMAPS);
    assert_int_equal(process->smaps.blocks, 2);
    assert_int_equal(snapshot->problem_count, 2);
    snapshot_free(snapshot);
}

static void smaps_with_a_bad_line_keeps_what_came_before(void **state)
{
    (void)state;
    char *text = BLOCKS_TEXT(two_blocks);
    char *broken = text_with(text, "00030000-00040000", "00030000-0003");
    tree_put(&tree, "proc/3/smaps", broken);
    tree_put(&tree, "proc/4/smaps", text);
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 3);
    assert_int_equal(process->smaps.blocks, 1);
    assert_int_equal(process->mapping_count, 1);
    assert_true(process->files & PROCESS_SMAPS_CUT);
    assert_int_equal(snapshot->problem_count, 1);
    assert_string_equal(snapshot->problems[0].member, "proc/3/smaps");
    /* the next process starts afresh */
    assert_int_equal(process_of(snapshot, 4)->smaps.blocks, 2);
    assert_false(process_of(snapshot, 4)->files & PROCESS_SMAPS_CUT);
    free(broken);
    free(text);
    snapshot_free(snapshot);
}

static void smaps_cut_inside_a_line_is_cut(void **state)
{
    (void)state;
    char *text = BLOCKS_TEXT(two_blocks);
    tree_put_bytes(&tree, "proc/3/smaps", text, strlen(text) - 3);
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 3);
    assert_true(process->files & PROCESS_SMAPS_CUT);
    assert_int_equal(snapshot->problem_count, 1);
    free(text);
    snapshot_free(snapshot);
}

static void an_empty_smaps_is_there_and_empty(void **state)
{
    (void)state;
    tree_put(&tree, "proc/2/smaps", "");
    tree_put(&tree, "proc/2/smaps_rollup", "");
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 2);
    assert_int_equal(process->files, PROCESS_SMAPS);
    assert_int_equal(process->smaps.blocks, 0);
    assert_int_equal(snapshot->problem_count, 0);
    snapshot_free(snapshot);
}

/* A leader that has exited shows nothing; its memory is read through a thread that lives. */
static void a_thread_stands_in_for_its_dead_leader(void **state)
{
    (void)state;
    tree_put(&tree, "proc/20/smaps", "");
    put_blocks("proc/20/task/23/smaps", two_blocks, 2);
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 20);
    assert_int_equal(snapshot->process_count, 1);
    assert_int_equal(process->smaps.blocks, 2);
    assert_int_equal(process->mapping_count, 2);
    assert_int_equal(snapshot->problem_count, 0);
    snapshot_free(snapshot);
}

static void a_second_smaps_of_one_process_is_not_added(void **state)
{
    (void)state;
    put_blocks("proc/20/smaps", two_blocks, 2);
    put_blocks("proc/20/task/23/smaps", two_blocks, 2);
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 20);
    assert_int_equal(process->smaps.blocks, 2);
    assert_int_equal(process->smaps.bytes[SMAPS_RSS], KIB(48));
    assert_int_equal(process->mapping_count, 2);
    assert_int_equal(snapshot->mappings.count, 2);
    assert_int_equal(snapshot->problem_count, 1);
    assert_string_equal(snapshot->problems[0].member, "proc/20/task/23/smaps");
    snapshot_free(snapshot);
}

static void without_mappings_the_sums_are_the_same(void **state)
{
    (void)state;
    put_blocks("proc/9/smaps", two_blocks, 2);
    const enum kept_mappings kept[] = {MAPPINGS_OF_OWNERS, MAPPINGS_NONE};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT,
                                             .kept_mappings = kept[i]};
        struct failure why = {0};
        struct snapshot *snapshot = snapshot_load(tree.folder, &options, &why);
        assert_non_null(snapshot);
        assert_int_equal(snapshot->mappings.count, 0);
        assert_int_equal(process_of(snapshot, 9)->smaps.blocks, 2);
        assert_int_equal(process_of(snapshot, 9)->smaps.bytes[SMAPS_PSS], KIB(28));
        assert_int_equal(process_of(snapshot, 9)->mapping_count, 0);
        snapshot_free(snapshot);
    }
}

static struct snapshot *load_limited(uint64_t processes, uint64_t mappings)
{
    struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT};
    struct failure why = {0};
    options.limits.processes = processes;
    options.limits.mappings = mappings;
    struct snapshot *snapshot = snapshot_load(tree.folder, &options, &why);
    assert_non_null(snapshot);
    return snapshot;
}

static void limits_hold_and_are_told(void **state)
{
    (void)state;
    put_blocks("proc/1/smaps", two_blocks, 2);
    put_blocks("proc/2/smaps", two_blocks, 2);
    struct snapshot *snapshot = load_limited(2, 4);
    assert_int_equal(snapshot->problem_count, 0);
    assert_int_equal(snapshot->mappings.count, 4);
    snapshot_free(snapshot);

    snapshot = load_limited(2, 3);
    assert_int_equal(snapshot->problem_count, 1);
    assert_int_equal(snapshot->problems[0].kind, FAILURE_LIMIT);
    assert_int_equal(snapshot->mappings.count, 3);
    assert_true(process_of(snapshot, 2)->files & PROCESS_SMAPS_CUT);
    snapshot_free(snapshot);

    snapshot = load_limited(1, 4);
    assert_int_equal(snapshot->problem_count, 1);
    assert_int_equal(snapshot->problems[0].kind, FAILURE_LIMIT);
    assert_string_equal(snapshot->problems[0].member, "proc/2/smaps");
    assert_int_equal(snapshot->process_count, 1);
    assert_int_equal(process_of(snapshot, 1)->smaps.blocks, 2);
    snapshot_free(snapshot);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_set_up, tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_files_of_a_process_are_joined),
        TEST(the_name_is_that_of_stat),
        TEST(smaps_is_summed_and_kept),
        TEST(processes_are_in_the_order_of_pid),
        TEST(many_processes_are_each_found),
        TEST(a_file_that_is_malformed_spoils_no_other),
        TEST(smaps_with_a_bad_line_keeps_what_came_before),
        TEST(smaps_cut_inside_a_line_is_cut),
        TEST(an_empty_smaps_is_there_and_empty),
        TEST(a_thread_stands_in_for_its_dead_leader),
        TEST(a_second_smaps_of_one_process_is_not_added),
        TEST(without_mappings_the_sums_are_the_same),
        TEST(limits_hold_and_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
