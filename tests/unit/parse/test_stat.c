/* analyzer/parse/process/stat.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/process/stat.h"

#define NUMBERS_TO_START " 0 1 2 0 -1 4194560 303 22714 6 21 5 227 782 578 20 -5 3 0 67"
#define NUMBERS          NUMBERS_TO_START " 2322432 416 18446744073709551615 4198400 5 140724603453440"

static bool parse(struct slice text, struct failure *why)
{
    struct process_stat stat;
    return process_stat_parse(text, &stat, why);
}

static void reads_the_words(void **state)
{
    (void)state;
    struct process_stat stat;
    struct failure why = {0};
    assert_true(process_stat_parse(SLICE("1 (init) S" NUMBERS "\n"), &stat, &why));
    assert_int_equal(stat.pid, 1);
    EXPECT_SLICE(stat.comm, "init");
    assert_int_equal(stat.state, 'S');
    assert_int_equal(stat.ppid, 0);
    assert_int_equal(stat.pgrp, 1);
    assert_int_equal(stat.session, 2);
    assert_int_equal(stat.flags, 4194560);
    assert_int_equal(stat.minor_faults, 303);
    assert_int_equal(stat.major_faults, 6);
    assert_int_equal(stat.threads, 3);
    assert_int_equal(stat.start_time_ticks, 67);
    assert_int_equal(stat.vsize_bytes, 2322432);
    assert_int_equal(stat.rss_pages, 416);
    assert_int_equal(stat.start_stack, 140724603453440);
}

static void comm_may_hold_anything(void **state)
{
    (void)state;
    struct process_stat stat;
    struct failure why = {0};
    assert_true(process_stat_parse(SLICE("7 (x) S 1\n\\() R" NUMBERS "\n"), &stat, &why));
    EXPECT_SLICE(stat.comm, "x) S 1\n\\(");
    assert_int_equal(stat.state, 'R');
    assert_true(process_stat_parse(SLICE("7 () Z" NUMBERS "\n"), &stat, &why));
    EXPECT_SLICE(stat.comm, "");
    assert_true(process_stat_parse(SLICE("7 ( \xff ) I" NUMBERS "\n"), &stat, &why));
    EXPECT_SLICE(stat.comm, " \xff ");
}

/* the values of 2.6.32, which has 44 words */
static void reads_an_old_kernel(void **state)
{
    (void)state;
    struct process_stat stat;
    struct failure why = {0};
    assert_true(process_stat_parse(
        SLICE("1 (init) S 0 1 1 0 -1 4202752 1 2 3 4 5 6 7 8 20 0 1 0 3 19726336 383 "
              "18446744073709551615 1 1 0 0 0 0 0 4096 536962595 18446744073709551615 0 0 0 2 0 0 "
              "4 0 0\n"),
        &stat, &why));
    assert_int_equal(stat.start_time_ticks, 3);
    assert_int_equal(stat.rss_pages, 383);
    assert_int_equal(stat.start_stack, 0);
}

static void result_is_untouched_on_failure(void **state)
{
    (void)state;
    struct process_stat stat;
    struct process_stat before;
    struct failure why = {0};
    memset(&stat, 0x5a, sizeof stat);
    before = stat;
    assert_false(process_stat_parse(SLICE("1 (init) S" NUMBERS " x\n"), &stat, &why));
    assert_memory_equal(&stat, &before, sizeof stat);
}

static void refuses_what_is_no_stat(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",           "",                                                       1, "cut"                },
        {"cut",             "1 (init) S" NUMBERS,                                     1, "cut"                },
        {"cpu",             "cpu  1 2 3\n",                                           1, "is this"            },
        {"no comm",         "1 init S" NUMBERS "\n",                                  1, "is this"            },
        {"open comm",       "1 (init S" NUMBERS "\n",                                 1, "is this"            },
        {"negative pid",    "-1 (init) S" NUMBERS "\n",                               1, "is this"            },
        {"no state",        "1 (init)\n",                                             1, "no state"           },
        {"long state",      "1 (init) SS" NUMBERS "\n",                               1, "no state"           },
        {"too few words",   "1 (init) S" NUMBERS_TO_START " 1\n",                     1, "only 23 words"      },
        {"no number",       "1 (init) S 0 x" NUMBERS "\n",                            1, "word 5 is no number"},
        {"later no number", "1 (init) S" NUMBERS " 1x\n",                             1, "is no number"       },
        {"negative size",   "1 (init) S" NUMBERS_TO_START " -1 416\n",                1, "word 23"            },
        {"rss too large",   "1 (init) S" NUMBERS_TO_START " 1 9223372036854775808\n", 1, "word 24"            },
    };
    EXPECT_REJECTED(parse, rejected);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    assert_int_equal(expect_safe_prefixes(parse, "7 (x) S 1 (y) R" NUMBERS "\n"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_words),         cmocka_unit_test(comm_may_hold_anything),
        cmocka_unit_test(reads_an_old_kernel),     cmocka_unit_test(result_is_untouched_on_failure),
        cmocka_unit_test(refuses_what_is_no_stat), cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
