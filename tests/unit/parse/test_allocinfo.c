/* analyzer/parse/system/allocinfo.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/allocinfo.h"

static bool parse(struct slice text, struct failure *why)
{
    struct allocinfo allocinfo = {0};
    bool parsed = allocinfo_parse(text, &allocinfo, why);
    allocinfo_deinit(&allocinfo);
    return parsed;
}

#define HEADER                                                                                     \
    "allocinfo - version: 1.0\n"                                                                   \
    "#     <size>  <calls> <tag info>\n"

static const char usual[] =
    HEADER "           0        0 init/main.c:1375 func:do_initcalls \n"
           "    12189696     2976 mm/slub.c:2400 func:alloc_slab_page \n"
           "       16384        1 net/core/sock.c:2 [tap] func:sock_alloc accurate:no\n";

static void reads_the_sites(void **state)
{
    (void)state;
    struct allocinfo allocinfo;
    struct failure why = {0};
    assert_true(allocinfo_parse(SLICE(usual), &allocinfo, &why));
    assert_int_equal(allocinfo.count, 3);
    EXPECT_SLICE(allocinfo.sites[1].file_line, "mm/slub.c:2400");
    EXPECT_SLICE(allocinfo.sites[1].function, "alloc_slab_page");
    assert_int_equal(allocinfo.sites[1].module.length_bytes, 0);
    assert_int_equal(allocinfo.sites[1].bytes, 12189696);
    assert_int_equal(allocinfo.sites[1].calls, 2976);
    EXPECT_SLICE(allocinfo.sites[2].module, "tap");
    EXPECT_SLICE(allocinfo.sites[2].function, "sock_alloc");
    allocinfo_deinit(&allocinfo);
}

/* The counters of each processor are read one after the other. */
static void a_sum_below_zero_is_nothing(void **state)
{
    (void)state;
    struct allocinfo allocinfo;
    assert_true(allocinfo_parse(SLICE("allocinfo - version: 2.0\n -4096 -1 a.c:1 func:f\n"),
                                &allocinfo, NULL));
    assert_int_equal(allocinfo.sites[0].bytes, 0);
    assert_int_equal(allocinfo.sites[0].calls, 0);
    allocinfo_deinit(&allocinfo);
}

static void refuses_what_is_no_allocinfo(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",       "",                                            1, "no version"},
        {"other file",  "MemTotal: 1 kB\n",                            1, "no version"},
        {"no calls",    HEADER "1 a.c:1 func:f\n",                     3, "no 'BYTES" },
        {"no function", HEADER "1 1 a.c:1 [m]\n",                      3, "no 'BYTES" },
        {"no name",     HEADER "1 1 a.c:1 func:\n",                    3, "no 'BYTES" },
        {"overflow",    HEADER "9223372036854775808 1 a.c:1 func:f\n", 3, "no 'BYTES" },
        {"cut",         HEADER "1 1 a.c:1 func:f",                     3, "cut"       },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, usual), 5);
    struct failure why = {0};
    assert_false(parse(SLICE("allocinfo - version: 3.0\n"), &why));
    assert_int_equal(why.kind, FAILURE_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_sites),
        cmocka_unit_test(a_sum_below_zero_is_nothing),
        cmocka_unit_test(refuses_what_is_no_allocinfo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
