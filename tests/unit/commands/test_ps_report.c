/* analyzer/commands/ps_report.c, request.c: which processes the filters let through. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/commands/ps_report.h"

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static struct request request;

static void put_uid(uint64_t pid, const char *uid)
{
    char path[64], text[256];
    snprintf(path, sizeof path, "proc/%llu/status", (unsigned long long)pid);
    snprintf(text, sizeof text,
             "Name:\tp\nState:\tS (sleeping)\nTgid:\t%llu\nPid:\t%llu\nPPid:\t1\n"
             "Uid:\t%s\t%s\t%s\t%s\nVmSize:\t 100 kB\nVmRSS:\t 40 kB\n",
             (unsigned long long)pid, (unsigned long long)pid, uid, uid, uid, uid);
    tree_put(&tree, path, text);
}

static int set_up(void **state)
{
    (void)state;
    const struct block of_server[] = {
        {.start = 0x10000, .end = 0x20000, .rss = 8, .pss = 8},
        { .start = 0x30000,
         .end = 0x40000,
         .inode = 9,
         .name = "/lib/libssl.so",
         .rss = 4,
         .pss = 2},
    };
    const struct block of_shell[] = {
        {.start = 0x10000, .end = 0x20000, .rss = 16, .pss = 16}
    };
    char *server = BLOCKS_TEXT(of_server), *shell = BLOCKS_TEXT(of_shell);
    tree_create(&tree);
    tree_put_process(&tree, &(struct tree_process){.pid = 10, .comm = "server", .smaps = server});
    tree_put_bytes(&tree, "proc/10/cmdline", "/opt/bin/server\0--fast", 23);
    put_uid(10, "1000");
    tree_put_process(&tree, &(struct tree_process){.pid = 20, .comm = "sh\n", .smaps = shell});
    put_uid(20, "0");
    tree_put_process(&tree, &(struct tree_process){.pid = 30, .comm = "unread"});
    put_uid(30, "100");
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 2 0 0 0 0 0 0 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    snapshot = tree_load(&tree);
    assert_int_equal(snapshot->problem_count, 0);
    free(server);
    free(shell);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    request_deinit(&request);
    request = (struct request){0};
    snapshot_free(snapshot);
    tree_remove(&tree);
    return 0;
}

static void set(struct filter *filter, const char *expression)
{
    if (filter->set)
        regfree(&filter->expression);
    assert_int_equal(regcomp(&filter->expression, expression, REG_EXTENDED | REG_NOSUB), 0);
    filter->set = true;
}

/* Fills with the filters as they are, and compares the PIDs that came through ("10 20"). */
static void expect_pids(bool all, const char *wanted)
{
    struct ps_report report;
    struct failure why = {0};
    char found[128] = "";
    size_t used = 0;
    assert_true(ps_report_fill(&request, snapshot, all, &report, &why));
    for (size_t i = 0; i < report.count; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%llu", i ? " " : "",
                                 (unsigned long long)report.usages[i].process->pid);
    assert_string_equal(found, wanted);
    ps_report_deinit(&report);
}

static void without_filters_all_that_have_memory(void **state)
{
    (void)state;
    expect_pids(false, "10 20 30");
    expect_pids(true, "2 10 20 30");
}

static void by_name_or_command_line(void **state)
{
    (void)state;
    set(&request.process, "^server$");
    expect_pids(false, "10");
    set(&request.process, "bin/server --fast"); /* as it is shown, with blanks */
    expect_pids(false, "10");
    set(&request.process, "^sh\\\\012$"); /* and escaped */
    expect_pids(false, "20");
    set(&request.process, "kthreadd");
    expect_pids(true, "2");
    set(&request.process, "nobody");
    expect_pids(true, "");
}

static void by_user(void **state)
{
    (void)state;
    set(&request.user, "^100$");
    expect_pids(false, "30");
    set(&request.user, "100");
    expect_pids(false, "10 30");
    set(&request.process, "server");
    expect_pids(false, "10");
    /* whose user is not known passes only what passes nothing */
    set(&request.user, "^$");
    request_deinit(&request);
    request = (struct request){0};
    set(&request.user, "^$");
    expect_pids(true, "2");
}

static void by_what_they_map(void **state)
{
    (void)state;
    set(&request.map, "libssl");
    expect_pids(false, "10");
    set(&request.map, "nothing like it");
    expect_pids(true, "");
}

/* The figures are then those of what matches, and what no mapping has is absent. */
static void figures_are_those_of_the_mappings_that_match(void **state)
{
    (void)state;
    struct ps_report report;
    struct failure why = {0};
    set(&request.map, "libssl");
    assert_true(ps_report_fill(&request, snapshot, false, &report, &why));
    assert_int_equal(report.count, 1);
    const struct process_usage *usage = &report.usages[0];
    assert_int_equal(usage->mappings, 1);
    assert_int_equal(usage->vss.bytes, 0x10000);
    assert_int_equal(usage->rss.bytes, KIB(4));
    assert_int_equal(usage->pss.bytes, KIB(2));
    assert_int_equal(report.totals.pss.bytes, KIB(2));
    assert_false(usage->freed_if_killed.known || usage->page_tables.known);
    ps_report_deinit(&report);
    set(&request.map, "^\\[anon\\]$"); /* as it is shown */
    expect_pids(false, "10 20");
}

static void users_are_added_up(void **state)
{
    (void)state;
    struct ps_report report;
    struct failure why = {0};
    request.view.ps_rows = PS_USERS;
    assert_true(ps_report_fill(&request, snapshot, true, &report, &why));
    assert_int_equal(report.users.count, 3);
    const uint64_t uids[] = {0, 100, 1000}, rss[] = {16, 40, 12}, unread[] = {0, 1, 0};
    for (size_t i = 0; i < 3; i++) {
        const struct user_usage *user = &report.users.rows[i];
        assert_true(user->uid.known);
        assert_int_equal(user->uid.bytes, uids[i]);
        assert_int_equal(user->totals.processes, 1);
        assert_int_equal(user->totals.rss.bytes, KIB(rss[i]));
        assert_int_equal(user->totals.unread, unread[i]);
    }
    assert_false(report.users.rows[1].totals.pss.known);
    ps_report_deinit(&report);
}

static void names_of_mappings_are_added_up(void **state)
{
    (void)state;
    struct ps_report report;
    struct failure why = {0};
    request.view.ps_rows = PS_MAPPINGS;
    assert_true(ps_report_fill(&request, snapshot, false, &report, &why));
    assert_int_equal(report.names.count, 2);
    const struct name_usage *anonymous = &report.names.rows[0], *library = &report.names.rows[1];
    assert_int_equal(snapshot_text(snapshot, anonymous->name).length_bytes, 0);
    assert_int_equal(anonymous->mappings, 2);
    assert_int_equal(anonymous->processes, 2);
    assert_int_equal(name_usage_sum(anonymous, SMAPS_PSS).bytes, KIB(24));
    assert_int_equal(library->mappings, 1);
    assert_int_equal(name_usage_sum(library, SMAPS_RSS).bytes, KIB(4));
    assert_false(name_usage_sum(library, SMAPS_NONLINEAR).known);
    ps_report_deinit(&report);
    set(&request.map, "ssl");
    assert_true(ps_report_fill(&request, snapshot, false, &report, &why));
    assert_int_equal(report.names.count, 1);
    assert_int_equal(report.names.rows[0].processes, 1);
    ps_report_deinit(&report);
}

static void totals_are_of_those_that_came_through(void **state)
{
    (void)state;
    struct ps_report report;
    struct failure why = {0};
    assert_true(ps_report_fill(&request, snapshot, false, &report, &why));
    assert_int_equal(report.totals.rss.bytes, KIB(12 + 16 + 40));
    assert_int_equal(report.totals.pss.bytes, KIB(10 + 16));
    assert_int_equal(report.totals.kernel_threads, 1);
    assert_int_equal(report.totals.unread, 1);
    assert_int_equal(report.totals.unread_rss_bytes, KIB(40));
    ps_report_deinit(&report);
    set(&request.user, "^0$");
    assert_true(ps_report_fill(&request, snapshot, false, &report, &why));
    assert_int_equal(report.totals.processes, 1);
    assert_int_equal(report.totals.pss.bytes, KIB(16));
    ps_report_deinit(&report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_filters_all_that_have_memory),
        TEST(by_name_or_command_line),
        TEST(by_user),
        TEST(by_what_they_map),
        TEST(figures_are_those_of_the_mappings_that_match),
        TEST(users_are_added_up),
        TEST(names_of_mappings_are_added_up),
        TEST(totals_are_of_those_that_came_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
