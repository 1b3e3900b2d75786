/* analyzer/parse/system/sysvipc_shm.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/sysvipc_shm.h"

static bool parse(struct slice text, struct failure *why)
{
    struct sysvipc_shm parsed_file = {0};
    bool parsed = sysvipc_shm_parse(text, &parsed_file, why);
    sysvipc_shm_deinit(&parsed_file);
    return parsed;
}

#define OLD_HEADING                                                                                \
    "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  "     \
    "cgid      atime      dtime      ctime"
#define HEADING OLD_HEADING "                   rss                  swap\n"
#define ROW     " 305441741          3   600  4194304   134   135      2     7     0     8     0 1 0 1"

static void reads_rss_and_swap(void **state)
{
    (void)state;
    struct sysvipc_shm shm = {0};
    struct failure why = {0};
    assert_true(sysvipc_shm_parse(SLICE(HEADING ROW " 4096 8192\n"
                                                    "-1 4 1600 1 2 3 0 0 0 0 0 1 0 1 0 0\n"),
                                  &shm, &why));
    assert_int_equal(shm.count, 2);
    const struct sysv_segment *segment = shm.segments;
    assert_int_equal(segment[0].key, 305441741);
    assert_int_equal(segment[0].shmid, 3);
    assert_int_equal(segment[0].size_bytes, 4194304);
    assert_int_equal(segment[0].creator_pid, 134);
    assert_int_equal(segment[0].last_pid, 135);
    assert_int_equal(segment[0].attach_count, 2);
    assert_int_equal(segment[0].uid, 7);
    assert_int_equal(segment[0].creator_uid, 8);
    assert_true(segment[0].has_rss);
    assert_int_equal(segment[0].rss_bytes, 4096);
    assert_int_equal(segment[0].swap_bytes, 8192);
    assert_true(segment[0].has_mode);
    assert_false(segment[0].is_removed);
    assert_int_equal(segment[1].key, -1);
    assert_true(segment[1].is_removed);
    sysvipc_shm_deinit(&shm);
}

static void old_kernels_have_neither(void **state)
{
    (void)state;
    struct sysvipc_shm shm = {0};
    struct failure why = {0};
    assert_true(sysvipc_shm_parse(SLICE(OLD_HEADING "\n" ROW "\n"), &shm, &why));
    assert_int_equal(shm.count, 1);
    assert_false(shm.segments[0].has_rss);
    sysvipc_shm_deinit(&shm);
}

static void refuses_what_is_no_shm(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",          "",                                               1, "no heading"},
        {"no heading",     ROW " 1 1\n",                                     1, "no heading"},
        {"semaphores",     "key semid perms nsems uid\n",                    1, "no heading"},
        {"column twice",   OLD_HEADING " rss rss\n",                         1, "no heading"},
        {"too few words",  HEADING ROW "\n",                                 2, "fit"       },
        {"too many words", HEADING ROW " 1 1 1\n",                           2, "fit"       },
        {"no number",      HEADING ROW " x 1\n",                             2, "fit"       },
        {"negative size",  OLD_HEADING "\n1 1 600 -1 1 1 1 1 1 1 1 1 1 1\n", 2, "fit"       },
        {"cut",            HEADING ROW " 1 1",                               2, "cut"       },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, HEADING ROW " 1 1\n"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rss_and_swap),
        cmocka_unit_test(old_kernels_have_neither),
        cmocka_unit_test(refuses_what_is_no_shm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
