/* What becomes of a process that changes while the passes go by. */
#include "collector/passes/run.h"

#include "cmocka_all.h"
#include "fake_tree.h"

#include <string.h>
#include <unistd.h>

struct fixture {
    struct fake_tree tree;
    struct collect_options options;
    struct collect_summary summary;
    struct progress progress;
    struct run run;
};

static struct fixture fixture;

static void start(void)
{
    struct failure why = {0};
    struct run *run = &fixture.run;
    *run = (struct run){
        .options = &fixture.options, .progress = &fixture.progress, .summary = &fixture.summary};
    fixture.summary = (struct collect_summary){0};
    static char path[PATH_MAX];
    struct text text = TEXT_OVER(path);
    text_add(&text, fixture.tree.folder);
    text_add(&text, "/out.tar.zst");
    assert_true(tree_init(&run->tree, fixture.tree.folder, &why));
    assert_false(run->tree.live);
    assert_true(output_to_file(&run->output, text_string(&text), true, &why));
    assert_true(readers_init(&run->readers, run->tree.root, &run->access, 2, 2000000000u, &why));
    assert_true(bundle_writer_init(&run->writer, &run->output, "out", &why));
    assert_true(journal_init(&run->journal, &run->writer, 0, &why));
    assert_true(process_list_read(&run->processes, run->tree.root, &why));
}

static void pass(unsigned number)
{
    struct failure why = {0};
    memset(fixture.summary.members, 0, sizeof fixture.summary.members);
    fixture.run.pass = number;
    assert_true(run_processes(&fixture.run, &why));
}

static void finish(void)
{
    journal_deinit(&fixture.run.journal);
    bundle_writer_deinit(&fixture.run.writer);
    readers_deinit(&fixture.run.readers);
    process_list_deinit(&fixture.run.processes);
    output_deinit(&fixture.run.output);
    tree_deinit(&fixture.run.tree);
}

static int set_up(void **state)
{
    (void)state;
    fake_tree_init(&fixture.tree);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    finish();
    fake_tree_deinit(&fixture.tree);
    return 0;
}

static uint64_t members(enum outcome outcome)
{
    return fixture.summary.members[outcome];
}

static enum outcome process_outcome(size_t index)
{
    return (enum outcome)fixture.run.processes.at[index].outcome;
}

/* The text of the journal so far. */
static bool journal_says(const char *words)
{
    const struct text *text = &fixture.run.journal.text;
    return memmem(text->at, text->length, words, strlen(words)) != NULL;
}

static void an_unchanged_process_is_read(void **state)
{
    (void)state;
    fake_tree_process(&fixture.tree, 41, 'S', 1, 1000);
    start();
    for (unsigned number = 1; number <= 4; number++)
        pass(number);
    assert_int_equal(process_outcome(0), OUTCOME_READ);
    assert_int_equal(fixture.run.processes.at[0].start_time_ticks, 1000);
    assert_int_equal(fixture.run.journal.mappings, 1);
    assert_true(journal_says("parts 1 errno 0 path proc/41/smaps\n"));
}

static void a_reused_pid_is_told(void **state)
{
    (void)state;
    fake_tree_process(&fixture.tree, 41, 'S', 1, 1000);
    start();
    pass(1);
    pass(2);
    fake_tree_process(&fixture.tree, 41, 'S', 1, 2000);
    pass(3);
    assert_int_equal(members(OUTCOME_REUSED), 1);
    assert_int_equal(members(OUTCOME_READ), 0);
    assert_int_equal(process_outcome(0), OUTCOME_REUSED);
    /* Nothing of the other process lies under the name of the first. */
    assert_int_equal(fixture.run.journal.mappings, 0);
    assert_true(journal_says("bytes 0 parts 0 errno 0 path proc/41/smaps\n"));
    fake_tree_process(&fixture.tree, 41, 'S', 1, 1000);
    pass(4);
    assert_int_equal(process_outcome(0), OUTCOME_REUSED);
}

static void a_process_that_ended_has_vanished(void **state)
{
    (void)state;
    fake_tree_process(&fixture.tree, 41, 'S', 1, 1000);
    fake_tree_process(&fixture.tree, 42, 'S', 1, 1000);
    start();
    pass(1);
    fake_tree_remove(&fixture.tree, "proc/41");
    pass(2);
    assert_int_equal(members(OUTCOME_VANISHED), 1);
    assert_int_equal(members(OUTCOME_READ), 1);
    assert_int_equal(process_outcome(0), OUTCOME_VANISHED);
    assert_int_equal(process_outcome(1), OUTCOME_READ);
}

static void a_file_that_the_kernel_lacks_is_absent(void **state)
{
    (void)state;
    fake_tree_process(&fixture.tree, 41, 'S', 1, 1000);
    fake_tree_remove(&fixture.tree, "proc/41/smaps_rollup");
    start();
    pass(1);
    pass(2);
    assert_int_equal(members(OUTCOME_ABSENT), 1);
    assert_int_equal(process_outcome(0), OUTCOME_READ);
}

static void the_dead_hold_nothing(void **state)
{
    (void)state;
    fake_tree_process(&fixture.tree, 41, 'Z', 1, 1000);
    start();
    pass(1);
    pass(3);
    assert_int_equal(members(OUTCOME_EMPTY), 1);
    assert_int_equal(process_outcome(0), OUTCOME_EMPTY);
    assert_true(journal_says("bytes 0 parts 1 errno 0 path proc/41/smaps\n"));
}

static void threads_of_a_dead_leader_are_read(void **state)
{
    (void)state;
    fake_tree_process(&fixture.tree, 41, 'Z', 3, 1000);
    fake_tree_write(&fixture.tree, "proc/41/smaps", "");
    fake_tree_write(&fixture.tree, "proc/41/task/41/stat", "41 (a) Z 1\n");
    fake_tree_write(&fixture.tree, "proc/41/task/44/stat",
                    "44 (a) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 3 0 1001 1 1\n");
    fake_tree_write(&fixture.tree, "proc/41/task/43/stat",
                    "43 (a) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 3 0 1001 1 1\n");
    fake_tree_write(&fixture.tree, "proc/41/task/42/stat",
                    "42 (a) Z 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 3 0 1001 1 1\n");
    fake_tree_write(&fixture.tree, "proc/41/task/43/smaps", "0-1 r--p\nSize: 4 kB\n");
    start();
    pass(1);
    pass(3);
    assert_true(journal_says("path proc/41/task/43/smaps\n"));
    assert_false(journal_says("path proc/41/task/44/smaps\n"));
    assert_int_equal(fixture.run.journal.mappings, 1);
    assert_int_equal(process_outcome(0), OUTCOME_READ);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_unchanged_process_is_read),
        CASE(a_reused_pid_is_told),
        CASE(a_process_that_ended_has_vanished),
        CASE(a_file_that_the_kernel_lacks_is_absent),
        CASE(the_dead_hold_nothing),
        CASE(threads_of_a_dead_leader_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
