/* analyzer/model/shared_address_space.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/model/shared_address_space.h"

static struct snapshot *snapshot;

enum { OWN_PAGES = 40 };

/* A program's text, shared with others; its data; and memory without a file. */
static void begin_process(struct process *process, uint64_t pid, uint64_t ppid, uint64_t address,
                          uint64_t shared_anonymous_kib)
{
    const struct smaps_mapping blocks[] = {
        {.start = address,
         .end = address + MIB(1),
         .inode = 7,
         .name = SLICE("/bin/p"),
         .value_bytes =
             {[SMAPS_RSS] = KIB(100), [SMAPS_PSS] = KIB(50), [SMAPS_SHARED_CLEAN] = KIB(100)}},
        {.start = address + MIB(2),
         .end = address + MIB(3),
         .inode = 7,
         .name = SLICE("/bin/p"),
         .value_bytes = {[SMAPS_RSS] = KIB(8),
                         [SMAPS_PSS] = KIB(8),
                         [SMAPS_ANONYMOUS] = KIB(8),
                         [SMAPS_PRIVATE_DIRTY] = KIB(8)}},
        {.start = address + MIB(4),
         .end = address + MIB(5),
         .name = SLICE(""),
         .value_bytes = {[SMAPS_RSS] = KIB(OWN_PAGES),
                         [SMAPS_PSS] = KIB(OWN_PAGES),
                         [SMAPS_SHARED_DIRTY] = KIB(shared_anonymous_kib),
                         [SMAPS_PRIVATE_DIRTY] = KIB(OWN_PAGES - shared_anonymous_kib)}        },
        {.start = UINT64_C(0x7fff00000000),
         .end = UINT64_C(0x7fff00002000),
         .name = SLICE("[vdso]"),
         .value_bytes = {[SMAPS_RSS] = KIB(8), [SMAPS_SHARED_CLEAN] = KIB(8)}},
    };
    *process = (struct process){.pid = pid, .ppid = ppid, .files = PROCESS_STAT | PROCESS_SMAPS};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        address_space_digest_add(&process->digest, &blocks[i]);
        process->smaps.blocks++;
        process->smaps.bytes[SMAPS_RSS] += blocks[i].value_bytes[SMAPS_RSS];
    }
}

static int set_up(void **state)
{
    (void)state;
    snapshot = snapshot_of_nothing(4096);
    snapshot->processes = calloc(8, sizeof *snapshot->processes);
    assert_non_null(snapshot->processes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    snapshot_free(snapshot);
    return 0;
}

static void add(uint64_t pid, uint64_t ppid, uint64_t address, uint64_t shared_anonymous_kib)
{
    begin_process(&snapshot->processes[snapshot->process_count++], pid, ppid, address,
                  shared_anonymous_kib);
}

static void parent_and_child_and_brothers_are_found(void **state)
{
    (void)state;
    add(10, 1, 0x10000, 0);  /* father of 11 and 12 */
    add(11, 10, 0x10000, 0); /* brothers */
    add(12, 10, 0x10000, 0);
    add(20, 1, 0x50000, 0); /* stands elsewhere */
    assert_true(address_spaces_find(snapshot));
    assert_int_equal(snapshot->processes[0].address_space, 1);
    assert_int_equal(snapshot->processes[1].address_space, 1);
    assert_int_equal(snapshot->processes[2].address_space, 1);
    assert_int_equal(snapshot->processes[3].address_space, 0);
    assert_false(process_repeats_address_space(snapshot, 0));
    assert_true(process_repeats_address_space(snapshot, 1));
    assert_true(process_repeats_address_space(snapshot, 2));
    assert_false(process_repeats_address_space(snapshot, 3));
}

static void a_fork_is_not_one(void **state)
{
    (void)state;
    add(10, 1, 0x10000, 4);
    add(11, 10, 0x10000, 4);
    add(12, 10, 0x10000, 4);
    assert_true(address_spaces_find(snapshot));
    for (size_t i = 0; i < snapshot->process_count; i++)
        assert_int_equal(snapshot->processes[i].address_space, 0);
}

static void data_that_fork_left_shared_tells_it_too(void **state)
{
    (void)state;
    add(10, 1, 0x10000, 0);
    add(11, 10, 0x10000, 0);
    const struct smaps_mapping data = {
        .inode = 7,
        .value_bytes = {[SMAPS_ANONYMOUS] = KIB(8),
                        [SMAPS_SHARED_DIRTY] = KIB(4),
                        [SMAPS_PRIVATE_DIRTY] = KIB(4)}
    };
    for (size_t i = 0; i < 2; i++)
        address_space_digest_add(&snapshot->processes[i].digest, &data);
    assert_true(address_spaces_find(snapshot));
    assert_int_equal(snapshot->processes[1].address_space, 0);
}

static void strangers_that_look_alike_are_two(void **state)
{
    (void)state;
    add(10, 5, 0x10000, 0);
    add(11, 6, 0x10000, 0);
    assert_true(address_spaces_find(snapshot));
    assert_int_equal(snapshot->processes[0].address_space, 0);
    assert_int_equal(snapshot->processes[1].address_space, 0);
}

static void what_was_cut_or_differs_in_one_figure_is_not_the_same(void **state)
{
    (void)state;
    add(10, 1, 0x10000, 0);
    add(11, 10, 0x10000, 0);
    add(12, 11, 0x10000, 0);
    snapshot->processes[1].files |= PROCESS_SMAPS_CUT;
    snapshot->processes[2].digest.hash++;
    assert_true(address_spaces_find(snapshot));
    for (size_t i = 0; i < snapshot->process_count; i++)
        assert_int_equal(snapshot->processes[i].address_space, 0);
}

static void tell(uint64_t pid, uint64_t first)
{
    struct told_spaces *told = &snapshot->told_spaces;
    if (!told->pairs)
        told->pairs = calloc(4, sizeof *told->pairs);
    assert_non_null(told->pairs);
    told->pairs[told->count++] = (struct told_space){pid, first};
}

static void what_the_kernel_told_needs_no_likeness(void **state)
{
    (void)state;
    add(10, 5, 0x10000, 4);
    add(11, 6, 0x50000, 4);
    add(12, 6, 0x60000, 4);
    tell(12, 10);
    tell(12, 99); /* ended before its memory was read */
    tell(12, 12);
    assert_true(address_spaces_find(snapshot));
    assert_int_equal(snapshot->processes[0].address_space, 1);
    assert_int_equal(snapshot->processes[1].address_space, 0);
    assert_int_equal(snapshot->processes[2].address_space, 1);
}

static void who_was_compared_and_not_told_is_alone(void **state)
{
    (void)state;
    add(10, 1, 0x10000, 0);
    add(11, 10, 0x10000, 0);
    snapshot->told_spaces.complete = true;
    assert_true(address_spaces_find(snapshot));
    assert_int_equal(snapshot->processes[1].address_space, 0);
    snapshot->told_spaces.complete = false;
    assert_true(address_spaces_find(snapshot));
    assert_int_equal(snapshot->processes[1].address_space, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parent_and_child_and_brothers_are_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fork_is_not_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(data_that_fork_left_shared_tells_it_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_kernel_told_needs_no_likeness, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_was_compared_and_not_told_is_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strangers_that_look_alike_are_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_cut_or_differs_in_one_figure_is_not_the_same,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
