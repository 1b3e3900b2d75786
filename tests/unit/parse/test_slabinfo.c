/* analyzer/parse/system/slabinfo.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/slabinfo.h"

static bool parse(struct slice text, struct failure *why)
{
    struct slabinfo parsed_file = {0};
    bool parsed = slabinfo_parse(text, &parsed_file, why);
    slabinfo_deinit(&parsed_file);
    return parsed;
}

#define VERSION "slabinfo - version: 2.1\n"
#define HEADING                                                                                    \
    "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables " \
    "<limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n"
#define TAIL " : tunables    0    0    0 : slabdata      2      3      0\n"

static const char usual[] = VERSION HEADING "ext4_groupinfo_1k     60     61    136   30    1" TAIL
                                            "a : b (c)             1      2      8    4    5" TAIL;

static void reads_the_caches(void **state)
{
    (void)state;
    struct slabinfo slabinfo = {0};
    struct failure why = {0};
    assert_true(slabinfo_parse(SLICE(usual), &slabinfo, &why));
    assert_int_equal(slabinfo.count, 2);
    const struct slab_cache *cache = slabinfo.caches;
    assert_string_equal(cache[0].name, "ext4_groupinfo_1k");
    assert_int_equal(cache[0].active_objects, 60);
    assert_int_equal(cache[0].objects, 61);
    assert_int_equal(cache[0].object_bytes, 136);
    assert_int_equal(cache[0].objects_per_slab, 30);
    assert_int_equal(cache[0].pages_per_slab, 1);
    assert_int_equal(cache[0].active_slabs, 2);
    assert_int_equal(cache[0].slabs, 3);
    assert_string_equal(cache[1].name, "a : b (c)");
    assert_int_equal(cache[1].pages_per_slab, 5);
    slabinfo_deinit(&slabinfo);
}

/* SLAB with statistics, without its headings */
static void reads_statistics(void **state)
{
    (void)state;
    struct slabinfo slabinfo = {0};
    struct failure why = {0};
    assert_true(slabinfo_parse(
        SLICE("size-4096  1 2 4096 1 1 : tunables 24 12 8 : slabdata 7 9 0 : globalstat 3 4 5 6 7 "
              "8 9 1 2 : cpustat 1 2 3 4\n"),
        &slabinfo, &why));
    assert_int_equal(slabinfo.count, 1);
    assert_string_equal(slabinfo.caches[0].name, "size-4096");
    assert_int_equal(slabinfo.caches[0].slabs, 9);
    slabinfo_deinit(&slabinfo);
}

static void another_version_is_unsupported(void **state)
{
    (void)state;
    struct failure why = {0};
    assert_false(parse(SLICE("slabinfo - version: 3.0\n"), &why));
    assert_int_equal(why.kind, FAILURE_UNSUPPORTED);
    assert_int_equal(why.position, 1);
}

static void refuses_what_is_no_slabinfo(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",         "",                                                          1, "empty"  },
        {"other file",    "MemTotal: 1 kB\n",                                          1, "is this"},
        {"no tunables",   VERSION "x 1 2 3 4 5\n",                                     2, "is this"},
        {"no name",       VERSION " 1 2 3 4 5" TAIL,                                   2, "is this"},
        {"four numbers",  VERSION "x 1 2 3 4" TAIL,                                    2, "is this"},
        {"negative",      VERSION "x -1 2 3 4 5" TAIL,                                 2, "is this"},
        {"no slabdata",   VERSION "x 1 2 3 4 5 : tunables 0 0 0\n",                    2, "is this"},
        {"bad slabdata",  VERSION "x 1 2 3 4 5 : tunables 0 0 0 : slabdata 1 x 0\n",   2, "is this"},
        {"more slabdata", VERSION "x 1 2 3 4 5 : tunables 0 0 0 : slabdata 1 1 0 1\n", 2,
         "is this"                                                                                 },
        {"empty line",    VERSION "\n",                                                2, "is this"},
        {"cut",           VERSION "x 1 2 3 4 5 : tunables 0 0 0 : slabdata 1 1 0",     2, "cut"    },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, usual), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_caches),
        cmocka_unit_test(reads_statistics),
        cmocka_unit_test(another_version_is_unsupported),
        cmocka_unit_test(refuses_what_is_no_slabinfo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
