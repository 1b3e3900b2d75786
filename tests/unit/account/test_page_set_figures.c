/* analyzer/account/page_set_figures.c and page_sharing_sets.c. */
#include "tests/unit/account/page_fixture.h"

#include "analyzer/account/page_set_figures.h"
#include "analyzer/account/page_sharing_sets.h"
#include "analyzer/account/process_group.h"

#define ANON (PAGES_FLAG_ANON | PAGES_FLAG_SWAPBACKED)

static struct page_sharing sharing;
static struct shared_stretches stretches;

/* The library of all three, 8 pages, of which somebody else maps 2; 4 pages that fork left to 10 and
 * 11; 16 of each one's own. */
static int set_up(void **state)
{
    pages_set_up(state);
    for (uint32_t i = 0; i < 3; i++) {
        pages_give(i, 0, 1000 + 100 * i, 16, 1, ANON);
        pages_give(i, 1, 500, 6, 3, PAGES_FLAG_FILE);
        pages_give(i, 1, 506, 2, 4, PAGES_FLAG_FILE);
        if (i < 2)
            pages_give(i, 0, 700, 4, 2, ANON);
    }
    for (uint32_t i = 0; i < 2; i++)
        assert_true(page_runs_add(&pages_snapshot->pages.slots, (struct page_run){.mapping = 2 * i},
                                  50, 3 + i));
    assert_true(
        page_runs_add(&pages_snapshot->pages.slots, (struct page_run){.mapping = 4}, 60, 2));
    page_runs_sort(&pages_snapshot->pages.frames);
    page_runs_sort(&pages_snapshot->pages.slots);
    return 0;
}

static int tear_down(void **state)
{
    page_sharing_deinit(&sharing);
    shared_stretches_deinit(&stretches);
    return pages_tear_down(state);
}

static void compute(void)
{
    struct failure why = {0};
    assert_true(page_sharing_compute(pages_snapshot, &sharing, &why));
    assert_true(shared_stretches_compute(pages_snapshot, &stretches, &why));
    stretches.all_mappers_read = true; /* as if kernel threads were seen */
}

static struct set_sharing figures_of(const char *pids)
{
    struct failure why = {0};
    struct process_groups groups;
    assert_true(process_group_of_pids(pages_snapshot, pids, &groups, &why));
    struct set_sharing *figures =
        set_sharing_compute(&stretches, groups.set_of, groups.count, &why);
    assert_non_null(figures);
    assert_true(page_set_figures(&sharing, &stretches, groups.set_of, groups.count, figures, &why));
    struct set_sharing set = figures[0];
    free(figures);
    process_groups_deinit(&groups);
    return set;
}

static void expect(struct byte_range range, uint64_t pages)
{
    assert_int_equal(range.low, pages * 4096);
    assert_int_equal(range.high, pages * 4096);
}

static void one_process_gives_back_its_own(void **state)
{
    (void)state;
    compute();
    struct set_sharing set = figures_of("10");
    assert_true(set.by_pages);
    expect(set.footprint, 16 + 8 + 4);
    expect(set.last_mapped, 16);
    expect(set.with_others, 8 + 4);
    expect(set.fate[FATE_FREE], 16);
    expect(set.fate[FATE_CACHE], 0);
    expect(set.swap, 0);
}

/* Of 12 the last set of pages and the first set of slots are the same processes: itself. */
static void slots_are_counted_where_pages_end(void **state)
{
    (void)state;
    compute();
    struct set_sharing set = figures_of("12");
    expect(set.last_mapped, 16);
    expect(set.swap, 2);
}

static void slots_may_be_shared_with_who_is_hidden(void **state)
{
    (void)state;
    compute();
    stretches.all_mappers_read = false;
    struct set_sharing set = figures_of("12");
    assert_int_equal(set.swap.low, 0); /* as smaps, which has no swap here */
    assert_int_equal(set.swap.high, 2 * 4096);
    expect(set.last_mapped, 16);
}

static void a_family_gives_back_what_fork_left_to_it(void **state)
{
    (void)state;
    compute();
    struct set_sharing set = figures_of("10,11");
    expect(set.footprint, 32 + 8 + 4);
    expect(set.last_mapped, 32 + 4);
    expect(set.swap, 4);
}

static void all_of_them_give_back_the_file_but_for_what_others_map(void **state)
{
    (void)state;
    compute();
    struct set_sharing set = figures_of("10,11,12");
    expect(set.footprint, 48 + 8 + 4);
    expect(set.last_mapped, 48 + 6 + 4);
    expect(set.with_others, 2);
    expect(set.fate[FATE_FREE], 48 + 4);
    expect(set.fate[FATE_CACHE], 6);
}

static void a_set_with_a_member_that_was_not_read_has_bounds(void **state)
{
    (void)state;
    pages_snapshot->processes[1].files |= PROCESS_PAGES_CUT;
    compute();
    assert_false(figures_of("10,11").by_pages);
    assert_true(figures_of("10").by_pages);
    pages_snapshot->processes[1].files &= ~(uint32_t)PROCESS_PAGES_CUT;
    pages_snapshot->pages.mappings[3].unread = 1;
    assert_false(figures_of("11,12").by_pages);
}

static void expect_bounds(struct byte_range range, uint64_t low_pages, uint64_t high_pages)
{
    assert_int_equal(range.low, low_pages * 4096);
    assert_int_equal(range.high, high_pages * 4096);
}

/* Of 12 not all is known, and its RSS is 18 pages: it may map those 2 pages of the library whose other mapper is
 * not known, and as much more as its RSS. */
static void a_member_that_was_not_read_adds_at_most_its_rss(void **state)
{
    (void)state;
    pages_snapshot->processes[2].files |= PROCESS_PAGES_CUT;
    compute();
    struct set_sharing set = figures_of("10,11,12");
    assert_false(set.by_pages);
    expect_bounds(set.footprint, 48 + 8 + 4, 48 + 8 + 4 + 18);
    expect_bounds(set.last_mapped, 48 + 6 + 4, 48 + 6 + 4 + 2 + 18);
    expect_bounds(set.fate[FATE_FREE], 48 + 4, 48 + 4 + 18);
    expect_bounds(set.fate[FATE_CACHE], 6, 6 + 2 + 18);
}

/* vfork: 11 runs in the memory of 10, which is counted for either, and stays when one of them ends. */
static void a_part_of_an_address_space_is_counted_and_stays(void **state)
{
    (void)state;
    pages_snapshot->processes[0].address_space = pages_snapshot->processes[1].address_space = 1;
    compute();
    static const char *const pids[] = {"10", "11"};
    for (size_t i = 0; i < 2; i++) {
        struct set_sharing set = figures_of(pids[i]);
        assert_true(set.by_pages);
        expect(set.footprint, 16 + 8 + 4);
        expect(set.with_others, 16 + 8 + 4);
        expect(set.last_mapped, 0);
    }
    struct set_sharing two = figures_of("11,12");
    expect(two.footprint, 32 + 8 + 4);
    expect(two.last_mapped, 16);
}

static void sets_are_exact_and_leave_out_what_others_map(void **state)
{
    (void)state;
    compute();
    struct failure why = {0};
    struct sharing_sets sets;
    assert_true(page_sharing_sets(&sharing, &sets, &why));
    assert_int_equal(sets.count, 2);
    assert_int_equal(sets.sets[0].count, 3);
    assert_int_equal(sets.sets[0].kind, OBJECT_FILE);
    expect(sets.sets[0].exactly, 6);
    expect(sets.sets[0].distinct, 6);
    assert_int_equal(sets.sets[1].count, 2);
    assert_int_equal(sets.sets[1].kind, OBJECT_ANON);
    expect(sets.sets[1].exactly, 4);
    assert_int_equal(sets.processes[sets.sets[1].first_process + 1], 1);
    sharing_sets_deinit(&sets);
}

static void a_set_has_the_pages_of_sets_that_lie_in_it(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        pages_give(i, 1, 900, 5, 2, PAGES_FLAG_FILE);
    pages_give(1, 1, 950, 7, 2, PAGES_FLAG_FILE);
    pages_give(2, 1, 950, 7, 2, PAGES_FLAG_FILE);
    page_runs_sort(&pages_snapshot->pages.frames);
    compute();
    struct failure why = {0};
    struct sharing_sets sets;
    assert_true(page_sharing_sets(&sharing, &sets, &why));
    assert_int_equal(sets.count, 4);
    for (size_t i = 0; i < sets.count; i++) {
        bool whole = sets.sets[i].count == 3;
        expect(sets.sets[i].distinct, whole ? 6 + 5 + 7 : sets.sets[i].exactly.low / 4096);
    }
    sharing_sets_deinit(&sets);
}

#define IN_TREE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(one_process_gives_back_its_own),
        IN_TREE(slots_are_counted_where_pages_end),
        IN_TREE(slots_may_be_shared_with_who_is_hidden),
        IN_TREE(a_family_gives_back_what_fork_left_to_it),
        IN_TREE(all_of_them_give_back_the_file_but_for_what_others_map),
        IN_TREE(a_set_with_a_member_that_was_not_read_has_bounds),
        IN_TREE(a_member_that_was_not_read_adds_at_most_its_rss),
        IN_TREE(a_part_of_an_address_space_is_counted_and_stays),
        IN_TREE(sets_are_exact_and_leave_out_what_others_map),
        IN_TREE(a_set_has_the_pages_of_sets_that_lie_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
