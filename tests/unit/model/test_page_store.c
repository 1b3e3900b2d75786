/* analyzer/model/page_store.c and page_sort.c. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/model/page_store.h"

enum { MANY = 20000 };

static uint64_t seed = 1;

static uint64_t chance(void)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return seed >> 20;
}

static void long_runs_become_several(void **state)
{
    (void)state;
    struct page_runs runs = {0};
    assert_true(page_runs_add(&runs, (struct page_run){.mapping = 3}, 5, 2 * PAGE_RUN_MOST + 1));
    assert_int_equal(runs.count, 3);
    assert_int_equal(runs.runs[1].frame, 5 + PAGE_RUN_MOST);
    assert_int_equal(runs.runs[2].frame, 5 + 2 * PAGE_RUN_MOST);
    assert_int_equal(runs.runs[2].pages, 1);
    assert_int_equal(runs.runs[2].mapping, 3);
    free(runs.runs);
}

static void a_frame_that_repeats_stays_where_it_is(void **state)
{
    (void)state;
    struct page_runs runs = {0};
    assert_true(
        page_runs_add(&runs, (struct page_run){.attributes = PAGE_REPEATS}, 5, PAGE_RUN_MOST + 7));
    assert_int_equal(runs.count, 2);
    assert_int_equal(runs.runs[1].frame, 5);
    assert_int_equal(runs.runs[1].pages, 7);
    free(runs.runs);
}

/* The mapping says which run it was: each must come out once, and in order. */
static void sort_and_look(uint64_t frames, uint32_t count)
{
    struct page_runs runs = {0};
    uint64_t *frame_of = calloc(count, sizeof *frame_of);
    bool *met = calloc(count, sizeof *met);
    assert_true(frame_of && met);
    for (uint32_t i = 0; i < count; i++) {
        frame_of[i] = chance() % frames;
        assert_true(page_runs_add(&runs, (struct page_run){.mapping = i}, frame_of[i], 1));
    }
    page_runs_sort(&runs);
    assert_int_equal(runs.count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(runs.runs[i].frame, frame_of[runs.runs[i].mapping]);
        assert_true(i == 0 || runs.runs[i].frame >= runs.runs[i - 1].frame);
        assert_false(met[runs.runs[i].mapping]);
        met[runs.runs[i].mapping] = true;
    }
    free(frame_of);
    free(met);
    free(runs.runs);
}

static void runs_are_put_in_order(void **state)
{
    (void)state;
    sort_and_look(1, 100);
    sort_and_look(300, MANY);
    sort_and_look(UINT64_C(1) << 23, MANY);
    sort_and_look(UINT64_C(1) << PAGE_FRAME_BITS, MANY);
    for (uint32_t count = 1; count < 60; count++)
        sort_and_look(1000, count);
}

static void what_is_resident(void **state)
{
    (void)state;
    assert_true(page_is_resident(PAGES_FLAG_ANON));
    assert_true(page_is_resident(PAGES_FLAG_FILE));
    assert_false(page_is_resident(PAGES_FLAG_RESERVED));
    assert_false(page_is_resident(PAGES_FLAG_ANON | PAGES_FLAG_ZERO_PAGE));
    assert_false(page_is_resident(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_runs_become_several),
        cmocka_unit_test(a_frame_that_repeats_stays_where_it_is),
        cmocka_unit_test(runs_are_put_in_order),
        cmocka_unit_test(what_is_resident),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
