/* analyzer/account/process_group.c, process_group_choice.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/process_group.h"

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static struct process_groups groups;

static void put(uint64_t pid, uint64_t ppid, uint64_t session, const char *comm, const char *cgroup)
{
    char path[64], text[256];
    snprintf(path, sizeof path, "proc/%llu/stat", (unsigned long long)pid);
    snprintf(text, sizeof text,
             "%llu (%s) S %llu %llu %llu 0 -1 %u 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 1 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
             (unsigned long long)pid, comm, (unsigned long long)ppid, (unsigned long long)session,
             (unsigned long long)session, ppid == 2 ? 0x00200000u : 0x00400000u);
    tree_put(&tree, path, text);
    snprintf(path, sizeof path, "proc/%llu/comm", (unsigned long long)pid);
    snprintf(text, sizeof text, "%s\n", comm);
    tree_put(&tree, path, text);
    snprintf(path, sizeof path, "proc/%llu/status", (unsigned long long)pid);
    snprintf(text, sizeof text,
             "Name:\t%s\nState:\tS (sleeping)\nPid:\t%llu\nUid:\t0\t%llu\t0\t0\n", comm,
             (unsigned long long)pid, (unsigned long long)session);
    tree_put(&tree, path, text);
    if (!cgroup)
        return;
    snprintf(path, sizeof path, "proc/%llu/cgroup", (unsigned long long)pid);
    tree_put(&tree, path, cgroup);
}

/* init, a service with a worker and its child, a shell, a kernel thread. */
static int set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    put(1, 0, 1, "init", NULL);
    put(10, 1, 10, "web", "0::/system.slice/web.service\n");
    put(11, 10, 10, "worker", "0::/system.slice/web.service\n");
    put(12, 11, 10, "worker", "0::/system.slice/web.service\n");
    put(20, 1, 20, "sh", "0::/user.slice\n");
    put(30, 2, 0, "kworker", NULL);
    snapshot = tree_load(&tree);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    process_groups_deinit(&groups);
    snapshot_free(snapshot);
    tree_remove(&tree);
    return 0;
}

static void group(const char *how)
{
    struct failure why = {0};
    process_groups_deinit(&groups);
    if (!process_groups_compute(snapshot, how, &groups, &why))
        fail_msg("%s: %s", how, why.message);
}

/* "1 init: 1; ..." of the groups: their names and their PIDs. */
static const char *described(void)
{
    static char text[512];
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < groups.count; i++) {
        uint32_t members = 0;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s:", i ? "; " : "",
                                 groups.groups[i].name);
        for (size_t j = 0; j < snapshot->process_count; j++) {
            if (groups.set_of[j] != i)
                continue;
            members++;
            used += (size_t)snprintf(text + used, sizeof text - used, " %llu",
                                     (unsigned long long)snapshot->processes[j].pid);
        }
        assert_int_equal(members, groups.groups[i].processes);
    }
    return text;
}

static void each_key_puts_together_what_has_it_in_common(void **state)
{
    (void)state;
    static const struct {
        const char *how, *expected;
    } cases[] = {
        {"program",             "init: 1; web: 10; worker: 11 12; sh: 20"                   },
        {"user",                "1: 1; 10: 10 11 12; 20: 20"                                },
        {"session",             "1: 1; 10: 10 11 12; 20: 20"                                },
        {"tree",                "1 init: 1; 10 web: 10 11 12; 20 sh: 20"                    },
        {"unit",                "-: 1; web.service: 10 11 12; user.slice: 20"               },
        {"cgroup",              "-: 1; /system.slice/web.service: 10 11 12; /user.slice: 20"},
        {"container",           "-: 1 10 11 12 20"                                          },
        {"exe",                 "-: 1 10 11 12 20"                                          },
        {"^w=service",          "service: 10 11 12"                                         },
        {"^web$=front,^w=back", "front: 10; back: 11 12"                                    },
        {"^w=same,^sh$=same",   "same: 10 11 12 20"                                         },
        {"nobody=none",         ""                                                          },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        group(cases[i].how);
        assert_string_equal(described(), cases[i].expected);
    }
}

static void what_is_no_key_and_no_pattern_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "users", "=x", "x=", "(=x", "a=b,", "a=b,c"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct failure why = {0};
        if (process_groups_compute(snapshot, wrong[i], &groups, &why))
            fail_msg("'%s' was taken", wrong[i]);
        assert_int_equal(why.kind, FAILURE_USAGE);
    }
}

static void a_list_of_pids_is_one_group(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "11,", ",11", "11 20", "-1", "x", "999", "11,,20"};
    struct failure why = {0};
    assert_true(process_group_of_pids(snapshot, "20,11,20", &groups, &why));
    assert_string_equal(described(), "20,11,20: 11 20");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct process_groups none = {0};
        struct failure refused = {0};
        if (process_group_of_pids(snapshot, wrong[i], &none, &refused)) {
            process_groups_deinit(&none);
            if (strcmp(wrong[i], "11,") != 0) /* a comma may end the list */
                fail_msg("'%s' was taken", wrong[i]);
            continue;
        }
        assert_int_equal(refused.kind, FAILURE_USAGE);
    }
}

static void narrowed_groups_keep_their_order(void **state)
{
    (void)state;
    struct failure why = {0};
    bool keep[6] = {false, false, true, true, true, false};
    group("program");
    assert_true(process_groups_narrow(snapshot, keep, &groups, &why));
    assert_string_equal(described(), "worker: 11 12; sh: 20");
    keep[2] = false;
    assert_true(process_groups_narrow(snapshot, keep, &groups, &why));
    assert_string_equal(described(), "worker: 12; sh: 20");
    const bool nobody[6] = {false};
    assert_true(process_groups_narrow(snapshot, nobody, &groups, &why));
    assert_int_equal(groups.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_key_puts_together_what_has_it_in_common),
        TEST(what_is_no_key_and_no_pattern_is_refused),
        TEST(a_list_of_pids_is_one_group),
        TEST(narrowed_groups_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
