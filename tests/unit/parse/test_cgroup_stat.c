/* analyzer/parse/system/cgroup_stat.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/cgroup_stat.h"

#define NUMBER_START 77u

static bool parse(struct slice text, struct failure *why)
{
    struct field_record record;
    enum cgroup_version version;
    if (!cgroup_stat_parse(text, &record, &version, why))
        return false;
    field_record_deinit(&record);
    return true;
}

static bool parse_events(struct slice text, struct failure *why)
{
    struct field_record record;
    if (!cgroup_events_parse(text, &record, why))
        return false;
    field_record_deinit(&record);
    return true;
}

static bool parse_counts(struct slice text, struct failure *why)
{
    struct cgroup_counts counts;
    return cgroup_counts_parse(text, &counts, why);
}

static bool parse_number(struct slice text, struct failure *why)
{
    uint64_t value = NUMBER_START;
    bool is_max = false;
    bool ok = cgroup_number_parse(text, &value, &is_max, why);
    if (!ok)
        assert_true(value == NUMBER_START && !is_max);
    return ok;
}

static void tells_both_versions_apart(void **state)
{
    (void)state;
    struct field_record record;
    struct failure why = {0};
    enum cgroup_version version;
    assert_true(cgroup_stat_parse(SLICE("anon 4096\nfile 8192\nnew_in_9 7\nsock 1\n"), &record,
                                  &version, &why));
    assert_int_equal(version, CGROUP_VERSION_2);
    assert_int_equal(record.value[CGROUP_V2_ANON], 4096);
    assert_int_equal(record.value[CGROUP_V2_FILE], 8192);
    assert_true(record.present[CGROUP_V2_SOCK] && !record.present[CGROUP_V2_KERNEL]);
    assert_int_equal(record.extra_count, 1);
    field_record_deinit(&record);
    assert_true(
        cgroup_stat_parse(SLICE("cache 1\nrss 2\npgpgin 3\ntotal_cache 18446744073709551615\n"),
                          &record, &version, &why));
    assert_int_equal(version, CGROUP_VERSION_1);
    assert_int_equal(record.value[CGROUP_V1_RSS], 2);
    assert_true(record.value[CGROUP_V1_TOTAL_CACHE] == UINT64_MAX);
    field_record_deinit(&record);
}

static void reads_events_and_counts(void **state)
{
    (void)state;
    struct field_record record;
    struct failure why = {0};
    struct cgroup_counts counts;
    assert_true(
        cgroup_events_parse(SLICE("low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\n"), &record, &why));
    assert_int_equal(record.value[CGROUP_EVENT_OOM_KILL], 4);
    assert_false(record.present[CGROUP_EVENT_OOM_GROUP_KILL]);
    field_record_deinit(&record);
    assert_true(cgroup_counts_parse(
        SLICE("nr_descendants 5\nnr_subsys_cpu 6\nnr_dying_descendants 0\n"), &counts, &why));
    assert_true(counts.has_dying && counts.dying == 0 && counts.descendants == 5);
    assert_true(cgroup_counts_parse(SLICE("nr_descendants 5\n"), &counts, &why));
    assert_false(counts.has_dying);
}

static void reads_numbers_and_max(void **state)
{
    (void)state;
    uint64_t value = NUMBER_START;
    bool is_max = true;
    struct failure why = {0};
    assert_true(cgroup_number_parse(SLICE("9223372036854771712\n"), &value, &is_max, &why));
    assert_true(value == UINT64_C(9223372036854771712) && !is_max);
    assert_true(cgroup_number_parse(SLICE("max\n"), &value, &is_max, &why));
    assert_true(value == 0 && is_max);
}

static void refuses_what_is_no_stat(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",     "",                            1, "no cache"},
        {"neither",   "file 1\nanon 2\n",            1, "no cache"},
        {"cut",       "anon 1\nfile 2",              2, "is cut"  },
        {"no number", "anon x\n",                    1, "anon"    },
        {"negative",  "cache -1\n",                  1, "cache"   },
        {"overflow",  "anon 18446744073709551616\n", 1, "anon"    },
        {"unit",      "anon 1 kB\n",                 1, "unit"    },
        {"twice",     "anon 1\nfile 1\nanon 1\n",    3, "anon"    },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_true(expect_safe_prefixes(parse, "anon 1\nfile 2\nkernel 3\n") > 0);
}

static void refuses_other_files(void **state)
{
    (void)state;
    static const struct rejected events[] = {
        {"no max", "low 1\n", 1, "no max"},
        {"cut",    "max 1",   1, "is cut"},
    };
    static const struct rejected counts[] = {
        {"no descendants", "nr_dying_descendants 1\n", 1, "no nr_descendants"},
        {"cut",            "nr_descendants 1",         1, "is cut"           },
    };
    static const struct rejected numbers[] = {
        {"empty",     "",                       1, "neither"},
        {"no word",   "\n",                     1, "neither"},
        {"cut",       "12",                     1, "is cut" },
        {"negative",  "-1\n",                   1, "neither"},
        {"overflow",  "18446744073709551616\n", 1, "neither"},
        {"two lines", "1\n2\n",                 1, "neither"},
        {"max more",  "max 1\n",                1, "neither"},
        {"maximum",   "maximum\n",              1, "neither"},
    };
    EXPECT_REJECTED(parse_events, events);
    EXPECT_REJECTED(parse_counts, counts);
    EXPECT_REJECTED(parse_number, numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_both_versions_apart), cmocka_unit_test(reads_events_and_counts),
        cmocka_unit_test(reads_numbers_and_max),     cmocka_unit_test(refuses_what_is_no_stat),
        cmocka_unit_test(refuses_other_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
