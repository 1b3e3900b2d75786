/* analyzer/compare/process_match: which processes are one, and which the same program again. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/compare/process_match.h"

static struct snapshot_tree trees[2];
static struct snapshot *sides[2];
static struct process_matches matches;

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        tree_create(&trees[i]);
        tree_put(&trees[i], "proc/meminfo", "MemTotal: 1000 kB\nMemFree: 500 kB\n");
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    process_matches_deinit(&matches);
    for (size_t i = 0; i < 2; i++) {
        snapshot_free(sides[i]);
        sides[i] = NULL;
        tree_remove(&trees[i]);
    }
    return 0;
}

static void put_file(size_t side, uint64_t pid, const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "proc/%llu/%s", (unsigned long long)pid, name);
    if (text)
        tree_put(&trees[side], path, text);
}

/* A program; NULL: that file was not read. */
struct program {
    uint64_t pid, start, parent;
    const char *exe, *comm, *arguments, *cgroup;
};

static void put(size_t side, const struct program *one)
{
    char stat[256];
    snprintf(
        stat, sizeof stat,
        "%llu (%s) S %llu 1 1 0 -1 4194304 100 0 5 0 0 0 0 0 20 0 1 0 %llu 8192000 500 1 1 1 0 "
        "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        (unsigned long long)one->pid, one->comm ? one->comm : "p", (unsigned long long)one->parent,
        (unsigned long long)one->start);
    put_file(side, one->pid, "stat", stat);
    put_file(side, one->pid, "exe.link", one->exe);
    put_file(side, one->pid, "cmdline", one->arguments);
    put_file(side, one->pid, "cgroup", one->cgroup);
}

static void match(bool same_boot)
{
    for (size_t i = 0; i < 2; i++)
        sides[i] = tree_load(&trees[i]);
    assert_true(process_match(sides[0], sides[1], same_boot, &matches));
}

/* 0: none. */
static const struct process_match *match_of(uint64_t before, uint64_t after)
{
    for (size_t i = 0; i < matches.count; i++) {
        const struct process_match *one = &matches.matches[i];
        if ((one->before ? one->before->pid : 0) == before &&
            (one->after ? one->after->pid : 0) == after)
            return one;
    }
    fail_msg("no match of %llu and %llu", (unsigned long long)before, (unsigned long long)after);
    return NULL;
}

#define SERVICE "0::/system.slice/web.service\n"

static const struct program web = {.exe = "/bin/web", .arguments = "web", .cgroup = SERVICE};

static struct program web_at(uint64_t pid, uint64_t start, uint64_t parent)
{
    struct program one = web;
    one.pid = pid;
    one.start = start;
    one.parent = parent;
    return one;
}

/* One program before, another after; what must come of it within one boot, and in another boot. */
static const struct one_each {
    const char *what;
    struct program before, after;
    bool same_boot, is_pair;
    enum process_basis basis;
} one_each[] = {
    {"the same process",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {5, 100, 0, "/bin/b", "b", "b", "0::/x\n"},
     true,  true,
     PROCESS_BASIS_IDENTITY },
    {"all is equal",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {9, 200, 0, "/bin/a", "a", "a", "0::/\n"},
     true,  true,
     PROCESS_BASIS_CGROUP   },
    {"the file was replaced",
     {5, 100, 0, "/bin/a (deleted)", "a", "a", "0::/\n"},
     {9, 200, 0, "/bin/a", "a", "a", "0::/\n"},
     true,  true,
     PROCESS_BASIS_CGROUP   },
    {"the file is not known",
     {5, 100, 0, NULL, "a", "a", "0::/\n"},
     {9, 200, 0, "/bin/a", "a", "a", "0::/\n"},
     true,  true,
     PROCESS_BASIS_CGROUP   },
    {"another cgroup",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {9, 200, 0, "/bin/a", "a", "a", "0::/x\n"},
     true,  true,
     PROCESS_BASIS_ARGUMENTS},
    {"another name",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {9, 200, 0, "/bin/a", "b", "a", "0::/\n"},
     true,  false,
     PROCESS_BASIS_IDENTITY },
    {"other arguments",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {9, 200, 0, "/bin/a", "a", "b", "0::/\n"},
     true,  false,
     PROCESS_BASIS_IDENTITY },
    {"other arguments in another boot",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {9, 200, 0, "/bin/a", "a", "b", "0::/\n"},
     false, true,
     PROCESS_BASIS_SERVICE  },
    {"only the program in another boot",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {5, 100, 0, "/bin/a", "a", "b", "0::/x\n"},
     false, true,
     PROCESS_BASIS_PROGRAM  },
    {"another program in another boot",
     {5, 100, 0, "/bin/a", "a", "a", "0::/\n"},
     {5, 100, 0, "/bin/b", "b", "a", "0::/\n"},
     false, false,
     PROCESS_BASIS_IDENTITY },
};

static void what_is_equal_decides(void **state)
{
    for (size_t i = 0; i < sizeof one_each / sizeof one_each[0]; i++) {
        const struct one_each *one = &one_each[i];
        put(0, &one->before);
        put(1, &one->after);
        match(one->same_boot);
        if (matches.count != (one->is_pair ? 1 : 2))
            fail_msg("%s: %zu matches", one->what, matches.count);
        if (one->is_pair && matches.matches[0].basis != one->basis)
            fail_msg("%s: by %s", one->what, process_basis_word(matches.matches[0].basis));
        tear_down(state);
        set_up(state);
    }
}

static void one_worker_of_many_was_replaced(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 4; i++) {
        const struct program before = web_at(10 + i, 100 + i, 1);
        const struct program after = i == 1 ? web_at(30, 500, 1) : before;
        put(0, &before);
        put(1, &after);
    }
    match(true);
    assert_int_equal(matches.count, 4);
    const struct process_match *replaced = match_of(11, 30);
    assert_int_equal(replaced->candidates, 1); /* the others are accounted for */
    assert_int_equal(match_of(12, 12)->basis, PROCESS_BASIS_IDENTITY);
}

static void of_several_alike_the_order_decides_and_it_is_said(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        const struct program before = web_at(10 + i, 100 + i, 1),
                             after = web_at(40 - i, 500 + i, 1);
        put(0, &before);
        if (i < 2)
            put(1, &after);
    }
    match(true);
    assert_int_equal(matches.count, 3);
    const struct process_match *first = match_of(10, 40), *second = match_of(11, 39);
    assert_int_equal(first->instance, 1);
    assert_int_equal(second->instance, 2);
    assert_int_equal(first->candidates, 3);
    assert_int_equal(match_of(12, 0)->candidates, 2);
}

/* Two services of one program were started again: workers go with their own master. */
static void children_go_with_their_parents(void **state)
{
    (void)state;
    const struct program before[] = {web_at(10, 100, 1), web_at(20, 200, 1), web_at(11, 110, 20),
                                     web_at(21, 210, 10)};
    const struct program after[] = {web_at(10, 100, 1), web_at(20, 200, 1), web_at(31, 310, 10),
                                    web_at(41, 410, 20)};
    for (size_t i = 0; i < 4; i++) {
        put(0, &before[i]);
        put(1, &after[i]);
    }
    match(true);
    assert_int_equal(matches.count, 4);
    assert_int_equal(match_of(21, 31)->basis, PROCESS_BASIS_PARENT);
    assert_int_equal(match_of(11, 41)->basis, PROCESS_BASIS_PARENT);
    assert_int_equal(match_of(11, 41)->candidates, 1);
}

/* Sessions and containers have new names each time; of several nothing tells which was which. */
static void in_another_cgroup_only_a_single_one_is_known(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2; i++) {
        const struct program before = {10 + i, 100, 0, "/bin/sh", "sh", "sh", "0::/before\n"};
        const struct program after = {20 + i, 200, 0, "/bin/sh", "sh", "sh", "0::/after\n"};
        put(0, &before);
        put(1, &after);
    }
    match(true);
    assert_int_equal(matches.count, 4);
    assert_int_equal(match_of(10, 0)->candidates, 2);
    assert_int_equal(match_of(0, 20)->candidates, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_equal_decides),
        TEST(one_worker_of_many_was_replaced),
        TEST(of_several_alike_the_order_decides_and_it_is_said),
        TEST(children_go_with_their_parents),
        TEST(in_another_cgroup_only_a_single_one_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
