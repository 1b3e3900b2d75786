/* analyzer/parse/system/meminfo.c and the table machinery under it */
#include "tests/unit/parse/parse_support.h"

#include <stdio.h>

#include "analyzer/parse/system/meminfo.h"

static bool parse(struct slice text, struct failure *why)
{
    struct field_record record = {0};
    bool parsed = meminfo_parse(text, &record, why);
    if (!parsed)
        assert_null(record.extra);
    field_record_deinit(&record);
    return parsed;
}

static bool parse_node(struct slice text, struct failure *why)
{
    struct field_record record = {0};
    unsigned node = 77;
    bool parsed = node_meminfo_parse(text, &node, &record, why);
    if (!parsed)
        assert_int_equal(node, 77);
    field_record_deinit(&record);
    return parsed;
}

static void expect_field(const struct field_record *record, enum meminfo_field field,
                         uint64_t expected)
{
    uint64_t value = 0;
    assert_true(field_get(record, field, &value));
    assert_true(value == expected);
}

static const char recent[] = "MemTotal:         599236 kB\n"
                             "MemFree:          420652 kB\n"
                             "MemAvailable:     410000 kB\n"
                             "Active(anon):      78356 kB\n"
                             "Balloon:               0 kB\n"
                             "NewerKernels:         12 kB\n"
                             "NewerCount:            5\n"
                             "HugePages_Total:      10\n"
                             "Hugepagesize:       2048 kB\n"
                             "DirectMap1G:     1048576 kB\n";

static void values_are_bytes(void **state)
{
    (void)state;
    struct field_record record = {0};
    struct failure why = {0};
    uint64_t value = 0;
    assert_true(meminfo_parse(SLICE(recent), &record, &why));
    expect_field(&record, MEMINFO_MEM_TOTAL, UINT64_C(599236) * 1024);
    expect_field(&record, MEMINFO_ACTIVE_ANON, UINT64_C(78356) * 1024);
    expect_field(&record, MEMINFO_BALLOON, 0);
    expect_field(&record, MEMINFO_HUGE_PAGES_TOTAL, 10);
    expect_field(&record, MEMINFO_HUGE_PAGE_SIZE, UINT64_C(2048) * 1024);
    assert_false(field_get(&record, MEMINFO_SWAP_TOTAL, &value));
    field_record_deinit(&record);
}

static void unknown_keys_are_kept(void **state)
{
    (void)state;
    struct field_record record = {0};
    struct failure why = {0};
    assert_true(meminfo_parse(SLICE(recent), &record, &why));
    assert_int_equal(record.extra_count, 2);
    assert_string_equal(record.extra[0].name, "NewerKernels");
    assert_int_equal(record.extra[0].value, 12 * 1024);
    assert_true(record.extra[0].in_kib);
    assert_string_equal(record.extra[1].name, "NewerCount");
    assert_int_equal(record.extra[1].value, 5);
    assert_false(record.extra[1].in_kib);
    field_record_deinit(&record);
}

/* MemAvailable stands at the end there, and s390 prints other sizes of the linear map. */
static void order_does_not_matter(void **state)
{
    (void)state;
    struct field_record record = {0};
    struct failure why = {0};
    assert_true(meminfo_parse(SLICE("HugePages_Rsvd:        3\n"
                                    "MemFree:          200 kB\n"
                                    "DirectMap1M:      102 kB\n"
                                    "MemTotal:         300 kB\n"
                                    "MemAvailable:     250 kB\n"),
                              &record, &why));
    expect_field(&record, MEMINFO_HUGE_PAGES_RSVD, 3);
    expect_field(&record, MEMINFO_MEM_TOTAL, 300 * 1024);
    expect_field(&record, MEMINFO_MEM_AVAILABLE, 250 * 1024);
    assert_int_equal(record.extra_count, 1);
    assert_string_equal(record.extra[0].name, "DirectMap1M");
    field_record_deinit(&record);
}

/* Percpu counters summed without lock: kernels have printed both below zero. */
static void a_wrapped_counter_is_absent(void **state)
{
    (void)state;
    struct field_record record = {0};
    struct failure why = {0};
    uint64_t value = 0;
    assert_true(meminfo_parse(SLICE("MemTotal: 300 kB\n"
                                    "Committed_AS:   18446744073709551596 kB\n"
                                    "VmallocUsed:    18446744073709550000 kB\n"),
                              &record, &why));
    assert_false(field_get(&record, MEMINFO_COMMITTED_AS, &value));
    assert_false(field_get(&record, MEMINFO_VMALLOC_USED, &value));
    assert_int_equal(record.extra_count, 2);
    assert_string_equal(record.extra[0].name, "Committed_AS");
    assert_true(record.extra[0].value == UINT64_C(18446744073709551596));
    field_record_deinit(&record);
}

static void refuses_what_is_no_meminfo(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",          "",                                                1, "is this /proc/meminfo"},
        {"other file",     "root:0 kB\nnobody:1 kB\n",                        1, "is this /proc/meminfo"},
        {"words",          "MemTotal: 1 kB\nroot:x:0:0:root:/root:/bin/sh\n", 2, "no number"            },
        {"no separator",   "MemTotal: 1 kB\nMemFree 1 kB\n",                  2, "'key: value'"         },
        {"no key",         "MemTotal: 1 kB\n: 1 kB\n",                        2, "'key: value'"         },
        {"empty line",     "MemTotal: 1 kB\n\n",                              2, "'key: value'"         },
        {"missing unit",   "MemTotal: 1\n",                                   1, "has no unit"          },
        {"wrong unit",     "MemTotal: 1 MB\n",                                1, "no number"            },
        {"two units",      "MemTotal: 1 kB kB\n",                             1, "no number"            },
        {"unit of count",  "MemTotal: 1 kB\nHugePages_Free: 1 kB\n",          2, "unexpected unit"      },
        {"negative",       "MemTotal: -1 kB\n",                               1, "no number"            },
        {"no value",       "MemTotal:\n",                                     1, "no number"            },
        {"hexadecimal",    "MemTotal: 0x1 kB\n",                              1, "no number"            },
        {"overflow",       "MemTotal: 18446744073709551615 kB\n",             1, "overflows"            },
        {"just too large", "MemTotal: 18014398509481984 kB\n",                1, "overflows"            },
        {"large unknown",  "MemTotal: 1 kB\nX: 18014398509481984 kB\n",       2, "overflows"            },
        {"no 64-bit",      "MemTotal: 18446744073709551616 kB\n",             1, "no number"            },
        {"printed twice",  "MemTotal: 1 kB\nMemFree: 1 kB\nMemFree: 1 kB\n",  3, "printed twice"        },
        {"extra twice",    "MemTotal: 1 kB\nX: 1 kB\nX: 1 kB\n",              3, "printed twice"        },
        {"cut",            "MemTotal: 1 kB\nHugePages_Total: 1",              2, "cut"                  },
    };
    EXPECT_REJECTED(parse, rejected);
}

static void largest_value_is_read(void **state)
{
    (void)state;
    struct failure why = {0};
    assert_true(parse(SLICE("MemTotal: 18014398509481983 kB\n"), &why));
}

static void result_is_untouched_on_failure(void **state)
{
    (void)state;
    struct field_record record;
    struct field_record before;
    struct failure why = {0};
    memset(&record, 0x5a, sizeof record);
    before = record;
    assert_false(meminfo_parse(SLICE("MemTotal: 1 kB\nMemFree: 1\n"), &record, &why));
    assert_memory_equal(&record, &before, sizeof record);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    /* one after each line, since the first has what is required */
    assert_int_equal(expect_safe_prefixes(parse, recent), 10);
}

static void nodes_are_told_apart(void **state)
{
    (void)state;
    struct field_record record = {0};
    struct failure why = {0};
    unsigned node = 0;
    /* the empty line is 2.6.32's */
    assert_true(node_meminfo_parse(SLICE("\n"
                                         "Node 3 MemTotal:        1024 kB\n"
                                         "Node 3 MemUsed:          512 kB\n"
                                         "Node 3 HugePages_Total:     4\n"),
                                   &node, &record, &why));
    assert_int_equal(node, 3);
    expect_field(&record, MEMINFO_MEM_TOTAL, 1024 * 1024);
    expect_field(&record, MEMINFO_HUGE_PAGES_TOTAL, 4);
    assert_int_equal(record.extra_count, 1);
    assert_string_equal(record.extra[0].name, "MemUsed");
    field_record_deinit(&record);
}

static void refuses_what_is_no_node(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",        "",                                               1, "Node N"     },
        {"the system's", "MemTotal: 1 kB\n",                               1, "Node N"     },
        {"no number",    "Node x MemTotal: 1 kB\n",                        1, "Node N"     },
        {"other node",   "Node 0 MemTotal: 1 kB\nNode 1 MemFree: 1 kB\n",  2, "begin with" },
        {"longer node",  "Node 0 MemTotal: 1 kB\nNode 01 MemFree: 1 kB\n", 2, "begin with" },
        {"no total",     "Node 0 MemFree: 1 kB\n",                         1, "no MemTotal"},
        {"missing unit", "Node 0 MemTotal: 1 kB\nNode 0 MemFree: 1\n",     2, "has no unit"},
    };
    EXPECT_REJECTED(parse_node, rejected);
    expect_safe_prefixes(parse_node, "\nNode 0 MemTotal: 1 kB\nNode 0 HugePages_Free:  12\n");
}

static void fields_have_names(void **state)
{
    (void)state;
    assert_string_equal(meminfo_field_name(MEMINFO_MEM_TOTAL), "MemTotal");
    assert_string_equal(meminfo_field_name(MEMINFO_DIRECT_MAP_1G), "DirectMap1G");
    for (unsigned field = 0; field < MEMINFO_FIELD_COUNT; field++)
        assert_non_null(meminfo_field_name((enum meminfo_field)field));
    assert_string_equal(meminfo_field_name(MEMINFO_FIELD_COUNT), "");
}

static void too_many_fields_are_a_limit(void **state)
{
    (void)state;
    enum { ROOM = 64 + 32 * FIELD_EXTRA_LIMIT };
    char *text = malloc(ROOM);
    assert_non_null(text);
    for (unsigned over = 0; over < 2; over++) {
        size_t used = (size_t)snprintf(text, ROOM, "MemTotal: 1 kB\n");
        for (unsigned i = 0; i < FIELD_EXTRA_LIMIT + over; i++)
            used += (size_t)snprintf(text + used, ROOM - used, "Extra%u: 1 kB\n", i);
        struct failure why = {0};
        assert_int_equal(parse((struct slice){text, used}, &why), over == 0);
        assert_int_equal(why.kind, over ? FAILURE_LIMIT : FAILURE_NONE);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_bytes),
        cmocka_unit_test(unknown_keys_are_kept),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(a_wrapped_counter_is_absent),
        cmocka_unit_test(refuses_what_is_no_meminfo),
        cmocka_unit_test(largest_value_is_read),
        cmocka_unit_test(result_is_untouched_on_failure),
        cmocka_unit_test(every_prefix_is_safe),
        cmocka_unit_test(nodes_are_told_apart),
        cmocka_unit_test(refuses_what_is_no_node),
        cmocka_unit_test(fields_have_names),
        cmocka_unit_test(too_many_fields_are_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
