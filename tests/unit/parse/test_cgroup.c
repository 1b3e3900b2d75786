/* analyzer/parse/process/cgroup.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/process/cgroup.h"

static bool parse(struct slice text, struct failure *why)
{
    struct process_cgroup cgroup;
    return process_cgroup_parse(text, &cgroup, why);
}

static void finds_the_memory_hierarchy(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text, *path;
        bool is_unified, found;
    } rows[] = {
        {"v2",                        "0::/init.scope\n",                                   "/init.scope",        true,  true },
        {"v2 root",                   "0::/\n",                                             "/",                  true,  true },
        {"v1",                        "4:memory:/a\n3:cpu,cpuacct:/b\n1:name=systemd:/c\n", "/a",                 false, true },
        {"v1 joined",                 "2:cpu,memory,blkio:/a\n1:name=systemd:/c\n",         "/a",                 false, true },
        {"hybrid, v1 has memory",     "4:memory:/a\n0::/\n",                                "/a",                 false, true },
        {"hybrid, unified used",      "4:memory:/a\n0::/b\n",                               "/b",                 true,  true },
        {"hybrid, v1 without memory", "4:cpu:/a\n0::/\n",                                   "/",                  true,  true },
        {"colons in the path",        "0::/a:b:c\n",                                        "/a:b:c",             true,  true },
        {"blanks and bytes",          "0::/ a \xff (deleted)\n",                            "/ a \xff (deleted)", true,  true },
        {"similar controller",        "4:memoryx:/a\n",                                     "",                   false, false},
        {"no controller",             "1:name=systemd:/c\n",                                "",                   false, false},
        {"empty",                     "",                                                   "",                   false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct process_cgroup cgroup;
        struct failure why = {0};
        if (!process_cgroup_parse(slice_of(rows[i].text), &cgroup, &why) ||
            !slice_equal(cgroup.path, slice_of(rows[i].path)) ||
            cgroup.is_unified != rows[i].is_unified || cgroup.found != rows[i].found)
            fail_msg("%s: '%.*s'", rows[i].what, (int)cgroup.path.length_bytes, cgroup.path.at);
    }
}

static void refuses_what_is_no_cgroup(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"other file",    "MemTotal: 1 kB\n",           1, "is this"      },
        {"one colon",     "0:/a\n",                     1, "is this"      },
        {"no id",         "::/a\n",                     1, "is this"      },
        {"id no number",  "1:cpu:/\nx:memory:/a\n",     2, "is this"      },
        {"unified twice", "0::/a\n0::/b\n",             2, "printed twice"},
        {"memory twice",  "3:memory:/a\n4:memory:/b\n", 2, "printed twice"},
        {"cut",           "0::/a",                      1, "cut"          },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, "4:memory:/a\n0::/b:c\n"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_memory_hierarchy),
        cmocka_unit_test(refuses_what_is_no_cgroup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
