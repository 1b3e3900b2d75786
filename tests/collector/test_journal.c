/* The words of the journal, and that it stays bounded. */
#include "collector/pack/journal.h"

#include "cmocka_all.h"
#include "fake_tree.h"

#include <string.h>

struct fixture {
    struct fake_tree tree;
    char path[PATH_MAX + 16];
    struct output_file output;
    struct bundle_writer writer;
    struct journal journal;
};

static struct fixture f;

static int set_up(void **state)
{
    struct failure why = {0};
    (void)state;
    fake_tree_init(&f.tree);
    struct text path = TEXT_OVER(f.path);
    text_add(&path, f.tree.folder);
    text_add(&path, "/out");
    return output_to_file(&f.output, text_string(&path), false, &why) &&
                   bundle_writer_init(&f.writer, &f.output, "out", &why) &&
                   journal_init(&f.journal, &f.writer, 1000, &why)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    journal_deinit(&f.journal);
    bundle_writer_deinit(&f.writer);
    output_deinit(&f.output);
    fake_tree_deinit(&f.tree);
    return 0;
}

static void records_are_as_specified(void **state)
{
    const struct member_record member = {.path = "proc/41/a\nb\\ \xff",
                                         .pass = 3,
                                         .outcome = OUTCOME_FAILED,
                                         .error = 5,
                                         .start_ns = 1500,
                                         .duration_ns = 20,
                                         .bytes = 7,
                                         .parts = 2,
                                         .mappings = 9};
    (void)state;
    assert_true(journal_pass(&f.journal, 1, "system", 900, 5, NULL));
    assert_true(journal_member(&f.journal, &member, NULL));
    assert_true(journal_process(&f.journal, 41, 12, OUTCOME_REUSED, NULL));
    assert_true(journal_note(&f.journal, "a\nb", NULL));
    assert_true(journal_end(&f.journal, 77, NULL));
    assert_string_equal(
        text_string(&f.journal.text),
        "pass 1 name system start_ns 0 duration_ns 5\n"
        "member outcome failed pass 3 start_ns 500 duration_ns 20 bytes 7 parts 2 errno 5"
        " path proc/41/a\\nb\\\\ \\xff\n"
        "process pid 41 start_time_ticks 12 outcome reused\n"
        "note text a\\nb\n"
        "end members 1 processes 1 mappings 9 bytes 7 duration_ns 77\n");
}

static void it_goes_out_in_parts(void **state)
{
    char path[PATH_MAX];
    memset(path, 0xff, sizeof path - 1);
    path[sizeof path - 1] = '\0';
    const struct member_record member = {
        .path = path, .start_ns = UINT64_MAX, .duration_ns = UINT64_MAX, .bytes = 1};
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        assert_true(journal_member(&f.journal, &member, NULL));
    assert_true(f.journal.parts > 2);
    assert_false(f.journal.text.overflow);
    unsigned before = f.journal.parts;
    assert_true(journal_end(&f.journal, 1, NULL));
    assert_int_equal(f.journal.parts, before + 1);
    assert_int_equal(f.journal.members, 100);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(records_are_as_specified), CASE(it_goes_out_in_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
