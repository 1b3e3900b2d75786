/* analyzer/account/checks.c: one machine on which every identity holds to the byte, and what each takes to
 * break. Two CPUs, one zone, pages of 4 KiB, counters that may drift by 32 pages a CPU: 256 KiB. */
#include "tests/unit/account/check_cases.h"

enum { CASE_COUNT = sizeof cases / sizeof cases[0] };

/* The frames of both processes: PSS of 100,000 and 80,000 KiB, and 10,000 frames that both map. */
static void give_pages(struct snapshot *snapshot)
{
    static const struct page_run runs[] = {
        {.frame = 1,                    .pages = 20000, .mapping = 0,                                 .mapcount = 1,                                                                               .attributes = PAGES_FLAG_ANON},
        {.frame = 40001,
         .pages = 15000,
         .mapping = 1,
         .mapcount = 1,
         .attributes = PAGES_FLAG_ANON},
        {.frame = 60001,
         .pages = 10000,
         .mapping = 0,
         .mapcount = 2,
         .attributes = PAGES_FLAG_FILE},
        {.frame = 60001,
         .pages = 10000,
         .mapping = 1,
         .mapcount = 2,
         .attributes = PAGES_FLAG_FILE},
        {.frame = 80001,                  .pages = 512,                                 .mapping = 1,                                                               .mapcount = 1,                                                                                                                                                          .attributes = PAGES_FLAG_HUGE},
        {.frame = 0,.pages = 9,.mapping = 1,.attributes = PAGES_FLAG_ZERO_PAGE | PAGE_REPEATS},
    };
    struct page_store *store = &snapshot->pages;
    store->page_bytes = 4096;
    store->has_mapcounts = true;
    store->mapping_count = store->mapping_capacity = 2;
    store->mappings = calloc(2, sizeof *store->mappings);
    assert_non_null(store->mappings);
    for (uint32_t i = 0; i < 2; i++) {
        struct process *process = &snapshot->processes[i];
        store->mappings[i].process = i;
        process->files |= PROCESS_PAGES;
        process->first_page_mapping = i;
        process->page_mapping_count = 1;
    }
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
        assert_true(page_runs_add(&store->frames, runs[i], runs[i].frame, runs[i].pages));
}

/* Writes the machine with its edits, loads it, and runs all checks. */
static void run(const struct edit *edits, size_t count, struct check_report *report)
{
    struct snapshot *snapshot =
        edited_tree_load(files, sizeof files / sizeof files[0], edits, count);
    give_pages(snapshot);
    checks_run(snapshot, report);
    snapshot_free(snapshot);
}

static const struct identity_check *check_of(const struct check_report *report, const char *id)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->checks[i].id, id) == 0)
            return &report->checks[i];
    fail_msg("no check %s", id);
    return NULL;
}

static struct check_report report;

static void all_hold_where_all_is_well(void **state)
{
    (void)state;
    run(NULL, 0, &report);
    for (size_t i = 0; i < report.count; i++) {
        const struct identity_check *check = &report.checks[i];
        if (check->verdict != VERDICT_HOLDS || check->difference_bytes > 0)
            fail_msg("%s: %s: %s", check->id, verdict_word(check->verdict), check->reason);
        if (check->relation[0] == '=')
            assert_true(check->difference_bytes == 0);
        assert_true(check->left_name[0] && check->right_name[0] && check->reason[0]);
    }
    assert_int_equal(report.holds, report.count);
    assert_int_equal(report.broken + report.unchecked, 0);
}

static void each_breaks_just_beyond_its_tolerance(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        const struct check_case *wanted = &cases[i];
        run(wanted->edits, 3, &report);
        const struct identity_check *check = check_of(&report, wanted->id);
        if (check->verdict != wanted->verdict)
            fail_msg("%s, case %zu: %s (%lld, tolerance %llu): %s", check->id, i,
                     verdict_word(check->verdict), (long long)check->difference_bytes / 1024,
                     (unsigned long long)check->tolerance_bytes / 1024, check->reason);
        assert_true(check->reason[0] != '\0');
        if (wanted->verdict == VERDICT_UNCHECKED)
            continue;
        if (check->difference_bytes != wanted->difference * 1024 ||
            check->tolerance_bytes != KIB(wanted->tolerance))
            fail_msg("%s, case %zu: difference %lld, tolerance %llu", check->id, i,
                     (long long)check->difference_bytes,
                     (unsigned long long)check->tolerance_bytes);
        assert_true(check->difference_bytes ==
                    (int64_t)check->left_bytes - (int64_t)check->right_bytes);
    }
}

/* The figure on the right side is in the words. */
static void memory_not_yet_initialised_is_named(void **state)
{
    static const struct edit edits[] = {
        IN(P_ZONEINFO, "managed  250000", "managed  200000"),
        IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 50000"),
        IN(P_NODE_0, "600000", "400000"),
    };
    (void)state;
    run(edits, 3, &report);
    static const char *const ids[] = {"mem_total_managed", "node_total"};
    for (size_t i = 0; i < 2; i++) {
        const struct identity_check *check = check_of(&report, ids[i]);
        assert_int_equal(check->verdict, VERDICT_HOLDS);
        assert_int_equal(check->right_bytes, KIB(1000000));
        assert_non_null(strstr(check->reason, "200000 KiB on the right are not yet initialised"));
    }
}

/* Above, each has been seen broken and unchecked. */
static void no_check_is_without_a_case(void **state)
{
    (void)state;
    run(NULL, 0, &report);
    for (size_t i = 0; i < report.count; i++) {
        bool broken = false, unchecked = false;
        for (size_t j = 0; j < CASE_COUNT; j++) {
            bool same = strcmp(cases[j].id, report.checks[i].id) == 0;
            broken |= same && cases[j].verdict == VERDICT_BROKEN;
            unchecked |= same && cases[j].verdict == VERDICT_UNCHECKED;
        }
        if (!broken || !unchecked)
            fail_msg("%s: never seen %s", report.checks[i].id, broken ? "unchecked" : "broken");
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(report.checks[i].id, report.checks[j].id);
    }
}

static void nothing_can_be_checked_without_files(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    checks_run(snapshot, &report);
    assert_int_equal(report.unchecked, report.count);
    snapshot_free(snapshot);
}

static void verdicts_have_words(void **state)
{
    (void)state;
    assert_string_equal(verdict_word(VERDICT_HOLDS), "holds");
    assert_string_equal(verdict_word(VERDICT_BROKEN), "broken");
    assert_string_equal(verdict_word(VERDICT_UNCHECKED), "unchecked");
    assert_string_equal(verdict_phrase(VERDICT_BROKEN), "broken");
    assert_string_equal(verdict_phrase(VERDICT_UNCHECKED), "cannot be checked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_hold_where_all_is_well),
        cmocka_unit_test(each_breaks_just_beyond_its_tolerance),
        cmocka_unit_test(memory_not_yet_initialised_is_named),
        cmocka_unit_test(no_check_is_without_a_case),
        cmocka_unit_test(nothing_can_be_checked_without_files),
        cmocka_unit_test(verdicts_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
