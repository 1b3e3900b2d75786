/* analyzer/account/page_usage.c and page_census.c. */
#include "tests/unit/account/page_fixture.h"

#include "analyzer/account/page_census.h"
#include "analyzer/account/page_usage.h"

#define PAGE UINT64_C(4096)
#define ANON (PAGES_FLAG_ANON | PAGES_FLAG_SWAPBACKED)

static struct page_sharing sharing;
static struct page_usage *usages;

static int tear_down(void **state)
{
    free(usages);
    usages = NULL;
    page_sharing_deinit(&sharing);
    return pages_tear_down(state);
}

static void compute(void)
{
    struct failure why = {0};
    page_runs_sort(&pages_snapshot->pages.frames);
    page_runs_sort(&pages_snapshot->pages.slots);
    assert_true(page_sharing_compute(pages_snapshot, &sharing, &why));
    usages = page_usage_compute(&sharing, pages_snapshot, &why);
    assert_non_null(usages);
}

static void figures_are_those_of_the_kernel(void **state)
{
    (void)state;
    pages_give(0, 0, 100, 10, 1, ANON | PAGES_FLAG_THP);
    pages_give(0, 1, 500, 7, 3, PAGES_FLAG_FILE);
    pages_give(0, 0, 600, 5, 10, ANON | PAGES_FLAG_KSM | PAGE_REPEATS);
    pages_give(0, 0, 1024, 512, 1, ANON | PAGES_FLAG_HUGE);
    pages_give(0, 0, 7, 100, 0, PAGES_FLAG_ZERO_PAGE | PAGE_REPEATS);
    pages_snapshot->pages.mappings[0].device = 3;
    pages_snapshot->pages.mappings[0].special = 2;
    compute();
    const struct page_usage *usage = &usages[0];
    assert_true(usage->known);
    assert_int_equal(usage->rss, 22 * PAGE);
    assert_int_equal(usage->uss, 10 * PAGE);
    /* 7 / 3 and 5 / 10, each page rounded down to 1/4096 byte */
    assert_int_equal(usage->pss,
                     10 * PAGE + (7 * ((PAGE << 12) / 3) + 5 * ((PAGE << 12) / 10)) / 4096);
    assert_int_equal(usage->merged, 5 * PAGE);
    assert_int_equal(usage->thp, 10 * PAGE);
    assert_int_equal(usage->huge, 512 * PAGE);
    assert_int_equal(usage->device, 3 * PAGE);
    assert_int_equal(usage->special, 2 * PAGE);
    assert_int_equal(usages[1].rss, 0);
}

static void swap_slots_are_divided(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        assert_true(page_runs_add(&pages_snapshot->pages.slots, (struct page_run){.mapping = 2 * i},
                                  50, 8 + 4 * i));
    pages_snapshot->pages.mappings[4].unread = 1;
    compute();
    assert_int_equal(usages[0].swap, 8 * PAGE);
    assert_int_equal(usages[0].swap_pss, 4 * PAGE);
    assert_int_equal(usages[1].swap, 12 * PAGE);
    assert_int_equal(usages[1].swap_pss, 8 * PAGE);
    assert_false(usages[2].known);
    assert_int_equal(usages[2].unread, PAGE);
}

static void totals_count_once_and_as_mapped(void **state)
{
    (void)state;
    struct page_totals totals;
    pages_give(0, 1, 500, 7, 2, PAGES_FLAG_FILE);
    pages_give(1, 1, 500, 7, 2, PAGES_FLAG_FILE);
    pages_give(0, 0, 600, 5, 5, ANON | PAGES_FLAG_KSM | PAGE_REPEATS);
    compute();
    page_totals_compute(&sharing, &totals);
    assert_int_equal(totals.kinds[OBJECT_FILE].once, 7 * PAGE);
    assert_int_equal(totals.kinds[OBJECT_FILE].mapped, 14 * PAGE);
    assert_int_equal(totals.merged.once, PAGE);
    assert_int_equal(totals.merged.mapped, 5 * PAGE);
    assert_int_equal(totals.resident.once, 8 * PAGE);
}

static void every_frame_is_in_one_class(void **state)
{
    (void)state;
    struct page_census census;
    assert_false(page_census_compute(pages_snapshot, &census));
    snapshot_give(pages_snapshot, "derived/census",
                  "census 1\npage_bytes 4096\nframes 100\nwithin_ram yes\ncounts no\n"
                  "flags 20 pages 30 mapped 0\nflags 80 pages 5 mapped 0\n"
                  "flags 400 pages 45 mapped 0\nflags 820 pages 20 mapped 0\n"
                  "end rows 4 complete yes\n");
    assert_true(page_census_compute(pages_snapshot, &census));
    assert_true(census.is_whole && census.within_ram);
    assert_int_equal(census.frame_bytes, 100 * PAGE);
    assert_int_equal(census.all.bytes, 100 * PAGE);
    assert_int_equal(census.classes[PAGE_CLASS_FREE].bytes, 45 * PAGE);
    assert_int_equal(census.classes[PAGE_CLASS_SLAB].bytes, 5 * PAGE);
    assert_int_equal(census.classes[PAGE_CLASS_FILE].bytes, 50 * PAGE);
    assert_int_equal(census.classes[PAGE_CLASS_FILE].mapped_bytes, 20 * PAGE);
}

#define IN_TREE(function) cmocka_unit_test_setup_teardown(function, pages_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(figures_are_those_of_the_kernel),
        IN_TREE(swap_slots_are_divided),
        IN_TREE(totals_count_once_and_as_mapped),
        IN_TREE(every_frame_is_in_one_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
