/* analyzer/parse/system/sockstat.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/sockstat.h"

static bool parse(struct slice text, struct failure *why)
{
    struct sockstat parsed_file = {0};
    bool parsed = sockstat_parse(text, &parsed_file, why);
    sockstat_deinit(&parsed_file);
    return parsed;
}

static const char usual[] = "sockets: used 231\n"
                            "TCP: inuse 5 orphan 0 tw 1 alloc 9 mem 3\n"
                            "UDP: inuse 2 mem 4\n"
                            "RAW: inuse 0\n"
                            "FRAG: inuse 0 memory 6\n";

static void finds_by_protocol_and_name(void **state)
{
    (void)state;
    struct sockstat sockstat = {0};
    struct failure why = {0};
    uint64_t value = 0;
    assert_true(sockstat_parse(SLICE(usual), &sockstat, &why));
    assert_int_equal(sockstat.count, 11);
    assert_true(sockstat_get(&sockstat, "TCP", "mem", &value));
    assert_int_equal(value, 3);
    assert_true(sockstat_get(&sockstat, "UDP", "mem", &value));
    assert_int_equal(value, 4);
    assert_true(sockstat_get(&sockstat, "FRAG", "memory", &value));
    assert_int_equal(value, 6);
    assert_false(sockstat_get(&sockstat, "RAW", "mem", &value));
    assert_false(sockstat_get(&sockstat, "TCP6", "inuse", &value));
    assert_int_equal(value, 6);
    sockstat_deinit(&sockstat);
}

static void below_zero_is_absent(void **state)
{
    (void)state;
    struct sockstat sockstat = {0};
    struct failure why = {0};
    uint64_t value = 0;
    assert_true(sockstat_parse(SLICE("TCP: inuse 5 mem -3\n"), &sockstat, &why));
    assert_true(sockstat_get(&sockstat, "TCP", "inuse", &value));
    assert_false(sockstat_get(&sockstat, "TCP", "mem", &value));
    sockstat_deinit(&sockstat);
}

static void refuses_what_is_no_sockstat(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",         "",                                  1, "empty"        },
        {"no protocol",   "sockets: used 1\nTCP inuse 5\n",    2, "is this"      },
        {"no value",      "TCP: inuse\n",                      1, "without value"},
        {"no number",     "TCP: inuse x\n",                    1, "no number"    },
        {"overflow",      "TCP: inuse 18446744073709551616\n", 1, "no number"    },
        {"printed twice", "TCP: mem 1\nTCP: mem 1\n",          2, "printed twice"},
        {"long name",     "TCP: a23456789012345b 1\n",         1, "too long"     },
        {"long protocol", "a23456789012345b: x 1\n",           1, "too long"     },
        {"cut",           "TCP: inuse 5",                      1, "cut"          },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, usual), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_protocol_and_name),
        cmocka_unit_test(below_zero_is_absent),
        cmocka_unit_test(refuses_what_is_no_sockstat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
