/* Sets with members of which only the rollup or status was read (analyzer/account/set_unread.c), or
 * whose kernel does not print all that smaps has today. */
#include "tests/unit/model/one_tree.h"

#include "analyzer/account/object_usage.h"
#include "analyzer/account/set_growth.h"
#include "analyzer/account/set_sharing.h"

static const char rollup[] = "10000-7ffff000 ---p 00000000 00:00 0                       [rollup]\n"
                             "Rss:                1000 kB\nPss:                 700 kB\n"
                             "Shared_Clean:        400 kB\nShared_Dirty:          0 kB\n"
                             "Private_Clean:       200 kB\nPrivate_Dirty:       400 kB\n"
                             "Anonymous:           500 kB\nShared_Hugetlb:        0 kB\n"
                             "Private_Hugetlb:    2048 kB\nSwap:                 64 kB\n"
                             "SwapPss:              64 kB\n";
static const char status[] = "Name:\tgone\nPid:\t30\nUid:\t0\t0\t0\t0\nVmRSS:\t    1000 kB\n"
                             "VmSwap:\t      64 kB\nVmPTE:\t      36 kB\nThreads:\t1\n";

/* The set of all processes. */
static struct set_sharing figures_of_all(void)
{
    struct snapshot *snapshot = tree_load(&tree);
    struct shared_stretches stretches;
    struct failure why = {0};
    const uint32_t set_of[2] = {0};
    assert_in_range(snapshot->process_count, 1, 2);
    assert_true(shared_stretches_compute(snapshot, &stretches, &why));
    struct set_sharing *figures = set_sharing_compute(&stretches, set_of, 1, &why);
    assert_non_null(figures);
    struct set_sharing set = *figures;
    free(figures);
    shared_stretches_deinit(&stretches);
    snapshot_free(snapshot);
    return set;
}

static void put_shell(uint64_t pid, bool has_swap_pss)
{
    const struct block blocks[] = {
        {.start = 0x10000,
         .end = 0x10000 + MIB(1),
         .rss = 24,
         .pss = 24,
         .private_dirty = 24,
         .swap = 128,
         .swap_pss = 128}
    };
    char *text = BLOCKS_TEXT(blocks);
    char *old = text_with(text, "SwapPss", "NotKnown");
    tree_put_process(&tree, &(struct tree_process){
                                .pid = pid, .comm = "sh", .smaps = has_swap_pss ? text : old});
    free(old);
    free(text);
}

/* It ended between the passes, as compilers do. */
static void a_rollup_alone_bounds_from_below(void **state)
{
    (void)state;
    put_shell(10, true);
    tree_put(&tree, "proc/30/status", status);
    tree_put(&tree, "proc/30/smaps_rollup", rollup);
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.unread, 1);
    assert_int_equal(set.address_spaces, 2);
    assert_int_equal(set.unread_spaces, 0);
    assert_int_equal(set.rss_bytes, KIB(24 + 1000));
    assert_int_equal(set.uss_bytes, KIB(24 + 600));
    assert_int_equal(set.pss.low, KIB(24 + 700));
    assert_int_equal(set.pss.high, KIB(24 + 700 + 1));
    assert_int_equal(set.footprint.low, KIB(24 + 600 + 2048));
    assert_int_equal(set.footprint.high, KIB(24 + 1000 + 2048));
    assert_int_equal(set.last_mapped.low, KIB(24 + 600 + 2048));
    assert_int_equal(set.fate[FATE_HUGE].low, KIB(2048));
    assert_int_equal(set.fate[FATE_FREE].low,
                     KIB(24 + 500 - 400)); /* shared pages may be the anonymous ones */
    assert_int_equal(set.swap.low, KIB(128 + 64));
    assert_int_equal(set.swap.high, KIB(128 + 64));
    struct set_growth growth = set_growth_of(&set, amount_of(MIB(1)));
    assert_int_equal(growth.one_more.bytes, KIB((24 + 600) / 2 + 36 / 2));
}

/* Whatever maps may say of other processes: what this one maps is not known. */
static void a_rollup_alone_tells_no_mappers(void **state)
{
    (void)state;
    put_shell(10, true);
    struct snapshot *snapshot = tree_load(&tree);
    assert_true(objects_all_mappers_read(snapshot));
    snapshot_free(snapshot);
    tree_put(&tree, "proc/30/smaps_rollup", rollup);
    snapshot = tree_load(&tree);
    assert_false(objects_all_mappers_read(snapshot));
    snapshot_free(snapshot);
}

static void swap_of_who_was_not_read_may_be_free_too(void **state)
{
    (void)state;
    put_shell(10, true);
    tree_put(&tree, "proc/30/status", status);
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.unread_spaces, 1);
    assert_int_equal(set.uss_bytes, KIB(24));
    assert_int_equal(set.swap.low, KIB(128));
    assert_int_equal(set.swap.high, KIB(128 + 64));
}

/* Kernels before 4.3. */
static void swap_without_swap_pss_is_at_most_all(void **state)
{
    (void)state;
    put_shell(10, false);
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.swap.low, 0);
    assert_int_equal(set.swap.high, KIB(128));
}

/* Its last mapping is missing, and statm knows how much that may hold. */
static void a_cut_smaps_holds_as_much_more_as_the_kernel_counts(void **state)
{
    (void)state;
    put_shell(10, true);
    const struct block blocks[] = {
        {.start = 0x10000, .end = 0x20000, .rss = 8,        .pss = 4,               .shared_clean = 8, .inode = 7},
        {.start = 0x30000,                .end = 0x40000,               .rss = 8, .pss = 8, .private_dirty = 8         },
    };
    char *text = BLOCKS_TEXT(blocks);
    text[strlen(text) - 8] = '\0';
    tree_put_process(&tree, &(struct tree_process){.pid = 30, .comm = "cut", .smaps = text});
    free(text);
    tree_put(&tree, "proc/30/status", status);
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.unread, 1);
    assert_int_equal(set.rss_bytes, KIB(24 + 1000));
    assert_int_equal(set.footprint.low, KIB(24 + 8));
    assert_int_equal(set.footprint.high, KIB(24 + 1000));
    assert_int_equal(set.swap.high, KIB(128 + 64));
    /* What the file's mapping shares may be shared with the missing one. */
    assert_int_equal(set.with_others.low, 0);
}

/* Not one mapping is left, and no other file tells its size: it is no process without memory. */
static void a_smaps_cut_in_its_first_mapping_has_no_upper_bound(void **state)
{
    (void)state;
    put_shell(10, true);
    tree_put_process(&tree, &(struct tree_process){.pid = 30,
                                                   .comm = "cut",
                                                   .smaps = "00010000-00020000 rw-p 00000000 "
                                                            "00:00 0 \nSize:      64 kB\nRss: "});
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.unread, 1);
    assert_true(set.unread_unbounded);
}

static void without_pss_the_bounds_are_uss_and_rss(void **state)
{
    (void)state;
    const struct block block = {.start = 0x10000,
                                .end = 0x10000 + MIB(1),
                                .rss = 64,
                                .private_dirty = 24,
                                .shared_clean = 40};
    char *text = blocks_text(&block, 1), *without = text_with(text, "Pss", "Not");
    tree_put_process(&tree, &(struct tree_process){.pid = 10, .comm = "sh", .smaps = without});
    free(text);
    free(without);
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.pss.low, KIB(24));
    assert_int_equal(set.pss.high, KIB(64));
    assert_int_equal(set.footprint.low, KIB(64));
    assert_int_equal(set.last_mapped.low, KIB(24));
}

/* Kernels before 4.4, of a mapping that has a page of 2 MiB. */
static void huge_pages_that_smaps_does_not_tell_are_at_most_the_mapping(void **state)
{
    (void)state;
    const struct block block = {.start = MIB(2), .end = MIB(6), .private_hugetlb = 2048};
    char *text = blocks_text(&block, 1);
    char *one = text_with(text, "Shared_Hugetlb", "NotKnown1"),
         *both = text_with(one, "Private_Hugetlb", "NotKnown2"),
         *huge = text_with(both, "KernelPageSize:        4", "KernelPageSize:     2048");
    tree_put_process(&tree, &(struct tree_process){.pid = 10, .comm = "db", .smaps = huge});
    tree_put(&tree, "proc/1/smaps", /* tells the size of a page */
             "00010000-00011000 rw-p 00000000 00:00 0 \nSize:                  4 kB\n"
             "KernelPageSize:        4 kB\nRss:                   0 kB\n");
    free(text);
    free(one);
    free(both);
    free(huge);
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.fate[FATE_HUGE].low, 0);
    assert_int_equal(set.fate[FATE_HUGE].high, MIB(4));
    assert_int_equal(set.footprint.low, 0);
    assert_int_equal(set.footprint.high, MIB(4));
    assert_int_equal(set.with_others.high, MIB(4));
}

/* vfork: what the parent's smaps has counts, and the child that ended adds nothing. */
static void who_shares_an_address_space_that_was_read_is_not_unread(void **state)
{
    (void)state;
    put_shell(10, true);
    tree_put(&tree, "proc/30/status", status);
    tree_put(&tree, "proc/30/smaps_rollup", rollup);
    tree_put(&tree, "derived/shared_mm",
             "shared pid 30 first 10\ncompared processes 2 refused 0\n");
    struct set_sharing set = figures_of_all();
    assert_int_equal(set.rss_bytes, KIB(24));
    assert_int_equal(set.footprint.high, KIB(24));
    assert_int_equal(set.unread, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(a_rollup_alone_bounds_from_below),
        IN_TREE(a_rollup_alone_tells_no_mappers),
        IN_TREE(swap_of_who_was_not_read_may_be_free_too),
        IN_TREE(swap_without_swap_pss_is_at_most_all),
        IN_TREE(a_cut_smaps_holds_as_much_more_as_the_kernel_counts),
        IN_TREE(a_smaps_cut_in_its_first_mapping_has_no_upper_bound),
        IN_TREE(without_pss_the_bounds_are_uss_and_rss),
        IN_TREE(huge_pages_that_smaps_does_not_tell_are_at_most_the_mapping),
        IN_TREE(who_shares_an_address_space_that_was_read_is_not_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
