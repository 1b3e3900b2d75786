/* analyzer/verify/verify.c over directories; archives have tests/collector/verify.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/verify/verify.h"

static char top[64];
static struct word_list words;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static const char *below_top(const char *path)
{
    static char whole[512];
    snprintf(whole, sizeof whole, "%s/tree/%s", top, path);
    for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    return whole;
}

static void put_bytes(const char *path, struct slice bytes)
{
    FILE *file = fopen(below_top(path), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.length_bytes, file), bytes.length_bytes);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    struct failure why = {0};
    char list[96];
    (void)state;
    snprintf(top, sizeof top, "/tmp/memtally-verify-XXXXXX");
    if (!mkdtemp(top))
        return -1;
    put_bytes("x", SLICE(""));
    unlink(below_top("x"));
    put_bytes("../words", SLICE("Secret\n"));
    snprintf(list, sizeof list, "%s/words", top);
    return word_list_read(&words, list, false, false, &why) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    word_list_deinit(&words);
    return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct verify_report look(void)
{
    struct verify_report report;
    struct failure why = {0};
    char tree[96];
    snprintf(tree, sizeof tree, "%s/tree", top);
    assert_true(verify_bundle(tree, &words, &report, &why));
    return report;
}

static void assert_place(const struct verify_report *report, size_t number, enum place_kind kind,
                         const char *member, uint64_t line, uint64_t offset)
{
    assert_true(number < report->count);
    assert_int_equal(report->places[number].kind, kind);
    assert_string_equal(report->places[number].member, member);
    assert_int_equal(report->places[number].line, line);
    assert_int_equal(report->places[number].offset, offset);
}

static void everything_is_looked_into(void **state)
{
    (void)state;
    put_bytes("a/notes.txt", SLICE("one\ntwo Secret"));
    put_bytes("b/Secret/empty", SLICE(""));
    put_bytes("c/fine", SLICE("secre"));
    assert_int_equal(mkfifo(below_top("d/Secret.fifo"), 0600), 0);
    assert_int_equal(symlink("../Secret/no", below_top("e/link")), 0);
    put_bytes("e/link2", SLICE("behind a link"));
    struct verify_report report = look();
    assert_true(report.complete);
    assert_int_equal(report.found, 5);
    assert_place(&report, 0, PLACE_CONTENT, "a/notes.txt", 2, 8);
    assert_place(&report, 1, PLACE_PATH, "b/Secret", 0, 2);
    assert_place(&report, 2, PLACE_PATH, "b/Secret/empty", 0, 2);
    assert_place(&report, 3, PLACE_PATH, "d/Secret.fifo", 0, 2);
    assert_place(&report, 4, PLACE_LINK, "e/link", 0, 3);
    assert_int_equal(report.members, 12); /* five folders, one of them in another; the rest */
    assert_int_equal(report.bytes, 10 + 5 + 13 + 4);
    verify_report_deinit(&report);
}

static void links_are_not_followed(void **state)
{
    (void)state;
    put_bytes("../outside/file", SLICE("Secret"));
    assert_int_equal(symlink("../outside", below_top("folder")), 0);
    assert_int_equal(symlink("../outside/file", below_top("file")), 0);
    assert_int_equal(symlink(".", below_top("loop")), 0);
    struct verify_report report = look();
    assert_true(report.complete);
    assert_int_equal(report.found, 0);
    assert_int_equal(report.members, 3);
    verify_report_deinit(&report);
}

static void parts_are_one_content(void **state)
{
    (void)state;
    put_bytes("proc/1/smaps.part-0001", SLICE("line\nSec"));
    put_bytes("proc/1/smaps.part-0002", SLICE("ret\n"));
    put_bytes("proc/2/smaps", SLICE("Sec"));
    put_bytes("proc/3/smaps", SLICE("ret"));
    struct verify_report report = look();
    assert_int_equal(report.found, 1);
    assert_place(&report, 0, PLACE_CONTENT, "proc/1/smaps", 2, 5);
    verify_report_deinit(&report);
}

static void the_directory_has_a_name_too(void **state)
{
    char from[96], to[96], inside[128];
    static const char *const slashes[] = {"", "/", "//"};
    (void)state;
    put_bytes("proc/meminfo", SLICE("fine"));
    snprintf(from, sizeof from, "%s/tree", top);
    snprintf(to, sizeof to, "%s/my-Secret", top);
    assert_int_equal(rename(from, to), 0);
    for (size_t i = 0; i < 3; i++) {
        struct verify_report report;
        struct failure why = {0};
        snprintf(inside, sizeof inside, "%s%s", to, slashes[i]);
        assert_true(verify_bundle(inside, &words, &report, &why));
        assert_int_equal(report.found, 1);
        assert_place(&report, 0, PLACE_FILE_NAME, "", 0, 3);
        verify_report_deinit(&report);
    }
}

/* The words may be inside of what is packed: that there are none is not proven. */
static void what_is_packed_proves_nothing(void **state)
{
    static const struct slice packed[] = {
        SLICE("\x28\xb5\x2f\xfdxxxxxx"), SLICE("\x1f\x8b\x08\x00\x00"), SLICE("BZh91AY&SYxx"),
        SLICE("\xfd\x37zXZ\x00\x00\x04"), SLICE("PK\x03\x04\x14")};
    (void)state;
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++) {
        put_bytes("a/x.bin", packed[i]);
        put_bytes("b", SLICE("Secret"));
        struct verify_report report = look();
        assert_false(report.complete);
        assert_int_equal(report.found, 1); /* looked for all the same */
        assert_int_equal(report.broken.kind, FAILURE_UNSUPPORTED);
        assert_string_equal(report.broken.member, "a/x.bin");
        verify_report_deinit(&report);
    }
    put_bytes("a/x.bin", SLICE("BZh9 is a name, \x1f\x8b\x08 in the middle"));
    struct verify_report report = look();
    assert_true(report.complete);
    verify_report_deinit(&report);
}

static void what_cannot_be_read_proves_nothing(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); /* nothing is unreadable to root */
    put_bytes("a/closed", SLICE("Secret"));
    chmod(below_top("a/closed"), 0);
    struct verify_report report = look();
    assert_false(report.complete);
    assert_int_equal(report.found, 0);
    assert_string_equal(report.broken.member, "a/closed");
    verify_report_deinit(&report);
}

static void the_live_proc_is_refused(void **state)
{
    struct verify_report report;
    struct failure why = {0};
    (void)state;
    assert_false(verify_bundle("/proc", &words, &report, &why));
    assert_int_equal(why.kind, FAILURE_USAGE);
    verify_report_deinit(&report);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(everything_is_looked_into),     IN_A_FOLDER(links_are_not_followed),
        IN_A_FOLDER(parts_are_one_content),         IN_A_FOLDER(the_directory_has_a_name_too),
        IN_A_FOLDER(what_is_packed_proves_nothing), IN_A_FOLDER(what_cannot_be_read_proves_nothing),
        IN_A_FOLDER(the_live_proc_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
