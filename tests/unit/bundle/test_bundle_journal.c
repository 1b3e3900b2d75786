#include "analyzer/bundle/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const char good_journal[] =
    "pass 1 name system start_ns 10 duration_ns 20\n"
    "member outcome read pass 1 start_ns 11 duration_ns 2 bytes 1475 parts 1 errno 0 "
    "path proc/meminfo\n"
    "member outcome refused pass 3 start_ns 12 duration_ns 1 bytes 0 parts 0 errno 13 "
    "path proc/7/sm aps\\n\\\\\\x00x\n"
    "process pid 7 start_time_ticks 18446744073709551615 outcome vanished\n"
    "process pid 8 outcome evaporated colour red\n"
    "weather pid x sunny\n"
    "note text two words \n"
    "end members 2 processes 3 mappings 4 bytes 5 duration_ns 6\n";

struct collected {
    struct journal_record records[16];
    char texts[16][64];
    size_t count;
    size_t stop_after; /* 0: never */
};

static bool collect(void *context, const struct journal_record *record, struct failure *why)
{
    struct collected *all = context;
    assert_true(all->count < 16);
    assert_true(record->text.length_bytes < 64);
    if (record->text.length_bytes > 0)
        memcpy(all->texts[all->count], record->text.at, record->text.length_bytes);
    all->records[all->count++] = *record;
    if (all->count == all->stop_after)
        return failure_set(why, FAILURE_USAGE, 99, "enough");
    return true;
}

static void reads_each_record(void **state)
{
    struct collected all = {0};
    struct failure why = {0};
    const struct journal_record *r = all.records;
    (void)state;
    assert_true(journal_parse(slice_of(good_journal), collect, &all, &why));
    assert_int_equal(all.count, 8);

    assert_int_equal(r[0].kind, JOURNAL_PASS);
    assert_int_equal(r[0].pass, 1);
    assert_true(slice_equal(r[0].name, SLICE("system")));
    assert_int_equal(r[0].start_ns, 10);
    assert_int_equal(r[0].duration_ns, 20);

    assert_int_equal(r[1].kind, JOURNAL_MEMBER);
    assert_int_equal(r[1].outcome, OUTCOME_READ);
    assert_int_equal(r[1].bytes, 1475);
    assert_int_equal(r[1].parts, 1);
    assert_string_equal(all.texts[1], "proc/meminfo");

    assert_int_equal(r[2].outcome, OUTCOME_REFUSED);
    assert_int_equal(r[2].error_number, 13);
    assert_int_equal(r[2].text.length_bytes, 17);
    assert_memory_equal(all.texts[2], "proc/7/sm aps\n\\\0x", 17);

    assert_int_equal(r[3].kind, JOURNAL_PROCESS);
    assert_int_equal(r[3].pid, 7);
    assert_true(r[3].start_time_ticks == UINT64_MAX);
    assert_int_equal(r[3].outcome, OUTCOME_VANISHED);
    assert_int_equal(r[4].outcome, OUTCOME_FAILED);
    assert_int_equal(r[5].kind, JOURNAL_UNKNOWN);
    assert_string_equal(all.texts[6], "two words ");

    assert_int_equal(r[7].kind, JOURNAL_END);
    assert_int_equal(r[7].members, 2);
    assert_int_equal(r[7].processes, 3);
    assert_int_equal(r[7].mappings, 4);
    assert_int_equal(r[7].bytes, 5);
    assert_int_equal(r[7].duration_ns, 6);
}

static const struct rejected {
    const char *text;
    uint64_t line;
    size_t records; /* that reached the sink before */
} rejected[] = {
    {"\n",                                 1, 0},
    {"note text a\n\n",                    2, 1},
    {"note text a\nend members x\n",       2, 1},
    {"end members -1\n",                   1, 0},
    {"end members 18446744073709551616\n", 1, 0},
    {"end members\n",                      1, 0},
    {"end members \n",                     1, 0},
    {"end  members 1\n",                   1, 0},
    {"end members 1 members 1\n",          1, 0},
    {"end members 1",                      1, 0},
    {"note text a\nend members 1",         2, 1},
    {"note\n",                             1, 0},
    {"note text \\q\n",                    1, 0},
    {"note text \\",                       1, 0},
    {"pass name system\n",                 1, 0},
    {"pass one name system\n",             1, 0},
    {"process pid 1\n",                    1, 0},
    {"process outcome read\n",             1, 0},
    {"member outcome read pass 1\n",       1, 0},
    {"member path proc/meminfo\n",         1, 0},
};

static void refuses_and_keeps_what_came_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++) {
        struct collected all = {0};
        struct failure why = {0};
        print_message("%s\n", rejected[i].text);
        assert_false(journal_parse(slice_of(rejected[i].text), collect, &all, &why));
        assert_int_equal(why.kind, FAILURE_MALFORMED);
        assert_int_equal(why.position, rejected[i].line);
        assert_int_equal(all.count, rejected[i].records);
    }
}

static void an_empty_part_is_fine_and_an_empty_text_too(void **state)
{
    struct collected all = {0};
    (void)state;
    assert_true(journal_parse(SLICE(""), collect, &all, NULL));
    assert_int_equal(all.count, 0);
    assert_true(journal_parse(SLICE("note text \n"), collect, &all, NULL));
    assert_int_equal(all.records[0].text.length_bytes, 0);
}

static void the_sink_can_stop_it(void **state)
{
    struct collected all = {.stop_after = 2};
    struct failure why = {0};
    (void)state;
    assert_false(journal_parse(slice_of(good_journal), collect, &all, &why));
    assert_int_equal(all.count, 2);
    assert_int_equal(why.kind, FAILURE_USAGE);
    assert_int_equal(why.position, 99);
}

static void a_cut_is_seen_unless_it_is_between_lines(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof good_journal - 1; length++) {
        struct collected all = {0};
        struct failure why = {0};
        char *exact = malloc(length + 1);
        assert_non_null(exact);
        memcpy(exact, good_journal, length);
        bool parsed = journal_parse((struct slice){exact, length}, collect, &all, &why);
        assert_int_equal(parsed, length == 0 || good_journal[length - 1] == '\n');
        assert_int_equal(parsed, why.kind == FAILURE_NONE);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_record),
        cmocka_unit_test(refuses_and_keeps_what_came_before),
        cmocka_unit_test(an_empty_part_is_fine_and_an_empty_text_too),
        cmocka_unit_test(the_sink_can_stop_it),
        cmocka_unit_test(a_cut_is_seen_unless_it_is_between_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
