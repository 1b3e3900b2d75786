/* analyzer/account/set_sharing.c, with the stretches and sets under it. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/process_group.h"
#include "analyzer/account/set_growth.h"

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static struct shared_stretches stretches;

enum { SHELLS = 3 };

/* Shells of 4 MiB that share 3 MiB of a library; and a kernel thread, which tells that nobody is
 * hidden. */
static int set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    for (uint64_t i = 0; i < SHELLS; i++) {
        const struct block blocks[] = {
            {.start = 0x10000 + (i << 32),
             .end = MIB(1) + 0x10000 + (i << 32),
             .rss = 1024,
             .pss = 1024,
             .private_dirty = 1024},
            { .start = UINT64_C(0x700000000000) + (i << 32),
             .end = UINT64_C(0x700000000000) + (i << 32) + MIB(3),
             .permissions = "r-xp",
             .inode = 7,
             .name = "/lib/libc.so",
             .rss = 3072,
             .pss = 1024,
             .shared_clean = 3072},
        };
        char *text = BLOCKS_TEXT(blocks);
        tree_put_process(&tree, &(struct tree_process){.pid = 10 + i, .comm = "sh", .smaps = text});
        free(text);
    }
    const struct block same[] = {
        {.start = UINT64_C(0x600000000000),
         .end = UINT64_C(0x600000000000) + MIB(4),
         .rss = 4096,
         .pss = 16,
         .shared_clean = 4096}
    };
    char *plain = BLOCKS_TEXT(same), *mergeable = text_with(plain, "VmFlags: ", "VmFlags: mg ");
    tree_put_process(&tree, &(struct tree_process){.pid = 20, .comm = "same", .smaps = mergeable});
    free(plain);
    free(mergeable);
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    snapshot = tree_load(&tree);
    struct failure why = {0};
    assert_true(shared_stretches_compute(snapshot, &stretches, &why));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shared_stretches_deinit(&stretches);
    snapshot_free(snapshot);
    tree_remove(&tree);
    return 0;
}

static struct set_sharing figures_of(const char *pids)
{
    struct failure why = {0};
    struct process_groups groups;
    assert_true(process_group_of_pids(snapshot, pids, &groups, &why));
    struct set_sharing *figures =
        set_sharing_compute(&stretches, groups.set_of, groups.count, &why);
    assert_non_null(figures);
    struct set_sharing set = figures[0];
    free(figures);
    process_groups_deinit(&groups);
    return set;
}

static void three_shells_of_4_mib_hold_6(void **state)
{
    (void)state;
    assert_true(stretches.all_mappers_read);
    struct set_sharing set = figures_of("10,11,12");
    assert_int_equal(set.rss_bytes, MIB(12));
    assert_int_equal(set.footprint.low, MIB(6));
    assert_int_equal(set.footprint.high, MIB(6));
    assert_int_equal(set.last_mapped.low, MIB(6));
    /* These smaps have no "Anonymous": the library's pages may be copies, for all they say. */
    assert_int_equal(set.fate[FATE_FREE].low, MIB(3));
    assert_int_equal(set.fate[FATE_FREE].high, MIB(6));
    assert_int_equal(set.fate[FATE_CACHE].low, 0);
    assert_int_equal(set.fate[FATE_CACHE].high, MIB(3));
    assert_int_equal(set.with_others.high, 0);
}

static void one_or_two_of_them_give_back_their_own_only(void **state)
{
    (void)state;
    struct set_sharing one = figures_of("11"), two = figures_of("10,12");
    assert_int_equal(one.footprint.high, MIB(4));
    assert_int_equal(one.last_mapped.high, MIB(1));
    assert_int_equal(two.footprint.low, MIB(5));
    assert_int_equal(two.footprint.high, MIB(5));
    assert_int_equal(two.last_mapped.low, MIB(2));
    assert_int_equal(two.last_mapped.high, MIB(2));
    assert_int_equal(two.with_others.low, MIB(3));
}

/* 4 MiB of equal pages of which KSM left four: RSS counts each of them 256 times. */
static void merged_pages_are_not_as_many_as_rss(void **state)
{
    (void)state;
    struct set_sharing set = figures_of("20");
    assert_true(set.footprint.low <= KIB(16));
    assert_true(set.footprint.high >= KIB(16));
    assert_int_equal(set.last_mapped.low, 0);
    assert_true(set.last_mapped.high >= KIB(16));
}

/* vfork: 11 runs in the memory of 10. Either of them maps it, and leaves it to the other. */
static void who_shares_an_address_space_maps_all_of_it(void **state)
{
    (void)state;
    snapshot->processes[1].address_space = snapshot->processes[2].address_space = 2;
    struct set_sharing first = figures_of("10"), second = figures_of("11"), both;
    both = figures_of("10,11");
    snapshot->processes[1].address_space = snapshot->processes[2].address_space = 0;
    const struct set_sharing *one[] = {&first, &second};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(one[i]->address_spaces, 1);
        assert_int_equal(one[i]->rss_bytes, MIB(4));
        assert_int_equal(one[i]->uss_bytes, MIB(1));
        assert_int_equal(one[i]->footprint.low, MIB(2)); /* its PSS */
        assert_int_equal(one[i]->footprint.high, MIB(4));
        assert_int_equal(one[i]->with_others.low, MIB(1));
        assert_int_equal(one[i]->with_others.high, MIB(4));
        assert_int_equal(one[i]->last_mapped.high, 0);
    }
    assert_int_equal(both.address_spaces, 1);
    assert_int_equal(both.rss_bytes, MIB(4));
    assert_int_equal(both.last_mapped.low, MIB(1));
}

/* Smaps of another user's process is refused, but not its status. */
static void page_tables_of_who_could_not_be_read_are_freed_too(void **state)
{
    (void)state;
    struct snapshot_tree small;
    tree_create(&small);
    tree_put(&small, "proc/30/status",
             "Name:\tsecret\nPid:\t30\nUid:\t0\t0\t0\t0\nVmRSS:\t     252 kB\nVmPTE:\t      36 kB\n"
             "Threads:\t2\n");
    tree_put(&small, "proc/meminfo", "MemTotal: 65536 kB\nKernelStack: 32 kB\n");
    struct snapshot *loaded = tree_load(&small);
    struct shared_stretches none;
    struct failure why = {0};
    const uint32_t set_of[] = {0};
    assert_true(shared_stretches_compute(loaded, &none, &why));
    struct set_sharing *set = set_sharing_compute(&none, set_of, 1, &why);
    assert_non_null(set);
    assert_int_equal(set->unread, 1);
    assert_int_equal(set->address_spaces, 0);
    assert_int_equal(set->unread_spaces, 1);
    assert_int_equal(set->page_tables.bytes, KIB(36));
    assert_int_equal(set->kernel_stacks.bytes, KIB(32));
    assert_int_equal(set_freed_at_once(set).low, KIB(36 + 32));
    assert_int_equal(set_freed_at_once(set).high, KIB(252 + 36 + 32));
    free(set);
    shared_stretches_deinit(&none);
    snapshot_free(loaded);
    tree_remove(&small);
}

static void pids_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "x", "10,", "10 11", "99", "-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct failure why = {0};
        struct process_groups groups;
        bool taken = process_group_of_pids(snapshot, wrong[i], &groups, &why);
        if (taken) {
            assert_string_equal(wrong[i], "10,"); /* a comma at the end is no harm */
            process_groups_deinit(&groups);
            continue;
        }
        assert_int_equal(why.kind, FAILURE_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_shells_of_4_mib_hold_6, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_or_two_of_them_give_back_their_own_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(merged_pages_are_not_as_many_as_rss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_shares_an_address_space_maps_all_of_it, set_up,
                                        tear_down),
        cmocka_unit_test(page_tables_of_who_could_not_be_read_are_freed_too),
        cmocka_unit_test_setup_teardown(pids_that_are_none_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
