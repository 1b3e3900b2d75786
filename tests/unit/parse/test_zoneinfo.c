/* analyzer/parse/system/zoneinfo.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/zoneinfo.h"

static bool parse(struct slice text, struct failure *why)
{
    struct zoneinfo zoneinfo = {0};
    bool parsed = zoneinfo_parse(text, &zoneinfo, why);
    zoneinfo_deinit(&zoneinfo);
    return parsed;
}

/* 7.x: per-node statistics under the first zone, an empty zone at the end */
static const char recent[] = "Node 0, zone      DMA\n"
                             "  per-node stats\n"
                             "      nr_inactive_anon 0\n"
                             "      pgscan_anon  0\n"
                             "  pages free     3808\n"
                             "        boost    1\n"
                             "        min      187\n"
                             "        low      233\n"
                             "        high     279\n"
                             "        promo    325\n"
                             "        spanned  4095\n"
                             "        present  3998\n"
                             "        managed  3840\n"
                             "        cma      0\n"
                             "        protection: (0, 570, 570, 570, 570)\n"
                             "      nr_free_pages 3807\n"
                             "      numa_hit     1\n"
                             "  pagesets\n"
                             "    cpu: 0\n"
                             "              count:    12\n"
                             "              high:     99\n"
                             "              batch:    1\n"
                             "              high_min: 233\n"
                             "              high_max: 480\n"
                             "  vm stats threshold: 2\n"
                             "    cpu: 1\n"
                             "              count:    30\n"
                             "              high:     99\n"
                             "              batch:    1\n"
                             "  vm stats threshold: 2\n"
                             "  node_unreclaimable:  0\n"
                             "  start_pfn:           1\n"
                             "  reserved_highatomic: 0\n"
                             "  something to come\n"
                             "Node 0, zone  Movable\n"
                             "  pages free     0\n"
                             "        boost    0\n"
                             "        min      32\n"
                             "        low      32\n"
                             "        high     32\n"
                             "        spanned  0\n"
                             "        present  0\n"
                             "        managed  0\n"
                             "        cma      0\n"
                             "        protection: (0, 0, 0, 0, 0)\n";

/* 2.6.32: no managed, statistics before protection, priorities */
static const char old[] = "Node 0, zone      DMA\n"
                          "  pages free     3938\n"
                          "        min      5\n"
                          "        low      6\n"
                          "        high     7\n"
                          "        scanned  0\n"
                          "        spanned  4080\n"
                          "        present  3840\n"
                          "    nr_free_pages 3938\n"
                          "    nr_inactive_anon 0\n"
                          "        protection: (0, 3243, 7976, 7976)\n"
                          "  pagesets\n"
                          "    cpu: 0\n"
                          "              count: 7\n"
                          "              high:  0\n"
                          "              batch: 1\n"
                          "  vm stats threshold: 8\n"
                          "  all_unreclaimable: 1\n"
                          "  prev_priority:     12\n"
                          "  start_pfn:         0\n"
                          "  inactive_ratio:    1\n"
                          "Node 1, zone   Normal\n"
                          "  pages free     100\n"
                          "        min      5\n"
                          "        low      6\n"
                          "        high     7\n"
                          "        scanned  0 (aa: 0 ia: 0)\n"
                          "        spanned  4080\n"
                          "        present  3840\n"
                          "    nr_free_pages 3938\n"
                          "        protection: (0, 0, 0, 0)\n"
                          "  pagesets\n";

static void reads_a_recent_kernel(void **state)
{
    (void)state;
    struct zoneinfo zoneinfo = {0};
    struct failure why = {0};
    uint64_t managed = 0;
    assert_true(zoneinfo_parse(SLICE(recent), &zoneinfo, &why));
    assert_int_equal(zoneinfo.count, 2);
    const struct zone *zone = &zoneinfo.zones[0];
    assert_int_equal(zone->node, 0);
    assert_string_equal(zone->name, "DMA");
    assert_int_equal(zone->free_pages, 3808);
    assert_int_equal(zone->boost_pages, 1);
    assert_int_equal(zone->min_pages, 187);
    assert_int_equal(zone->low_pages, 233);
    assert_int_equal(zone->high_pages, 279);
    assert_int_equal(zone->spanned_pages, 4095);
    assert_int_equal(zone->present_pages, 3998);
    assert_true(zone->has_managed);
    assert_int_equal(zone->managed_pages, 3840);
    assert_int_equal(zone->pcp_pages, 42);
    assert_int_equal(zone->pcp_cpus, 2);
    assert_int_equal(zone->protection_count, 5);
    assert_int_equal(zone->protection[1], 570);
    assert_int_equal(zone->stat_threshold, 2);
    assert_true(zone->has_per_node_stats);
    assert_true(zone->populated);
    assert_int_equal(zone->unknown_keys, 1);
    assert_string_equal(zoneinfo.zones[1].name, "Movable");
    assert_false(zoneinfo.zones[1].populated);
    assert_int_equal(zoneinfo.zones[1].pcp_cpus, 0);
    assert_int_equal(zoneinfo_pcp_pages(&zoneinfo), 42);
    assert_int_equal(zoneinfo_free_pages(&zoneinfo), 3808);
    assert_int_equal(zoneinfo_present_pages(&zoneinfo), 3998);
    assert_true(zoneinfo_managed_pages(&zoneinfo, &managed));
    assert_int_equal(managed, 3840);
    zoneinfo_deinit(&zoneinfo);
}

static void reads_an_old_kernel(void **state)
{
    (void)state;
    struct zoneinfo zoneinfo = {0};
    struct failure why = {0};
    uint64_t managed = 9;
    assert_true(zoneinfo_parse(SLICE(old), &zoneinfo, &why));
    assert_int_equal(zoneinfo.count, 2);
    assert_int_equal(zoneinfo.zones[0].pcp_pages, 7);
    assert_int_equal(zoneinfo.zones[0].protection[2], 7976);
    assert_false(zoneinfo.zones[0].has_managed);
    assert_int_equal(zoneinfo.zones[1].node, 1);
    assert_int_equal(zoneinfo_free_pages(&zoneinfo), 4038);
    assert_false(zoneinfo_managed_pages(&zoneinfo, &managed));
    assert_int_equal(managed, 9);
    zoneinfo_deinit(&zoneinfo);
}

#define HEAD "Node 0, zone      DMA\n"

static void refuses_what_is_no_zoneinfo(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",                   "",                                                          1, "is this /proc/zoneinfo"},
        {"other file",              "MemTotal: 1 kB\n",                                          1, "is this /proc/zoneinfo"},
        {"no free",                 HEAD "        min      5\n",                                 2, "no 'pages free'"       },
        {"no free before the next", HEAD HEAD "  pages free 1\n",                                2, "no 'pages free'"       },
        {"statistics are not free", HEAD "      nr_free_pages 5\n",                              2, "no 'pages free'"       },
        {"free is no number",       HEAD "  pages free     x\n",                                 2, "no number"             },
        {"free is negative",        HEAD "  pages free     -1\n",                                2, "no number"             },
        {"two figures",             HEAD "  pages free     1 2\n",                               2, "no number"             },
        {"free twice",              HEAD "  pages free     1\n  pages free 1\n",                 3, "printed twice"         },
        {"high twice",              HEAD "  pages free     1\n high 1\n high 1\n",               4, "printed twice"         },
        {"bad statistics",          HEAD "  pages free     1\n      nr_free_pages x\n",          3, "no number"             },
        {"bad count",               HEAD "  pages free     1\n  pagesets\n cpu: 0\n count: x\n", 5, "no number"             },
        {"bad threshold",           HEAD "  pages free     1\n  vm stats threshold: x\n",        3, "no number"             },
        {"bad batch",               HEAD "  pages free     1\n  batch: x\n",                     3, "no number"             },
        {"bad protection",          HEAD "  pages free     1\n  protection: (0, x)\n",           3, "no number"             },
        {"open protection",         HEAD "  pages free     1\n  protection: (0, 1\n",            3, "no number"             },
        {"no protection",           HEAD "  pages free     1\n  protection: ()\n",               3, "no number"             },
        {"half protection",         HEAD "  pages free     1\n  protection: )\n",                3, "no number"             },
        {"no node",                 "Node x, zone DMA\n",                                        1, "no 'Node N, zone NAME'"},
        {"no zone",                 "Node 0\n",                                                  1, "no 'Node N, zone NAME'"},
        {"long name",               "Node 0, zone 1234567890123456\n",                           1, "no 'Node N, zone NAME'"},
        {"cut",                     HEAD "  pages free     38",                                  2, "cut"                   },
    };
    EXPECT_REJECTED(parse, rejected);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    assert_int_not_equal(expect_safe_prefixes(parse, recent), 0);
    assert_int_not_equal(expect_safe_prefixes(parse, old), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_recent_kernel),
        cmocka_unit_test(reads_an_old_kernel),
        cmocka_unit_test(refuses_what_is_no_zoneinfo),
        cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
