/* analyzer/parse/process/smaps_rollup.c */
#include "tests/unit/parse/parse_support.h"
#include "tests/unit/parse/smaps_texts.h"

#include "analyzer/parse/process/smaps.h"

#define HEAD "00400000-7fff41c49000 ---p 00000000 00:00 0                              [rollup]\n"

static const char usual[] = HEAD "Rss:                1800 kB\n"
                                 "Pss:                1793 kB\n"
                                 "Pss_Dirty:          1792 kB\n"
                                 "Pss_Anon:             68 kB\n"
                                 "Pss_File:              1 kB\n"
                                 "Pss_Shmem:          1724 kB\n"
                                 "ComingNext:            1 kB\n"
                                 "Locked:                0 kB\n";

static bool parse(struct slice text, struct failure *why)
{
    struct smaps_mapping mapping;
    return smaps_rollup_parse(text, &mapping, why);
}

static void reads_the_sums(void **state)
{
    (void)state;
    struct smaps_mapping mapping;
    struct failure why = {0};
    assert_true(smaps_rollup_parse(SLICE(usual), &mapping, &why));
    EXPECT_SLICE(mapping.name, "[rollup]");
    assert_true(mapping.name.at > usual && mapping.name.at < usual + sizeof usual);
    assert_int_equal(mapping.value_bytes[SMAPS_PSS], 1793 * 1024);
    assert_int_equal(mapping.value_bytes[SMAPS_PSS_SHMEM], 1724 * 1024);
    assert_true(mapping.present & SMAPS_BIT(SMAPS_LOCKED));
    assert_false(mapping.present & SMAPS_BIT(SMAPS_SIZE));
}

static void refuses_what_is_no_rollup(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",         "",                                                  1,  "is this"      },
        {"other file",    "MemTotal: 1 kB\n",                                  1,  "is this"      },
        {"no fields",     HEAD,                                                1,  "no Rss"       },
        {"smaps",         BLOCK_OLD(HEAD_64 "/a\n") BLOCK_OLD(HEAD_64 "/b\n"), 13, "a second"     },
        {"printed twice", HEAD "Rss: 1 kB\nRss: 1 kB\n",                       3,  "printed twice"},
        {"missing unit",  HEAD "Rss: 1\n",                                     2,  "no unit"      },
        {"cut",           HEAD "Rss: 1 kB\nPss: 1",                            3,  "cut"          },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, usual), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_sums),
        cmocka_unit_test(refuses_what_is_no_rollup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
