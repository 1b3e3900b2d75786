/* Directories: an unpacked bundle, a copy of /proc and /sys at any depth, a copy of /proc. */
#include "tests/unit/bundle/reading.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[64];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int make_top(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "/tmp/memtally-test-XXXXXX");
    return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state)
{
    (void)state;
    return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* top/PATH into `whole`, with all folders above it. */
static void path_below_top(const char *path, char whole[512])
{
    snprintf(whole, 512, "%s/%s", top, path);
    for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
}

static void put(const char *path, const char *text)
{
    char whole[512];
    path_below_top(path, whole);
    FILE *file = fopen(whole, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct reading read_top(void)
{
    return read_path(top, &default_limits, true);
}

static void members_come_in_order(void **state)
{
    static const char *const wanted[] = {
        "manifest",    "samples/1/meminfo", "proc/meminfo",  "proc/vmstat", "proc/2/smaps",
        "proc/2/stat", "proc/10/smaps",     "proc/100/stat", "sys/x",       "journal",
    };
    (void)state;
    for (size_t i = sizeof wanted / sizeof wanted[0]; i > 0; i--)
        put(wanted[i - 1], wanted[i - 1]);
    put("README", "not a member");
    struct reading reading = read_top();
    assert_int_equal(reading.result, BUNDLE_END);
    assert_string_equal(reading.form, "directory");
    assert_int_equal(reading.count, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < reading.count; i++) {
        assert_string_equal(reading.members[i].path, wanted[i]);
        assert_member(&reading, wanted[i], wanted[i]);
        assert_true(reading.members[i].has_mtime);
    }
    assert_int_equal(reading.facts.proc_members, 6);
    assert_true(reading.facts.has_manifest);
    reading_deinit(&reading);
}

static void a_root_is_found_at_depth(void **state)
{
    (void)state;
    put("a/b/host1/proc/3/stat", "3");
    put("a/b/host2/proc/3/stat", "other");
    put("a/notes/proc/todo.txt", "no");
    struct reading reading = read_top();
    assert_string_equal(reading.root, "a/b/host1/");
    assert_int_equal(reading.count, 1);
    assert_member(&reading, "proc/3/stat", "3");
    assert_int_equal(reading.facts.skipped_other_root, 1);
    reading_deinit(&reading);
}

static void a_copy_of_proc_itself_gets_its_proc(void **state)
{
    (void)state;
    put("meminfo", "m");
    put("4/stat", "s");
    struct reading reading = read_top();
    assert_int_equal(reading.count, 2);
    assert_member(&reading, "proc/meminfo", "m");
    assert_member(&reading, "proc/4/stat", "s");
    reading_deinit(&reading);
}

static void links_are_not_followed_and_fifos_not_opened(void **state)
{
    char whole[512];
    (void)state;
    put("proc/meminfo", "m");
    path_below_top("proc/5/exe", whole);
    assert_int_equal(symlink("/etc/passwd", whole), 0);
    path_below_top("proc/5/cwd", whole);
    assert_int_equal(symlink("/", whole), 0);
    path_below_top("proc/5/pipe", whole);
    assert_int_equal(mkfifo(whole, 0600), 0);
    path_below_top("sys", whole);
    assert_int_equal(symlink("/sys", whole), 0);
    struct reading reading = read_top();
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 4);
    assert_member(&reading, "proc/5/exe.link", "/etc/passwd");
    assert_member(&reading, "proc/5/cwd.link", "/");
    assert_int_equal(reading.facts.skipped_special, 1);
    reading_deinit(&reading);
}

static void unreadable_files_are_counted(void **state)
{
    char whole[512];
    (void)state;
    if (geteuid() == 0)
        skip(); /* nothing is unreadable to root */
    put("proc/1/smaps", "secret");
    put("proc/2/smaps", "open");
    put("proc/3/smaps", "hidden");
    path_below_top("proc/1/smaps", whole);
    chmod(whole, 0);
    path_below_top("proc/3", whole);
    chmod(whole, 0);
    struct reading reading = read_top();
    chmod(whole, 0700);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 1);
    assert_int_equal(reading.facts.unreadable, 2);
    assert_string_equal(reading.facts.first_unreadable.member, "proc/1/smaps");
    assert_string_equal(reading.facts.first_unreadable.message, "Permission denied");
    reading_deinit(&reading);
}

static void a_directory_without_proc_is_no_bundle(void **state)
{
    (void)state;
    put("src/proc/main.c", "int main");
    put("manifest", "format 1.0\n");
    struct reading reading = read_top();
    assert_false(reading.opened);
    assert_int_equal(reading.why.kind, FAILURE_MALFORMED);
    assert_non_null(strstr(reading.why.message, "not a bundle"));
    assert_string_equal(reading.why.member, top);
}

static void the_live_proc_is_refused(void **state)
{
    (void)state;
    struct reading reading = read_path("/proc", &default_limits, false);
    assert_false(reading.opened);
    assert_int_equal(reading.why.kind, FAILURE_USAGE);
    assert_non_null(strstr(reading.why.message, "memtally-collect"));
}

static void limits_hold_for_trees(void **state)
{
    struct bundle_limits limits = default_limits;
    (void)state;
    put("proc/meminfo", "12345");
    put("proc/1/a/b/c/d", "x");
    limits.folder_depth = 5; /* proc, 1, a, b, c */
    struct reading reading = read_path(top, &limits, true);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 2);
    reading_deinit(&reading);
    limits.folder_depth = 4;
    reading = read_path(top, &limits, true);
    assert_int_equal(reading.why.kind, FAILURE_LIMIT);
    assert_non_null(strstr(reading.why.message, "folder_depth is 5, over the limit of 4"));
    reading_deinit(&reading);

    limits = default_limits;
    limits.members = 7; /* two files, five folders */
    reading = read_path(top, &limits, true);
    assert_int_equal(reading.result, BUNDLE_END);
    reading_deinit(&reading);
    limits.members = 6;
    reading = read_path(top, &limits, true);
    assert_non_null(strstr(reading.why.message, "members is 7, over the limit of 6"));
    reading_deinit(&reading);

    limits = default_limits;
    limits.total_bytes = 6;
    reading = read_path(top, &limits, true);
    assert_int_equal(reading.data_bytes, 6);
    assert_int_equal(reading.result, BUNDLE_END);
    reading_deinit(&reading);
    limits.total_bytes = 5;
    reading = read_path(top, &limits, true);
    assert_int_equal(reading.result, BUNDLE_BROKEN);
    assert_non_null(strstr(reading.why.message, "total_bytes is 6, over the limit of 5"));
    reading_deinit(&reading);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_top, remove_top)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(members_come_in_order),
        IN_A_FOLDER(a_root_is_found_at_depth),
        IN_A_FOLDER(a_copy_of_proc_itself_gets_its_proc),
        IN_A_FOLDER(links_are_not_followed_and_fifos_not_opened),
        IN_A_FOLDER(unreadable_files_are_counted),
        IN_A_FOLDER(a_directory_without_proc_is_no_bundle),
        cmocka_unit_test(the_live_proc_is_refused),
        IN_A_FOLDER(limits_hold_for_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
