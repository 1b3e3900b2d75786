#include "analyzer/bundle/member_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct cleaning {
    const char *raw, *clean; /* NULL: refused */
} cleanings[] = {
    {"proc/meminfo",          "proc/meminfo"},
    {"./proc/meminfo",        "proc/meminfo"},
    {"/proc/meminfo",         "proc/meminfo"},
    {"//a///b/./c/",          "a/b/c"       },
    {"x//ab/cd",              "x/ab/cd"     },
    {"a..b/..c/d..",          "a..b/..c/d.."},
    {"...",                   "..."         },
    {"",                      NULL          },
    {".",                     NULL          },
    {"/",                     NULL          },
    {"..",                    NULL          },
    {"../proc/meminfo",       NULL          },
    {"proc/../../etc/passwd", NULL          },
    {"proc/..",               NULL          },
};

static void cleans_or_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cleanings / sizeof cleanings[0]; i++) {
        char *path = strdup(cleanings[i].raw);
        assert_non_null(path);
        print_message("%s\n", cleanings[i].raw);
        assert_int_equal(member_path_clean(path), cleanings[i].clean != NULL);
        if (cleanings[i].clean)
            assert_string_equal(path, cleanings[i].clean);
        free(path);
    }
}

static const struct telling {
    const char *path, *prefix; /* NULL: does not tell */
    bool bare;
} tellings[] = {
    {"proc/meminfo",                            "",                             false},
    {"proc/1/smaps",                            "",                             false},
    {"host1/2024/proc/meminfo",                 "host1/2024/",                  false},
    {"sosreport-x/sys/module/nf_tables/refcnt", "sosreport-x/",                 false},
    {"a/sys/devices/system/node/node0/meminfo", "a/",                           false},
    {"proc/1/root/proc/meminfo",                "",                             false},
    {"b/samples/1/meminfo",                     "b/",                           false},
    {"b/derived/statfs",                        "b/",                           false},
    {"derived/statfs",                          "",                             false},
    {"memtally-h-20260101T000000Z/manifest",    "memtally-h-20260101T000000Z/", false},
    {"x/y/memtally-h/journal",                  "x/y/memtally-h/",              false},
    {"manifest",                                "",                             false},
    {"journal",                                 "",                             false},
    {"var/log/journal",                         NULL,                           false},
    {"a/b/manifest",                            NULL,                           false},
    {"meminfo",                                 "",                             true },
    {"1/smaps",                                 "",                             true },
    {"1/unknown",                               NULL,                           false},
    {"version",                                 NULL,                           false},
    {"sub/meminfo",                             NULL,                           false},
    {"proc",                                    NULL,                           false},
    {"proc/1",                                  NULL,                           false},
    {"proc/notes.txt",                          NULL,                           false},
    {"sys/kernel/osrelease",                    NULL,                           false},
    {"src/proc/main.c",                         NULL,                           false},
    {"meta/cmd/free",                           NULL,                           false},
};

static void knows_which_paths_tell_the_root(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tellings / sizeof tellings[0]; i++) {
        const struct telling *row = &tellings[i];
        size_t prefix_bytes = 0;
        bool bare = false;
        print_message("%s\n", row->path);
        assert_int_equal(member_path_tells_root(row->path, &prefix_bytes, &bare),
                         row->prefix != NULL);
        if (!row->prefix)
            continue;
        assert_int_equal(bare, row->bare);
        assert_int_equal(prefix_bytes, strlen(row->prefix));
    }
}

struct step {
    const char *raw;
    enum path_verdict verdict;
    const char *name; /* "": not looked at */
    unsigned part;
};

static void walk(const struct step *steps, size_t count)
{
    struct member_root root = {0};
    char *name = NULL;
    for (size_t i = 0; i < count; i++) {
        unsigned part = 99;
        print_message("%s\n", steps[i].raw);
        assert_int_equal(member_path_resolve(&root, steps[i].raw, &name, &part), steps[i].verdict);
        if (!steps[i].name[0])
            continue;
        assert_string_equal(name, steps[i].name);
        assert_int_equal(part, steps[i].part);
    }
    free(name);
    member_root_deinit(&root);
}

#define WALK(...)                                                                                  \
    do {                                                                                           \
        static const struct step steps_[] = {__VA_ARGS__};                                         \
        walk(steps_, sizeof steps_ / sizeof steps_[0]);                                            \
    } while (0)

static void our_own_bundle(void **state)
{
    (void)state;
    WALK({"memtally-h-1/manifest", PATH_IN_ROOT, "manifest", 0},
         {"memtally-h-1/samples/1/meminfo", PATH_IN_ROOT, "samples/1/meminfo", 0},
         {"memtally-h-1/proc/1/smaps.part-0001", PATH_IN_ROOT, "proc/1/smaps", 1},
         {"memtally-h-1/proc/1/smaps.part-10000", PATH_IN_ROOT, "proc/1/smaps", 10000},
         {"memtally-h-1/proc/1/exe.link", PATH_IN_ROOT, "proc/1/exe.link", 0},
         {"memtally-h-1/future/thing", PATH_BESIDE, "future/thing", 0},
         {"memtally-h-1/journal.part-0002", PATH_IN_ROOT, "journal", 2},
         {"memtally-h-1/journal", PATH_IN_ROOT, "journal", 0});
}

static void what_is_no_part(void **state)
{
    (void)state;
    WALK({"proc/meminfo", PATH_IN_ROOT, "proc/meminfo", 0},
         {"proc/a.part-001", PATH_IN_ROOT, "proc/a.part-001", 0},
         {"proc/a.part-0000", PATH_IN_ROOT, "proc/a.part-0000", 0},
         {"proc/a.part-00x1", PATH_IN_ROOT, "proc/a.part-00x1", 0},
         {"proc/a.part-1234567890", PATH_IN_ROOT, "proc/a.part-1234567890", 0},
         {"proc/.part-0001", PATH_IN_ROOT, "proc/.part-0001", 0},
         {"proc/a.part-0001/b", PATH_IN_ROOT, "proc/a.part-0001/b", 0},
         {"proc/a.part-0001.part-0002", PATH_IN_ROOT, "proc/a.part-0001", 2});
}

static void a_foreign_root_at_depth(void **state)
{
    (void)state;
    WALK({"sos-x/version.txt", PATH_BESIDE, "sos-x/version.txt", 0},
         {"sos-x/proc/meminfo", PATH_IN_ROOT, "proc/meminfo", 0},
         {"sos-x/sys/kernel/x", PATH_IN_ROOT, "sys/kernel/x", 0},
         {"sos-x/sos_commands/memory/free", PATH_BESIDE, "sos_commands/memory/free", 0},
         {"elsewhere/file", PATH_BESIDE, "elsewhere/file", 0},
         {"sos-y/proc/meminfo", PATH_OTHER_ROOT, "", 0},
         {"sos-x/containers/1/proc/meminfo", PATH_OTHER_ROOT, "", 0},
         {"sos-y/memtally-z/manifest", PATH_OTHER_ROOT, "", 0},
         {"sos-x/proc/../../y", PATH_UNSAFE, "", 0});
}

static void a_copy_of_proc_itself(void **state)
{
    (void)state;
    WALK({"./sys/kernel/osrelease", PATH_BESIDE, "sys/kernel/osrelease", 0},
         {"./meminfo", PATH_IN_ROOT, "proc/meminfo", 0},
         {"./version", PATH_IN_ROOT, "proc/version", 0},
         {"./12/smaps", PATH_IN_ROOT, "proc/12/smaps", 0},
         {"./sys/kernel/osrelease", PATH_IN_ROOT, "proc/sys/kernel/osrelease", 0},
         {"other/proc/meminfo", PATH_OTHER_ROOT, "", 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans_or_refuses),
        cmocka_unit_test(knows_which_paths_tell_the_root),
        cmocka_unit_test(our_own_bundle),
        cmocka_unit_test(what_is_no_part),
        cmocka_unit_test(a_foreign_root_at_depth),
        cmocka_unit_test(a_copy_of_proc_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
