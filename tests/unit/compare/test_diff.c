/* analyzer/compare: which processes and mappings are the same, new or gone. */
#include "tests/unit/compare/diff_pair.h"

static void another_start_time_is_the_program_again(void **state)
{
    (void)state;
    const struct block before[] = {ANON(0x10000, 0x20000, 8)};
    const struct block after[] = {ANON(0x50000, 0x60000, 12)};
    put(0, 7, 100, before, 1);
    put(1, 7, 101, after, 1);
    compare();
    assert_int_equal(diff.process_count, 1);
    const struct process_change *change = change_of(7, MATCH_RESTARTED);
    assert_int_equal(change->candidates, 1);
    assert_true(change->change_bytes == (int64_t)KIB(4));
    assert_int_equal(change->mapping_count, 1);
    assert_int_equal(diff.mappings[0].status, MAPPING_SAME);
}

static void another_program_is_another_process(void **state)
{
    (void)state;
    const struct block blocks[] = {ANON(0x10000, 0x20000, 8)};
    put(0, 7, 100, blocks, 1);
    put_named(1, 7, 101, "another", blocks, 1);
    compare();
    assert_int_equal(diff.process_count, 2);
    assert_true(change_of(7, MATCH_GONE)->change_bytes == -(int64_t)KIB(8));
    assert_true(change_of(7, MATCH_NEW)->change_bytes == (int64_t)KIB(8));
    assert_null(change_of(7, MATCH_GONE)->after.process);
    assert_null(change_of(7, MATCH_NEW)->before.process);
    assert_int_equal(change_of(7, MATCH_NEW)->mapping_count, 1);
}

/* Where stat was not read the journal still has the start time; where nothing has it, PIDs agree. */
static void the_start_time_may_come_from_the_journal(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char journal[256];
        tree_put(&trees[i], "manifest", "format 1.0\n");
        snprintf(journal, sizeof journal,
                 "process pid 7 start_time_ticks %zu outcome refused\n"
                 "process pid 8 start_time_ticks 5 outcome refused\n"
                 "end members 0 processes 2 mappings 0 bytes 0 duration_ns 1\n",
                 100 + i);
        tree_put(&trees[i], "journal", journal);
        tree_put(&trees[i], "proc/9/comm", "nine\n");
    }
    compare();
    assert_int_equal(diff.process_count, 4);
    change_of(7, MATCH_GONE);
    change_of(7, MATCH_NEW);
    change_of(8, MATCH_SAME);
    change_of(9, MATCH_SAME);
}

static void processes_come_and_go(void **state)
{
    (void)state;
    const struct block small[] = {ANON(0x10000, 0x20000, 8)};
    const struct block large[] = {ANON(0x10000, 0x20000, 64)};
    put(0, 1, 1, small, 1);
    put_named(0, 5, 1, "five", large, 1);
    put(1, 1, 1, small, 1);
    put(1, 3, 9, small, 1);
    put(1, 9, 9, small, 1);
    compare();
    assert_int_equal(diff.process_count, 4);
    change_of(1, MATCH_SAME);
    change_of(3, MATCH_NEW);
    change_of(9, MATCH_NEW);
    /* the largest change first, whatever its sign */
    assert_ptr_equal(change_of(5, MATCH_GONE), &diff.processes[0]);
}

static const struct growth {
    const char *what;
    struct block before, after;
    uint64_t found_at;
    int64_t size_change;
    enum mapping_status status;
} growths[] = {
    {"at its end",       ANON(0x30000, 0x40000, 8), ANON(0x30000, 0x60000, 40), 0x30000, 0x20000,
     MAPPING_GROWN                                                                                             },
    {"downward",         ANON(0x30000, 0x40000, 8), ANON(0x10000, 0x40000, 40), 0x10000, 0x20000,
     MAPPING_GROWN                                                                                             },
    {"shrunk",           ANON(0x30000, 0x60000, 8), ANON(0x30000, 0x40000, 40), 0x30000, -0x20000,
     MAPPING_SHRUNK                                                                                            },
    {"shrunk at bottom", ANON(0x10000, 0x40000, 8), ANON(0x30000, 0x40000, 40), 0x30000, -0x20000,
     MAPPING_SHRUNK                                                                                            },
    {"inside",           ANON(0x30000, 0x40000, 8), ANON(0x30000, 0x40000, 40), 0x30000, 0,        MAPPING_SAME},
};

static void a_mapping_that_grew_is_the_same(void **state)
{
    for (size_t i = 0; i < sizeof growths / sizeof growths[0]; i++) {
        put(0, 7, 100, &growths[i].before, 1);
        put(1, 7, 100, &growths[i].after, 1);
        compare();
        const struct process_change *process = change_of(7, MATCH_SAME);
        assert_int_equal(process->mapping_count, 1);
        const struct mapping_change *mapping = mapping_of(process, growths[i].found_at);
        if (mapping->status != growths[i].status)
            fail_msg("%s: %s", growths[i].what, mapping_status_word(mapping->status));
        assert_true(mapping->size_change == growths[i].size_change);
        assert_true(mapping->pss_change == (int64_t)KIB(32));
        assert_true(mapping->rss_change == (int64_t)KIB(32));
        assert_true(process->change_bytes == (int64_t)KIB(32));
        tear_down(state);
        set_up(state);
    }
}

static void mappings_come_and_go_between_others(void **state)
{
    (void)state;
    const struct block before[] = {ANON(0x10000, 0x20000, 4), FILE_AT(0x30000, 0x40000, 4),
                                   ANON(0x50000, 0x60000, 4)};
    const struct block after[] = {ANON(0x10000, 0x20000, 4), ANON(0x50000, 0x60000, 4),
                                  ANON(0x70000, 0x80000, 100)};
    put(0, 7, 100, before, 3);
    put(1, 7, 100, after, 3);
    compare();
    const struct process_change *process = change_of(7, MATCH_SAME);
    assert_int_equal(process->mapping_count, 2);
    assert_int_equal(mapping_of(process, 0x30000)->status, MAPPING_GONE);
    assert_int_equal(mapping_of(process, 0x70000)->status, MAPPING_NEW);
    assert_int_equal(diff.mappings[process->first_mapping].status,
                     MAPPING_NEW); /* the larger one */
}

/* Another file at the same address is another mapping. */
static void a_mapping_of_something_else_is_new(void **state)
{
    (void)state;
    const struct block before[] = {ANON(0x10000, 0x20000, 4)};
    const struct block after[] = {FILE_AT(0x10000, 0x20000, 4)};
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 1);
    compare();
    assert_int_equal(change_of(7, MATCH_SAME)->mapping_count, 2);
}

/* What stands in between must not hide that the end is where it was. */
static void a_mapping_is_found_by_its_end_behind_others(void **state)
{
    (void)state;
    const struct block before[] = {ANON(0x10000, 0x90000, 4)};
    const struct block after[] = {FILE_AT(0x20000, 0x40000, 4), ANON(0x50000, 0x90000, 12)};
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 2);
    compare();
    const struct process_change *process = change_of(7, MATCH_SAME);
    assert_int_equal(process->mapping_count, 2);
    assert_int_equal(mapping_of(process, 0x50000)->status, MAPPING_SHRUNK);
    assert_int_equal(mapping_of(process, 0x20000)->status, MAPPING_NEW);
}

/* All its mappings would look gone. */
static void a_process_unread_on_one_side_has_no_mapping_changes(void **state)
{
    (void)state;
    const struct block blocks[] = {ANON(0x10000, 0x20000, 8)};
    put(0, 7, 100, blocks, 1);
    tree_put_process(&trees[1], &(struct tree_process){.pid = 7, .start_time_ticks = 100});
    tree_put(&trees[1], "proc/7/statm", "100 5 0 0 0 0 0\n");
    compare();
    const struct process_change *process = change_of(7, MATCH_SAME);
    assert_int_equal(process->mapping_count, 0);
    assert_true(process->change_bytes == (int64_t)KIB(12)); /* of RSS, which both have */
    assert_true(diff.changed);
}

/* Absent is not zero: it did not shrink to nothing. */
static void what_one_side_does_not_have_has_no_change(void **state)
{
    (void)state;
    const struct block blocks[] = {ANON(0x10000, 0x20000, 8)};
    put(0, 7, 100, blocks, 1);
    tree_put_process(&trees[1], &(struct tree_process){.pid = 7, .start_time_ticks = 100});
    compare();
    const struct process_change *process = change_of(7, MATCH_SAME);
    assert_false(process->has_change || process->has_rss || process->has_swap);
    assert_true(process->change_bytes == 0 && process->rss_change == 0);
    assert_false(process->beyond_noise);
    assert_int_equal(diff.groups.count, 1);
    assert_true(diff.groups.rows[0].change_bytes == 0 && diff.groups.rows[0].rss_change == 0);
}

static void put_boot(size_t side, const char *boot_id, const char *host)
{
    if (boot_id)
        tree_put(&trees[side], "proc/sys/kernel/random/boot_id", boot_id);
    if (host)
        tree_put(&trees[side], "proc/sys/kernel/hostname", host);
}

static const struct boot_case {
    const char *boot_ids[2], *hosts[2];
    bool same;
} boot_cases[] = {
    {{NULL, NULL},   {NULL, NULL},   true },
    {{"a\n", "a\n"}, {NULL, NULL},   true },
    {{"a\n", "b\n"}, {NULL, NULL},   false},
    {{"a\n", "b\n"}, {"h\n", "h\n"}, false},
    {{"a\n", NULL},  {"h\n", "h\n"}, true },
    {{NULL, NULL},   {"h\n", "i\n"}, false}, /* two machines */
    {{"a\n", "a\n"}, {"h\n", "i\n"}, true }, /* one machine that was given another name */
};

static void in_another_boot_a_process_is_known_by_its_program(void **state)
{
    const struct block blocks[] = {FILE_AT(0x10000, 0x20000, 8)};
    for (size_t i = 0; i < sizeof boot_cases / sizeof boot_cases[0]; i++) {
        for (size_t side = 0; side < 2; side++) {
            put(side, 1, 0, blocks, 1);
            put_boot(side, boot_cases[i].boot_ids[side], boot_cases[i].hosts[side]);
        }
        compare();
        if (diff.same_boot != boot_cases[i].same)
            fail_msg("case %zu: same boot %d", i, diff.same_boot);
        assert_int_equal(diff.process_count, 1);
        assert_int_equal(diff.processes[0].status,
                         boot_cases[i].same ? MATCH_SAME : MATCH_RESTARTED);
        assert_int_equal(diff.object_count, 0); /* files are compared all the same */
        tear_down(state);
        set_up(state);
    }
}

/* Mapped under one path before, and under another one and both afterwards; `a` stands for the file then. */
static void a_file_of_several_paths_is_one_object(void **state)
{
    (void)state;
    const struct block before[] = {
        {.start = 0x10000, .end = 0x20000, .inode = 7, .name = "/lib/b", .rss = 8, .pss = 8},
    };
    const struct block after[] = {
        {.start = 0x10000, .end = 0x20000, .inode = 7, .name = "/lib/b", .rss = 8, .pss = 8},
        {.start = 0x30000, .end = 0x40000, .inode = 7, .name = "/lib/a", .rss = 4, .pss = 4},
    };
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 2);
    compare();
    assert_int_equal(diff.object_count, 1);
    assert_int_equal(diff.objects[0].status, MATCH_SAME);
    assert_int_equal(diff.objects[0].change_bytes, KIB(4));
}

static void every_status_has_a_word(void **state)
{
    (void)state;
    assert_string_equal(match_status_word(MATCH_SAME), "same");
    assert_string_equal(match_status_word(MATCH_RESTARTED), "restarted");
    assert_string_equal(match_status_word(MATCH_NEW), "new");
    assert_string_equal(match_status_word(MATCH_GONE), "gone");
    assert_string_equal(mapping_status_word(MAPPING_MOVED), "moved");
    assert_string_equal(object_relation_word(OBJECT_RELATION_REPLACED), "replaced");
    assert_string_equal(process_basis_word(PROCESS_BASIS_PROGRAM), "program");
}

/* As if forked by the collector, which meta/collector says is PID 1; every process of this tree is its child. */
static void readers_of_the_collector_are_no_change(void **state)
{
    (void)state;
    const struct block large[] = {ANON(0x10000, 0x90000, 400)};
    put_named(0, 1, 100, "snap", large, 1);
    put_named(1, 1, 100, "snap", large, 1);
    put_named(1, 8, 100, "snap", large, 1);
    put_named(1, 9, 100, "child", large, 1);
    compare();
    assert_false(change_of(8, MATCH_NEW)->beyond_noise);
    assert_true(change_of(9, MATCH_NEW)->beyond_noise);
}

static void pages_that_others_left_are_no_change(void **state)
{
    (void)state;
    struct block block = FILE_AT(0x10000, 0x90000, 400);
    block.pss = 200;
    block.shared_clean = 400;
    put(0, 7, 100, &block, 1);
    block.pss = block.private_clean = 400;
    block.shared_clean = 0;
    put(1, 7, 100, &block, 1);
    compare();
    const struct process_change *change = change_of(7, MATCH_SAME);
    assert_true(change->change_bytes == (int64_t)KIB(200));
    assert_true(mapping_of(change, 0x10000)->uss_change == (int64_t)KIB(400));
    assert_false(mapping_of(change, 0x10000)->beyond_noise);
    assert_false(change->beyond_noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_start_time_is_the_program_again),
        TEST(another_program_is_another_process),
        TEST(the_start_time_may_come_from_the_journal),
        TEST(processes_come_and_go),
        TEST(pages_that_others_left_are_no_change),
        TEST(readers_of_the_collector_are_no_change),
        TEST(a_mapping_that_grew_is_the_same),
        TEST(mappings_come_and_go_between_others),
        TEST(a_mapping_of_something_else_is_new),
        TEST(a_mapping_is_found_by_its_end_behind_others),
        TEST(a_process_unread_on_one_side_has_no_mapping_changes),
        TEST(what_one_side_does_not_have_has_no_change),
        TEST(in_another_boot_a_process_is_known_by_its_program),
        TEST(a_file_of_several_paths_is_one_object),
        cmocka_unit_test(every_status_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
