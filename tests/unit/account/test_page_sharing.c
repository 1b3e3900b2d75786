/* analyzer/account/page_sharing.c. */
#include "tests/unit/account/page_fixture.h"

#include "analyzer/account/page_sharing.h"

static struct page_sharing sharing;

static int set_up(void **state)
{
    return pages_set_up(state);
}

static int tear_down(void **state)
{
    page_sharing_deinit(&sharing);
    return pages_tear_down(state);
}

static void compute(void)
{
    struct failure why = {0};
    page_runs_sort(&pages_snapshot->pages.frames);
    page_runs_sort(&pages_snapshot->pages.slots);
    assert_true(page_sharing_compute(pages_snapshot, &sharing, &why));
}

/* The row of a set given as bits by process. */
static const struct page_share *row(const struct page_shares *shares, unsigned members,
                                    enum object_kind kind, unsigned flags)
{
    for (size_t i = 0; i < shares->count; i++) {
        const struct page_set *set = &sharing.sets.sets[shares->rows[i].set];
        unsigned bits = 0;
        for (uint32_t j = 0; j < set->count; j++)
            bits |= 1u << sharing.sets.members[set->first_member + j];
        if (bits == members && shares->rows[i].kind == kind && shares->rows[i].flags == flags)
            return &shares->rows[i];
    }
    return NULL;
}

static void pages_go_to_who_maps_them_and_to_what_they_are(void **state)
{
    (void)state;
    pages_give(0, 0, 100, 10, 1, PAGES_FLAG_ANON | PAGES_FLAG_SWAPBACKED);
    pages_give(0, 1, 500, 8, 3, PAGES_FLAG_FILE);
    pages_give(1, 1, 500, 8, 3, PAGES_FLAG_FILE);
    pages_give(2, 1, 500, 8, 3, PAGES_FLAG_FILE);
    pages_give(1, 1, 600, 2, 2,
               PAGES_FLAG_ANON | PAGES_FLAG_SWAPBACKED); /* copied on write, then fork */
    pages_give(2, 1, 600, 2, 2, PAGES_FLAG_ANON | PAGES_FLAG_SWAPBACKED);
    compute();
    assert_int_equal(row(&sharing.pages, 1, OBJECT_ANON, 0)->pages, 10);
    const struct page_share *libc = row(&sharing.pages, 7, OBJECT_FILE, 0);
    assert_int_equal(libc->pages, 8);
    assert_int_equal(libc->times, 24);
    assert_int_equal(row(&sharing.pages, 6, OBJECT_ANON, 0)->pages, 2);
    assert_int_equal(sharing.pages.count, 3);
    assert_int_equal(sharing.moved_pages, 0);
    assert_true(sharing.all_read);
}

static void who_was_not_read_is_told_by_the_kernels_count(void **state)
{
    (void)state;
    pages_give(0, 1, 500, 8, 2, PAGES_FLAG_FILE);
    pages_give(0, 1, 508, 8, 1, PAGES_FLAG_FILE);
    compute();
    assert_int_equal(row(&sharing.pages, 1, OBJECT_FILE, SHARE_OTHERS)->pages, 8);
    assert_int_equal(row(&sharing.pages, 1, OBJECT_FILE, 0)->pages, 8);
}

static void what_changed_meanwhile_is_counted(void **state)
{
    (void)state;
    pages_give(0, 0, 100, 4, 1, PAGES_FLAG_ANON);
    pages_give(1, 0, 102, 2, 1, PAGES_FLAG_ANON); /* two map them, and each saw one */
    pages_give(0, 0, 200, 1, 2, PAGES_FLAG_ANON);
    pages_give(1, 0, 200, 1, 3, PAGES_FLAG_ANON);
    pages_give(0, 0, 300, 1, 1, PAGES_FLAG_FILE | PAGES_FLAG_HUGE);
    pages_give(1, 0, 300, 1, 1, PAGES_FLAG_FILE | PAGES_FLAG_HUGE); /* shared page tables */
    compute();
    assert_int_equal(sharing.moved_pages, 3);
    assert_int_equal(row(&sharing.pages, 3, OBJECT_HUGETLB, 0)->pages, 1);
}

static void merged_pages_count_once_and_as_often_as_mapped(void **state)
{
    (void)state;
    pages_give(0, 0, 100, 300, 302, PAGES_FLAG_ANON | PAGES_FLAG_KSM | PAGE_REPEATS);
    pages_give(1, 0, 100, 2, 302, PAGES_FLAG_ANON | PAGES_FLAG_KSM | PAGE_REPEATS);
    compute();
    const struct page_share *merged = row(&sharing.pages, 3, OBJECT_ANON, SHARE_MERGED);
    assert_int_equal(merged->pages, 1);
    assert_int_equal(merged->times, 302);
}

static void the_zero_page_and_devices_are_nobodys(void **state)
{
    (void)state;
    pages_give(0, 0, 100, 300, 0, PAGES_FLAG_ZERO_PAGE | PAGE_REPEATS);
    pages_give(0, 0, 900, 16, 0, PAGES_FLAG_RESERVED);
    compute();
    assert_int_equal(sharing.pages.count, 0);
}

static void a_slot_that_fork_left_to_two_is_of_both(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        assert_true(page_runs_add(&pages_snapshot->pages.slots, (struct page_run){.mapping = 2 * i},
                                  50, 16 - 8 * i));
    compute();
    assert_int_equal(row(&sharing.slots, 3, OBJECT_ANON, 0)->pages, 8);
    assert_int_equal(row(&sharing.slots, 1, OBJECT_ANON, 0)->pages, 8);
}

static void a_process_without_pages_is_missed(void **state)
{
    (void)state;
    pages_snapshot->processes[1].files |= PROCESS_PAGES_CUT;
    compute();
    assert_false(sharing.all_read);
}

#define IN_TREE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(pages_go_to_who_maps_them_and_to_what_they_are),
        IN_TREE(who_was_not_read_is_told_by_the_kernels_count),
        IN_TREE(what_changed_meanwhile_is_counted),
        IN_TREE(merged_pages_count_once_and_as_often_as_mapped),
        IN_TREE(the_zero_page_and_devices_are_nobodys),
        IN_TREE(a_slot_that_fork_left_to_two_is_of_both),
        IN_TREE(a_process_without_pages_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
