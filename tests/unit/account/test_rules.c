/* analyzer/account/rule_rows.c: one healthy machine on which every rule is satisfied, and what each takes to
 * warn. One GiB, two nodes, pages of 4 KiB. */
#include "tests/unit/account/rule_cases.h"

enum { CASE_COUNT = sizeof cases / sizeof cases[0] };

static struct rule_report report;
static struct ledger ledger;

static void judge(struct snapshot *snapshot)
{
    struct failure why = {0};
    bool has_ledger = ledger_compute(snapshot, &ledger, &why);
    why = (struct failure){0};
    assert_true(rules_run(snapshot, has_ledger ? &ledger : NULL, &report, &why));
}

/* Writes the machine with its edits, loads it, and runs all rules. */
static void run(const struct edit *edits, size_t count)
{
    struct snapshot *snapshot =
        edited_tree_load(files, sizeof files / sizeof files[0], edits, count);
    judge(snapshot);
    snapshot_free(snapshot);
}

static const struct rule_result *result_of(const char *id)
{
    for (size_t i = 0; i < report.count; i++)
        if (strcmp(report.results[i].id, id) == 0)
            return &report.results[i];
    fail_msg("no rule %s", id);
    return NULL;
}

/* Who owns Shmem has a test of its own. */
static bool needs_owners(const char *id)
{
    return strcmp(id, "shmem_unowned") == 0;
}

static void a_healthy_machine_gets_no_warning(void **state)
{
    (void)state;
    run(NULL, 0);
    for (size_t i = 0; i < report.count; i++) {
        const struct rule_result *result = &report.results[i];
        if (result->verdict != RULE_OK && !needs_owners(result->id))
            fail_msg("%s: %s: %s", result->id, rule_verdict_word(result->verdict), result->detail);
        assert_true(result->title[0] && result->meaning[0] && result->remedy[0]);
        assert_true(result->sources[0] && result->threshold[0]);
        assert_null(strchr(result->threshold, '{'));
        assert_true(strlen(result->threshold) + 1 < sizeof result->threshold);
    }
    assert_int_equal(report.warn, 0);
    assert_int_equal(report.ok + report.unchecked, report.count);
}

static void each_warns_just_beyond_its_threshold(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        run(cases[i].edits, 4);
        const struct rule_result *result = result_of(cases[i].id);
        if (result->verdict != cases[i].verdict)
            fail_msg("%s, case %zu: %s: %s, %llu", result->id, i,
                     rule_verdict_word(result->verdict), result->detail,
                     (unsigned long long)result->figures[0].value);
        if (result->verdict == RULE_UNCHECKED)
            assert_true(result->detail[0] && result->figure_count == 0);
        else
            assert_true(result->figure_count > 0);
    }
}

#define SEGMENT(sharers, rss_kib, huge_kib, verdict)                                               \
    {                                                                                              \
        sharers, rss_kib, huge_kib, verdict                                                        \
    }

/* Nine processes that map one segment of 300 MiB need 9 x 600 KiB; of 2 GiB, 36 MiB. */
static void tables_of_a_shared_segment_are_seen(void **state)
{
    (void)state;
    static const struct {
        uint64_t sharers, rss_kib, huge_kib;
        enum rule_verdict verdict;
    } segments[] = {
        SEGMENT(9, 307200, 0, RULE_OK), SEGMENT(9, 2097152, 0, RULE_WARN),
        SEGMENT(7, 9097152, 0, RULE_OK),       /* fewer than eight sharers */
        SEGMENT(9, 2097152, 2097152, RULE_OK), /* mapped as huge pages     */
    };
    for (size_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
        struct snapshot_tree tree;
        char text[400];
        tree_create(&tree);
        tree_put(&tree, P_MEMINFO, MEMINFO);
        for (uint64_t pid = 1; pid <= segments[i].sharers; pid++) {
            snprintf(text, sizeof text,
                     "000%llu0000-00100000 rw-s 00000000 00:01 7 /SYSV00000001 (deleted)\n"
                     "Size: 64 kB\nKernelPageSize: 4 kB\nRss: %llu kB\nPss: 10 kB\n"
                     "ShmemPmdMapped: %llu kB\n",
                     (unsigned long long)pid, (unsigned long long)segments[i].rss_kib,
                     (unsigned long long)segments[i].huge_kib);
            tree_put_process(&tree,
                             &(struct tree_process){.pid = pid, .comm = "db", .smaps = text});
        }
        struct snapshot *snapshot = tree_load(&tree);
        judge(snapshot);
        assert_int_equal(result_of("segment_page_tables")->verdict, segments[i].verdict);
        snapshot_free(snapshot);
        tree_remove(&tree);
    }
}

/* So much of Shmem, of which files in /dev/shm are a part; 0: the mounts are not known. */
static enum rule_verdict verdict_of_shmem(uint64_t shmem_kib, uint64_t mount_kib)
{
    struct snapshot_tree tree;
    char text[200], shmem[64];
    tree_create(&tree);
    snprintf(shmem, sizeof shmem, "Shmem: %llu ", (unsigned long long)shmem_kib);
    char *meminfo = text_with(MEMINFO, "Shmem: 10000 ", shmem);
    tree_put(&tree, P_MEMINFO, meminfo);
    free(meminfo);
    tree_put(&tree, P_SMAPS, BLOCK("00010000-00020000", "r-xp", "/usr/lib/libold.so", "1000"));
    snprintf(
        text, sizeof text,
        "mount type tmpfs device 0:26 block_bytes 1024 blocks 1000000 free_blocks %llu files 9 "
        "free_files 3 path /dev/shm\n",
        (unsigned long long)(1000000 - mount_kib));
    if (mount_kib)
        tree_put(&tree, "derived/statfs", text);
    struct snapshot *snapshot = tree_load(&tree);
    judge(snapshot);
    snapshot_free(snapshot);
    tree_remove(&tree);
    return result_of("shmem_unowned")->verdict;
}

static void shmem_without_owner_is_seen_where_owners_are_known(void **state)
{
    (void)state;
    assert_int_equal(verdict_of_shmem(100000, 0), RULE_UNCHECKED);
    assert_int_equal(verdict_of_shmem(100000, 100000), RULE_OK);
    assert_int_equal(verdict_of_shmem(100000, 34464), RULE_OK); /* 64 MiB are nobody's */
    assert_int_equal(verdict_of_shmem(100000, 34463), RULE_WARN);
}

/* Each has been seen warning and unchecked, here or in a test of its own. */
static void no_rule_is_without_a_case(void **state)
{
    (void)state;
    run(NULL, 0);
    for (size_t i = 0; i < report.count; i++) {
        bool warn = false, unchecked = false;
        const char *id = report.results[i].id;
        for (size_t j = 0; j < CASE_COUNT; j++) {
            bool same = strcmp(cases[j].id, id) == 0;
            warn |= same && cases[j].verdict == RULE_WARN;
            unchecked |= same && cases[j].verdict == RULE_UNCHECKED;
        }
        if ((!warn || !unchecked) && !needs_owners(id) && strcmp(id, "segment_page_tables") != 0)
            fail_msg("%s: never seen %s", id, warn ? "unchecked" : "warning");
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(report.results[j].id, id);
    }
}

static void nothing_can_be_judged_without_files(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    judge(snapshot);
    assert_int_equal(report.unchecked, report.count);
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_machine_gets_no_warning),
        cmocka_unit_test(each_warns_just_beyond_its_threshold),
        cmocka_unit_test(tables_of_a_shared_segment_are_seen),
        cmocka_unit_test(shmem_without_owner_is_seen_where_owners_are_known),
        cmocka_unit_test(no_rule_is_without_a_case),
        cmocka_unit_test(nothing_can_be_judged_without_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
