/* analyzer/compare: what is the same, new, gone or grown. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/compare/snapshot_diff.h"

static struct snapshot_tree trees[2];
static struct snapshot *sides[2];
static struct snapshot_diff diff;

#define MEMINFO(free, anon)                                                                        \
    "MemTotal: 100000 kB\nMemFree: " free " kB\nAnonPages: " anon " kB\nCached: 5000 kB\n"         \
    "Buffers: 0 kB\nSlab: 3000 kB\nPageTables: 100 kB\n"

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        tree_create(&trees[i]);
        tree_put(&trees[i], "proc/meminfo", MEMINFO("50000", "20000"));
        tree_put(&trees[i], "meta/collector", "snap pid 1 page_size 4096\n");
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    snapshot_diff_deinit(&diff);
    for (size_t i = 0; i < 2; i++) {
        snapshot_free(sides[i]);
        sides[i] = NULL;
        tree_remove(&trees[i]);
    }
    return 0;
}

static void compare(void)
{
    struct failure why = {0};
    for (size_t i = 0; i < 2; i++)
        sides[i] = tree_load(&trees[i]);
    assert_true(snapshot_diff_compute(sides[0], sides[1], &diff, &why));
}

static void put(size_t side, uint64_t pid, uint64_t start_time_ticks, const struct block *blocks,
                size_t count)
{
    char *text = blocks_text(blocks, count);
    tree_put_process(
        &trees[side],
        &(struct tree_process){.pid = pid, .start_time_ticks = start_time_ticks, .smaps = text});
    free(text);
}

static const struct process_change *change_of(uint64_t pid, enum match_status status)
{
    for (size_t i = 0; i < diff.process_count; i++) {
        const struct process_change *change = &diff.processes[i];
        const struct process *process =
            change->after.process ? change->after.process : change->before.process;
        if (process->pid == pid && change->status == status)
            return change;
    }
    fail_msg("no change of %llu that is %s", (unsigned long long)pid, match_status_word(status));
    return NULL;
}

static const struct mapping_change *mapping_of(const struct process_change *process, uint64_t start)
{
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapping_change *change = &diff.mappings[process->first_mapping + i];
        if ((change->before && change->before->start == start) ||
            (change->after && change->after->start == start))
            return change;
    }
    fail_msg("no change of the mapping at %llx", (unsigned long long)start);
    return NULL;
}

static int64_t line_change(const char *id)
{
    for (size_t i = 0; i < diff.ledger_count; i++)
        if (strcmp(diff.ledger[i].id, id) == 0)
            return diff.ledger[i].change_bytes;
    fail_msg("no line %s", id);
    return 0;
}

#define ANON(from, to, kib)                                                                        \
    {                                                                                              \
        .start = (from), .end = (to), .rss = (kib), .pss = (kib)                                   \
    }
#define FILE_AT(from, to, kib)                                                                     \
    {                                                                                              \
        .start = (from), .end = (to), .inode = 9, .name = "/lib/x", .rss = (kib), .pss = (kib)     \
    }

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

static void another_start_time_is_another_process(void **state)
{
    (void)state;
    const struct block blocks[] = {ANON(0x10000, 0x20000, 8)};
    put(0, 7, 100, blocks, 1);
    put(1, 7, 101, blocks, 1);
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
    put(0, 5, 1, large, 1);
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
} growths[] = {
    {"at its end",       ANON(0x30000, 0x40000, 8), ANON(0x30000, 0x60000, 40), 0x30000, 0x20000 },
    {"downward",         ANON(0x30000, 0x40000, 8), ANON(0x10000, 0x40000, 40), 0x10000, 0x20000 },
    {"shrunk",           ANON(0x30000, 0x60000, 8), ANON(0x30000, 0x40000, 40), 0x30000, -0x20000},
    {"shrunk at bottom", ANON(0x10000, 0x40000, 8), ANON(0x30000, 0x40000, 40), 0x30000, -0x20000},
    {"inside",           ANON(0x30000, 0x40000, 8), ANON(0x30000, 0x40000, 40), 0x30000, 0       },
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
        if (mapping->status != MATCH_SAME)
            fail_msg("%s: %s", growths[i].what, match_status_word(mapping->status));
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
    assert_int_equal(mapping_of(process, 0x30000)->status, MATCH_GONE);
    assert_int_equal(mapping_of(process, 0x70000)->status, MATCH_NEW);
    assert_int_equal(diff.mappings[process->first_mapping].status, MATCH_NEW); /* the larger one */
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
    assert_int_equal(mapping_of(process, 0x50000)->status, MATCH_SAME);
    assert_int_equal(mapping_of(process, 0x20000)->status, MATCH_NEW);
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

static void another_boot_has_no_process_in_common(void **state)
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
        assert_int_equal(diff.process_count, boot_cases[i].same ? 1 : 2);
        assert_int_equal(diff.object_count, 0); /* files are compared all the same */
        tear_down(state);
        set_up(state);
    }
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
    put(1, 7, 100, blocks, 1);
    compare();
    assert_false(diff.has_ledger);
    assert_int_equal(diff.ledger_count, 0);
    change_of(7, MATCH_NEW);
    assert_true(diff.changed);
}

static void every_status_has_a_word(void **state)
{
    (void)state;
    assert_string_equal(match_status_word(MATCH_SAME), "same");
    assert_string_equal(match_status_word(MATCH_NEW), "new");
    assert_string_equal(match_status_word(MATCH_GONE), "gone");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_equal_has_not_changed),
        TEST(a_ledger_line_and_the_residual_sum_to_mem_total),
        TEST(a_line_of_one_side_is_absent_on_the_other),
        TEST(another_start_time_is_another_process),
        TEST(the_start_time_may_come_from_the_journal),
        TEST(processes_come_and_go),
        TEST(a_mapping_that_grew_is_the_same),
        TEST(mappings_come_and_go_between_others),
        TEST(a_mapping_of_something_else_is_new),
        TEST(a_mapping_is_found_by_its_end_behind_others),
        TEST(a_process_unread_on_one_side_has_no_mapping_changes),
        TEST(another_boot_has_no_process_in_common),
        TEST(objects_are_compared_by_what_they_are),
        TEST(kernel_causes_are_compared_where_both_sides_have_them),
        TEST(figures_beside_are_compared_and_never_added),
        TEST(without_a_ledger_processes_are_still_compared),
        cmocka_unit_test(every_status_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
