/* analyzer/account/moved_memory.c, and what set_sharing.c says of such memory. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/moved_memory.h"
#include "analyzer/account/set_sharing.h"

#define HERE  UINT64_C(0x700000000000)
#define THERE UINT64_C(0x710000000000)
#define OTHER UINT64_C(0x720000000000)

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static struct shared_stretches stretches;

static void put(uint64_t pid, uint64_t start, unsigned rss_kib, unsigned pss_kib)
{
    const struct block blocks[] = {
        {.start = start,
         .end = start + KIB(rss_kib),
         .rss = rss_kib,
         .pss = pss_kib,
         .shared_clean = rss_kib}
    };
    char *text = BLOCKS_TEXT(blocks);
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .comm = "sh", .smaps = text});
    free(text);
}

/* fork left 1200 KiB to 10, 11 and 12, which 12 has moved; and 800 KiB to 20 and 21, who are none of
 * them. A kernel thread tells that nobody is hidden. */
static int set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    put(10, HERE, 1200, 400);
    put(11, HERE, 1200, 400);
    put(12, THERE, 1200, 400);
    put(20, OTHER, 800, 400);
    put(21, OTHER, 800, 400);
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    snapshot = tree_load(&tree);
    for (size_t i = 0; i < snapshot->process_count; i++)
        snapshot->processes[i].address_space = 0; /* equal figures are chance here */
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

static struct set_sharing figures_of(uint64_t first_pid, uint64_t last_pid)
{
    struct failure why = {0};
    uint32_t set_of[8];
    for (size_t i = 0; i < snapshot->process_count; i++) {
        uint64_t pid = snapshot->processes[i].pid;
        set_of[i] = pid >= first_pid && pid <= last_pid ? 0 : NO_SET;
    }
    struct set_sharing *figures = set_sharing_compute(&stretches, set_of, 1, &why);
    assert_non_null(figures);
    struct set_sharing set = *figures;
    free(figures);
    return set;
}

static void expect_holds(struct byte_range range, uint64_t bytes)
{
    assert_true(range.low <= bytes);
    assert_true(range.high >= bytes);
}

static void a_page_at_two_addresses_is_one_page(void **state)
{
    (void)state;
    struct set_sharing all = figures_of(10, 12);
    assert_int_equal(all.footprint.low, KIB(1200));
    assert_int_equal(all.footprint.high, KIB(1200));
    assert_int_equal(all.last_mapped.low, KIB(1200));
    assert_int_equal(all.with_others.high, 0);
}

static void who_stays_at_its_address_shares_with_the_one_that_moved(void **state)
{
    (void)state;
    struct set_sharing both = figures_of(10, 11), moved = figures_of(12, 12);
    expect_holds(both.footprint, KIB(1200));
    assert_int_equal(both.last_mapped.high, 0);
    assert_int_equal(moved.footprint.high, KIB(1200));
    assert_int_equal(moved.last_mapped.high, 0);
}

static void another_family_stays_as_it_is(void **state)
{
    (void)state;
    struct moved_memory moved;
    struct stretch_cursor cursor = {0};
    struct shared_stretch stretch;
    size_t stay = 0;
    assert_true(moved_memory_find(&stretches, &moved));
    while (shared_stretches_next(&stretches, &cursor, &stretch))
        stay += !moved_memory_has(&moved, &stretch);
    assert_int_equal(stay, 1);
    assert_true(moved_memory_stretch(&moved, &stretch));
    assert_true(stretch.closed);
    assert_int_equal(stretch.count, 3);
    moved_memory_deinit(&moved);
    struct set_sharing one = figures_of(20, 20), both = figures_of(20, 21);
    assert_int_equal(one.last_mapped.high, 0);
    assert_int_equal(both.footprint.high, KIB(800));
    assert_int_equal(both.last_mapped.low, KIB(800));
}

#define IN_TREE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(a_page_at_two_addresses_is_one_page),
        IN_TREE(who_stays_at_its_address_shares_with_the_one_that_moved),
        IN_TREE(another_family_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
