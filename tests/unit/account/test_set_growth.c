/* analyzer/account/set_growth.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/set_growth.h"

static void assert_range(struct byte_range range, uint64_t low, uint64_t high)
{
    assert_int_equal(range.low, low);
    assert_int_equal(range.high, high);
}

static void one_more_has_what_each_has_of_its_own(void **state)
{
    (void)state;
    const struct set_sharing shells = {.address_spaces = 3,
                                       .uss_bytes = MIB(3),
                                       .rss_bytes = MIB(12),
                                       .page_tables = amount_of(KIB(300)),
                                       .kernel_stacks = amount_of(KIB(48))};
    struct set_growth growth = set_growth_of(&shells, amount_of(MIB(100)));
    assert_true(growth.one_more.known);
    assert_int_equal(growth.one_more.bytes, MIB(1) + KIB(116));
    assert_true(growth.fit.known);
    assert_int_equal(growth.fit.bytes, 89); /* 102400 KiB over 1140 KiB */
    assert_int_equal(growth.available.bytes, MIB(100));
}

/* The second process was not read: its private pages are not known, its page tables and stacks are. */
static void one_more_has_the_page_tables_of_each(void **state)
{
    (void)state;
    const struct set_sharing set = {.address_spaces = 1,
                                    .unread_spaces = 1,
                                    .uss_bytes = MIB(3),
                                    .page_tables = amount_of(KIB(80)),
                                    .kernel_stacks = amount_of(KIB(32))};
    assert_int_equal(set_growth_of(&set, AMOUNT_UNKNOWN).one_more.bytes, MIB(3) + KIB(56));
}

static void page_tables_and_stacks_that_are_not_known_are_left_out(void **state)
{
    (void)state;
    const struct set_sharing set = {
        .address_spaces = 2,
        .uss_bytes = MIB(4),
        .page_tables = {KIB(300), false},
        .kernel_stacks = {KIB(48),  false}
    };
    assert_int_equal(set_growth_of(&set, AMOUNT_UNKNOWN).one_more.bytes, MIB(2));
}

/* A second one would share the files that a single process has for itself so far. */
static void private_file_pages_of_one_process_would_be_shared(void **state)
{
    (void)state;
    struct set_sharing set = {.address_spaces = 1, .uss_bytes = MIB(5)};
    set.fate[FATE_CACHE] = (struct byte_range){MIB(2), MIB(3)};
    assert_int_equal(set_growth_of(&set, AMOUNT_UNKNOWN).one_more.bytes, MIB(3));
    set.address_spaces = 2;
    assert_int_equal(set_growth_of(&set, AMOUNT_UNKNOWN).one_more.bytes, MIB(5) / 2);
}

static void what_is_not_known_fits_no_number_of_times(void **state)
{
    (void)state;
    const struct set_sharing unread = {.processes = 2, .unread = 2};
    struct set_growth growth = set_growth_of(&unread, amount_of(MIB(100)));
    assert_false(growth.one_more.known);
    assert_false(growth.fit.known);

    const struct set_sharing empty = {.address_spaces = 1};
    growth = set_growth_of(&empty, amount_of(MIB(100)));
    assert_true(growth.one_more.known);
    assert_int_equal(growth.one_more.bytes, 0);
    assert_false(growth.fit.known);

    const struct set_sharing some = {.address_spaces = 1, .uss_bytes = MIB(1)};
    growth = set_growth_of(&some, AMOUNT_UNKNOWN);
    assert_true(growth.one_more.known);
    assert_false(growth.fit.known);
    growth = set_growth_of(&some, amount_of(MIB(1) - 1));
    assert_true(growth.fit.known);
    assert_int_equal(growth.fit.bytes, 0);
}

static void free_at_once_are_pages_huge_pages_tables_and_stacks(void **state)
{
    (void)state;
    struct set_sharing set = {
        .last_mapped = {MIB(6), MIB(9)},
        .page_tables = amount_of(KIB(100)),
        .kernel_stacks = amount_of(KIB(32))
    };
    set.fate[FATE_FREE] = (struct byte_range){MIB(1), MIB(3)};
    set.fate[FATE_HUGE] = range_of(MIB(4));
    set.fate[FATE_CACHE] = range_of(MIB(1));
    set.fate[FATE_SHMEM] = range_of(MIB(1));
    assert_range(set_freed_at_once(&set), MIB(5) + KIB(132), MIB(7) + KIB(132));
    set.page_tables = set.kernel_stacks = AMOUNT_UNKNOWN;
    assert_range(set_freed_at_once(&set), MIB(5), MIB(7));
}

/* Each fate is bounded by itself: together they may be more than all that nobody else maps. */
static void no_more_pages_are_free_than_nobody_else_maps(void **state)
{
    (void)state;
    struct set_sharing set = {
        .last_mapped = {MIB(4), MIB(6)}
    };
    set.fate[FATE_FREE] = (struct byte_range){0, MIB(5)};
    set.fate[FATE_HUGE] = range_of(MIB(4));
    assert_range(set_freed_at_once(&set), MIB(4), MIB(6));
    set.last_mapped.high = MIB(3); /* figures that contradict each other stay in order */
    assert_range(set_freed_at_once(&set), MIB(4), MIB(4));
    set.fate[FATE_HUGE] = range_of(UINT64_MAX);
    set.last_mapped.high = UINT64_MAX;
    assert_range(set_freed_at_once(&set), UINT64_MAX, UINT64_MAX);
}

static void available_is_what_the_kernel_prints_or_unknown(void **state)
{
    (void)state;
    struct snapshot_tree tree;
    tree_create(&tree);
    tree_put(&tree, "proc/meminfo",
             "MemTotal:        1000000 kB\nMemFree:          400000 kB\n"
             "MemAvailable:     600000 kB\n");
    struct snapshot *snapshot = tree_load(&tree);
    struct amount available = available_memory(snapshot);
    assert_true(available.known);
    assert_int_equal(available.bytes, KIB(600000));
    snapshot_free(snapshot);
    tree_remove(&tree);

    snapshot = snapshot_of_nothing(4096);
    assert_false(available_memory(snapshot).known);
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_more_has_what_each_has_of_its_own),
        cmocka_unit_test(one_more_has_the_page_tables_of_each),
        cmocka_unit_test(page_tables_and_stacks_that_are_not_known_are_left_out),
        cmocka_unit_test(private_file_pages_of_one_process_would_be_shared),
        cmocka_unit_test(what_is_not_known_fits_no_number_of_times),
        cmocka_unit_test(free_at_once_are_pages_huge_pages_tables_and_stacks),
        cmocka_unit_test(no_more_pages_are_free_than_nobody_else_maps),
        cmocka_unit_test(available_is_what_the_kernel_prints_or_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
