/* analyzer/model/snapshot_load.c, load_journal.c: our own form, with manifest, journal and parts. */
#include "tests/unit/model/plain_tar.h"
#include "tests/unit/model/snapshot_tree.h"

static struct snapshot_tree tree;

static const char manifest[] = "format 1.0\ncollector memtally-collect 0.1\nhost box\\x09a\n"
                               "kernel_release 6.1.0\nkernel_version #1 SMP\n"
                               "architecture x86_64\npage_size_bytes 4096\n"
                               "clock_ticks_per_second 100\nboot_id 1-2-3\n"
                               "started_realtime_ns 1700000000123456789\nuid 0\n"
                               "collector_pid 99\nlabel before the run\n";
static const char end_record[] = "end members 3 processes 1 mappings 2 bytes 9 duration_ns 5000\n";

static int set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    tree_put(&tree, "manifest", manifest);
    tree_put(&tree, "journal", end_record);
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tree_remove(&tree);
    return 0;
}

static const struct process *process_of(const struct snapshot *snapshot, uint64_t pid)
{
    const struct process *process = snapshot_process(snapshot, pid);
    if (!process)
        fail_msg("no process %llu", (unsigned long long)pid);
    return process;
}

static void put_block(const char *path, uint64_t start)
{
    struct block block = {.start = start, .end = start + 0x10000, .rss = 16, .pss = 16};
    char *text = blocks_text(&block, 1);
    tree_put(&tree, path, text);
    free(text);
}

static void a_whole_bundle_is_complete(void **state)
{
    (void)state;
    struct snapshot *snapshot = tree_load(&tree);
    const struct identity *identity = &snapshot->identity;
    assert_true(snapshot->is_ours && snapshot->has_end && snapshot->complete);
    assert_int_equal(snapshot->broken.kind, FAILURE_NONE);
    assert_int_equal(snapshot->duration_ns, 5000);
    assert_string_equal(identity->text[IDENTITY_HOST], "box\ta");
    assert_string_equal(identity->text[IDENTITY_KERNEL], "6.1.0");
    assert_string_equal(identity->text[IDENTITY_ARCHITECTURE], "x86_64");
    assert_string_equal(identity->text[IDENTITY_BOOT_ID], "1-2-3");
    assert_string_equal(identity->text[IDENTITY_LABEL], "before the run");
    assert_string_equal(identity->source[IDENTITY_HOST], "manifest");
    assert_int_equal(identity->page_size_bytes, 4096);
    assert_true(identity->taken_at_ns == INT64_C(1700000000123456789));
    assert_int_equal(identity->clock_ticks_per_second, 100);
    assert_int_equal(identity->collector_pid, 99);
    assert_true(identity->has_collector_uid);
    snapshot_free(snapshot);
}

static void without_its_end_record_it_is_incomplete(void **state)
{
    (void)state;
    tree_put(&tree, "journal", "note text still going\n");
    struct snapshot *snapshot = tree_load(&tree);
    assert_false(snapshot->complete || snapshot->has_end);
    assert_int_equal(snapshot->broken.kind, FAILURE_TRUNCATED);
    assert_int_equal(snapshot->note_count, 1);
    assert_string_equal(snapshot->notes[0], "still going");
    assert_true(snapshot->system.now.has_meminfo);
    snapshot_free(snapshot);
}

static void a_journal_cut_inside_its_end_record_is_incomplete(void **state)
{
    (void)state;
    tree_put_bytes(&tree, "journal", end_record, strlen(end_record) - 1);
    struct snapshot *snapshot = tree_load(&tree);
    assert_false(snapshot->complete);
    assert_int_equal(snapshot->problem_count, 1);
    assert_string_equal(snapshot->problems[0].member, "journal");
    snapshot_free(snapshot);
}

static const struct version {
    const char *format;
    bool accepted;
} versions[] = {
    {"format 1.0\n",                   true },
    {"format 1.7\nnew_key of 1.7\n",   true },
    {"format 2.0\nanything goes here", false},
    {"format 0.9\n",                   false},
    {"format 4000000000.0\n",          false},
};

static void the_format_decides_whether_it_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        tree_put(&tree, "manifest", versions[i].format);
        if (versions[i].accepted) {
            struct snapshot *snapshot = tree_load(&tree);
            assert_true(snapshot->is_ours);
            snapshot_free(snapshot);
            continue;
        }
        struct failure why = tree_refused(&tree);
        assert_int_equal(why.kind, FAILURE_UNSUPPORTED);
        assert_string_equal(why.member, "manifest");
        assert_non_null(strstr(why.message, "format"));
    }
}

static const struct outcome_case {
    const char *word;
    enum outcome outcome;
    bool is_cut;
} outcome_cases[] = {
    {"read",      OUTCOME_READ,      false},
    {"empty",     OUTCOME_EMPTY,     false},
    {"vanished",  OUTCOME_VANISHED,  false},
    {"refused",   OUTCOME_REFUSED,   false},
    {"timed_out", OUTCOME_TIMED_OUT, true },
    {"abandoned", OUTCOME_ABANDONED, false},
    {"cut",       OUTCOME_CUT,       true },
    {"to_come",   OUTCOME_FAILED,    false},
};

/* That of a leader that has ended is empty: its threads have the pages. */
static void pages_are_cut_unless_they_were_read_or_empty(void **state)
{
    (void)state;
    enum { CASES = sizeof outcome_cases / sizeof outcome_cases[0] };
    char text[4096];
    size_t used = 0;
    for (size_t i = 0; i < CASES; i++)
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "member outcome %s pass 4 start_ns 1 duration_ns 2 bytes 0 parts 0 errno 0 "
            "path proc/%zu/pages\n",
            outcome_cases[i].word, i + 1);
    snprintf(text + used, sizeof text - used, "%s", end_record);
    tree_put(&tree, "journal", text);
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(snapshot->process_count, CASES);
    for (size_t i = 0; i < CASES; i++) {
        bool whole =
            outcome_cases[i].outcome == OUTCOME_READ || outcome_cases[i].outcome == OUTCOME_EMPTY;
        assert_int_equal(!(process_of(snapshot, i + 1)->files & PROCESS_PAGES_CUT), whole);
    }
    snapshot_free(snapshot);
}

static void the_journal_says_what_became_of_a_process(void **state)
{
    (void)state;
    enum { CASES = sizeof outcome_cases / sizeof outcome_cases[0] };
    char text[4096];
    size_t used = 0;
    for (size_t i = 0; i < CASES; i++) {
        const char *word = outcome_cases[i].word;
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "member outcome %s pass 3 start_ns 1 duration_ns 2 bytes 0 parts 0 errno 13 "
            "path proc/%zu/smaps\n"
            "member outcome %s pass 2 start_ns 1 duration_ns 2 bytes 0 parts 0 errno 0 "
            "path proc/%zu/smaps_rollup\n"
            "process pid %zu start_time_ticks %zu outcome %s\n",
            word, i + 1, word, i + 1, i + 1, 1000 + i, word);
    }
    snprintf(text + used, sizeof text - used, "%s", end_record);
    tree_put(&tree, "journal", text);
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(snapshot->process_count, CASES);
    for (size_t i = 0; i < CASES; i++) {
        const struct process *process = process_of(snapshot, i + 1);
        assert_true(process->has_outcome && process->has_smaps_outcome &&
                    process->has_rollup_outcome);
        assert_int_equal(process->outcome, outcome_cases[i].outcome);
        assert_int_equal(process->smaps_outcome, outcome_cases[i].outcome);
        assert_int_equal(process->rollup_outcome, outcome_cases[i].outcome);
        assert_int_equal(!!(process->files & PROCESS_SMAPS_CUT), outcome_cases[i].is_cut);
        assert_int_equal(process->start_time_ticks, 1000 + i);
    }
    assert_int_equal(snapshot->member_count, 2 * CASES);
    assert_int_equal(snapshot->members[0].error_number, 13);
    assert_true(snapshot->members[0].from_journal);
    snapshot_free(snapshot);
}

static void the_start_time_is_that_of_stat_where_it_was_read(void **state)
{
    (void)state;
    tree_put_process(&tree, &(struct tree_process){.pid = 7, .start_time_ticks = 123});
    char text[256];
    snprintf(text, sizeof text, "process pid 7 start_time_ticks 55 outcome read\n%s", end_record);
    tree_put(&tree, "journal", text);
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(process_of(snapshot, 7)->start_time_ticks, 123);
    snapshot_free(snapshot);
}

/* Parts of a long journal lie between other members; the last has the end record. */
static void a_journal_in_parts_is_read_as_one(void **state)
{
    (void)state;
    struct plain_tar tar;
    plain_tar_create(&tar);
    plain_tar_put(&tar, "box/manifest", manifest);
    plain_tar_put(&tar, "box/proc/7/comm", "seven\n");
    plain_tar_put(&tar, "box/journal.part-0001",
                  "process pid 7 start_time_ticks 55 outcome refused\n");
    plain_tar_put(&tar, "box/proc/9/comm", "nine\n");
    plain_tar_put(&tar, "box/journal.part-0002",
                  "process pid 9 start_time_ticks 56 outcome vanished\n");
    plain_tar_put(&tar, "box/proc/8/comm", "eight\n");
    plain_tar_put(&tar, "box/journal.part-0003", end_record);
    plain_tar_end(&tar);
    struct snapshot *snapshot = bundle_load(tar.path);
    assert_true(snapshot->complete);
    assert_int_equal(snapshot->problem_count, 0);
    assert_int_equal(snapshot->process_count, 3);
    assert_int_equal(process_of(snapshot, 7)->outcome, OUTCOME_REFUSED);
    assert_int_equal(process_of(snapshot, 9)->outcome, OUTCOME_VANISHED);
    assert_false(process_of(snapshot, 8)->has_outcome);
    snapshot_free(snapshot);
    plain_tar_remove(&tar);
}

/* Whatever stands between the parts of a file ends it. */
static void parts_with_a_member_between_them_are_cut(void **state)
{
    (void)state;
    struct plain_tar tar;
    struct block block = {.start = 0x10000, .end = 0x20000, .rss = 16, .pss = 16};
    char *text = blocks_text(&block, 1);
    plain_tar_create(&tar);
    plain_tar_put(&tar, "proc/meminfo", "MemTotal: 1000 kB\n");
    plain_tar_put(&tar, "proc/7/smaps.part-0001", text);
    plain_tar_put(&tar, "proc/8/smaps", text);
    plain_tar_put(&tar, "proc/7/smaps.part-0002", text);
    plain_tar_put(&tar, "proc/3/smaps", text);
    plain_tar_end(&tar);
    struct snapshot *snapshot = bundle_load(tar.path);
    assert_int_equal(process_of(snapshot, 7)->smaps.blocks, 1);
    assert_true(process_of(snapshot, 7)->files & PROCESS_SMAPS_CUT);
    assert_false(process_of(snapshot, 8)->files & PROCESS_SMAPS_CUT);
    assert_int_equal(process_of(snapshot, 3)->smaps.blocks, 1);
    assert_int_equal(snapshot->problem_count, 1);
    snapshot_free(snapshot);
    plain_tar_remove(&tar);
    free(text);
}

/* The archive ends without its end mark behind a part: nobody knows how many were to come. */
static void an_archive_that_ends_behind_a_part_cuts_the_file(void **state)
{
    (void)state;
    struct plain_tar tar;
    struct block block = {.start = 0x10000, .end = 0x20000, .rss = 16, .pss = 16};
    char *text = blocks_text(&block, 1);
    plain_tar_create(&tar);
    plain_tar_put(&tar, "box/manifest", manifest);
    plain_tar_put(&tar, "box/proc/6/smaps", text);
    plain_tar_put(&tar, "box/proc/7/smaps.part-0001", text);
    plain_tar_cut(&tar);
    struct snapshot *snapshot = bundle_load(tar.path);
    assert_false(snapshot->complete);
    assert_false(process_of(snapshot, 6)->files & PROCESS_SMAPS_CUT);
    assert_int_equal(process_of(snapshot, 7)->smaps.blocks, 1);
    assert_true(process_of(snapshot, 7)->files & PROCESS_SMAPS_CUT);
    snapshot_free(snapshot);
    plain_tar_remove(&tar);
    free(text);
}

static void parts_are_one_file(void **state)
{
    (void)state;
    put_block("proc/7/smaps.part-0001", 0x10000);
    put_block("proc/7/smaps.part-0002", 0x20000);
    put_block("proc/7/smaps.part-0003", 0x30000);
    tree_put(&tree, "proc/vmallocinfo.part-0001",
             "0xf0000000-0xf0005000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n");
    tree_put(&tree, "proc/vmallocinfo.part-0002",
             "0xf0006000-0xf000b000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 7);
    assert_int_equal(snapshot->problem_count, 0);
    assert_int_equal(process->smaps.blocks, 3);
    assert_int_equal(process->mapping_count, 3);
    assert_false(process->files & PROCESS_SMAPS_CUT);
    assert_int_equal(snapshot->system.vmallocinfo.count, 2);
    snapshot_free(snapshot);
}

static void a_gap_between_parts_is_a_cut(void **state)
{
    (void)state;
    put_block("proc/7/smaps.part-0001", 0x10000);
    put_block("proc/7/smaps.part-0003", 0x30000);
    tree_put(&tree, "proc/vmallocinfo.part-0001",
             "0xf0000000-0xf0005000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n");
    tree_put(&tree, "proc/vmallocinfo.part-0003",
             "0xf0006000-0xf000b000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 7);
    assert_true(process->files & PROCESS_SMAPS_CUT);
    assert_int_equal(process->mapping_count, process->smaps.blocks);
    assert_in_range(process->smaps.blocks, 1, 2);
    /* half a vmallocinfo would be taken for all of it */
    assert_false(snapshot->system.has_vmallocinfo);
    assert_in_range(snapshot->problem_count, 2, 8);
    snapshot_free(snapshot);
}

static void a_first_part_that_is_missing_is_a_cut(void **state)
{
    (void)state;
    put_block("proc/7/smaps.part-0002", 0x20000);
    tree_put(&tree, "proc/vmallocinfo.part-0002",
             "0xf0006000-0xf000b000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct process *process = process_of(snapshot, 7);
    assert_true(process->files & PROCESS_SMAPS_CUT);
    assert_int_equal(process->smaps.blocks, 1);
    assert_false(snapshot->system.has_vmallocinfo);
    assert_true(snapshot->problem_count >= 2);
    snapshot_free(snapshot);
}

static void a_manifest_that_is_malformed_is_told(void **state)
{
    (void)state;
    tree_put(&tree, "manifest", "format 1.0\nhost a\nhost b\n");
    struct snapshot *snapshot = tree_load(&tree);
    assert_in_range(snapshot->problem_count, 1, 2);
    assert_string_equal(snapshot->problems[0].member, "manifest");
    assert_null(snapshot->identity.text[IDENTITY_HOST]);
    snapshot_free(snapshot);
}

static void a_folder_without_proc_is_no_bundle(void **state)
{
    (void)state;
    struct snapshot_tree other;
    tree_create(&other);
    tree_put(&other, "readme", "hello\n");
    struct failure why = tree_refused(&other);
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_non_null(strstr(why.message, "not a bundle"));
    tree_put(&other, "manifest", "format 1.0\n");
    why = tree_refused(&other);
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    tree_remove(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_bundle_is_complete),
        TEST(without_its_end_record_it_is_incomplete),
        TEST(a_journal_cut_inside_its_end_record_is_incomplete),
        TEST(the_format_decides_whether_it_is_read),
        TEST(the_journal_says_what_became_of_a_process),
        TEST(pages_are_cut_unless_they_were_read_or_empty),
        TEST(the_start_time_is_that_of_stat_where_it_was_read),
        TEST(a_journal_in_parts_is_read_as_one),
        TEST(parts_with_a_member_between_them_are_cut),
        TEST(an_archive_that_ends_behind_a_part_cuts_the_file),
        TEST(parts_are_one_file),
        TEST(a_gap_between_parts_is_a_cut),
        TEST(a_first_part_that_is_missing_is_a_cut),
        TEST(a_manifest_that_is_malformed_is_told),
        TEST(a_folder_without_proc_is_no_bundle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
