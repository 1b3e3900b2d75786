/* analyzer/account/page_sweep.c and page_sets.c, against counting page by page. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/page_sets.h"

enum { FRAMES = 400, PROCESSES = 70, RUNS = 900 };

static uint64_t seed = 7;

static uint64_t chance(uint64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (seed >> 20) % below;
}

struct counted {
    uint32_t times[FRAMES][PROCESSES]; /* how often each process maps each frame */
};

struct swept {
    struct page_sets sets;
    uint32_t set_of[FRAMES]; /* set + 1; 0: nobody maps it */
    uint64_t times[FRAMES], end;
};

static bool note(void *context, const struct page_segment *segment, struct failure *why)
{
    (void)why;
    struct swept *swept = context;
    uint32_t set;
    assert_true(segment->pages > 0 && segment->frame >= swept->end);
    swept->end = segment->frame + segment->pages;
    assert_true(page_sets_find(&swept->sets, segment, &set));
    for (uint64_t i = 0; i < segment->pages; i++) {
        swept->set_of[segment->frame + i] = set + 1;
        swept->times[segment->frame + i] = segment->times;
    }
    return true;
}

static struct page_runs random_runs(struct counted *counted)
{
    struct page_runs runs = {0};
    for (unsigned i = 0; i < RUNS; i++) {
        uint32_t process = (uint32_t)chance(PROCESSES);
        uint64_t frame = chance(FRAMES - 20), pages = 1 + chance(20);
        bool repeats = chance(10) == 0;
        struct page_run run = {.mapping = process, .attributes = repeats ? PAGE_REPEATS : 0};
        assert_true(page_runs_add(&runs, run, frame, pages));
        for (uint64_t page = 0; page < pages; page++)
            counted->times[repeats ? frame : frame + page][process]++;
    }
    page_runs_sort(&runs);
    return runs;
}

static void compare_frame(const struct counted *counted, const struct swept *swept, unsigned frame)
{
    uint32_t processes = 0, set = swept->set_of[frame];
    uint64_t times = 0;
    for (uint32_t process = 0; process < PROCESSES; process++) {
        times += counted->times[frame][process];
        if (!counted->times[frame][process])
            continue;
        assert_true(set != 0);
        const struct page_set *found = &swept->sets.sets[set - 1];
        assert_true(processes < found->count);
        assert_int_equal(swept->sets.members[found->first_member + processes++], process);
    }
    assert_int_equal(times, swept->times[frame]);
    assert_int_equal(processes, set ? swept->sets.sets[set - 1].count : 0);
}

static void each_page_has_its_set(void **state)
{
    (void)state;
    struct page_mapping mappings[PROCESSES] = {0};
    for (uint32_t i = 0; i < PROCESSES; i++)
        mappings[i].process = i;
    for (unsigned round = 0; round < 20; round++) {
        struct counted *counted = calloc(1, sizeof *counted);
        struct swept swept = {0};
        struct failure why = {0};
        assert_non_null(counted);
        struct page_runs runs = random_runs(counted);
        assert_true(page_sweep(&runs, mappings, PROCESSES, note, &swept, &why));
        for (unsigned frame = 0; frame < FRAMES; frame++)
            compare_frame(counted, &swept, frame);
        page_sets_deinit(&swept.sets);
        free(runs.runs);
        free(counted);
    }
}

static void equal_sets_are_kept_once(void **state)
{
    (void)state;
    struct page_mapping mappings[3] = {{.process = 0}, {.process = 1}, {.process = 2}};
    struct page_runs runs = {0};
    struct swept swept = {0};
    struct failure why = {0};
    /* 0 and 1 share three stretches, in both orders; 2 comes between. */
    assert_true(page_runs_add(&runs, (struct page_run){.mapping = 0}, 0, 100));
    assert_true(page_runs_add(&runs, (struct page_run){.mapping = 1}, 0, 10));
    assert_true(page_runs_add(&runs, (struct page_run){.mapping = 2}, 20, 5));
    assert_true(page_runs_add(&runs, (struct page_run){.mapping = 1}, 20, 30));
    assert_true(page_runs_add(&runs, (struct page_run){.mapping = 1}, 200, 3));
    assert_true(page_runs_add(&runs, (struct page_run){.mapping = 0}, 200, 3));
    page_runs_sort(&runs);
    assert_true(page_sweep(&runs, mappings, 3, note, &swept, &why));
    assert_int_equal(swept.sets.count, 3);
    assert_int_equal(swept.sets.sets[swept.set_of[0] - 1].count, 2);
    assert_int_equal(swept.set_of[0], swept.set_of[25]);
    assert_int_equal(swept.set_of[0], swept.set_of[202]);
    assert_int_equal(swept.sets.sets[swept.set_of[10] - 1].count, 1);
    assert_int_equal(swept.sets.sets[swept.set_of[24] - 1].count, 3);
    assert_int_equal(swept.set_of[150], 0);
    page_sets_deinit(&swept.sets);
    free(runs.runs);
}

static void nothing_has_no_segments(void **state)
{
    (void)state;
    struct page_runs runs = {0};
    struct swept swept = {0};
    struct failure why = {0};
    assert_true(page_sweep(&runs, NULL, 0, note, &swept, &why));
    assert_int_equal(swept.sets.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_has_its_set),
        cmocka_unit_test(equal_sets_are_kept_once),
        cmocka_unit_test(nothing_has_no_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
