/* analyzer/commands/request.c, options.c: what the user asked for. */
#include "tests/unit/model/snapshot_tree.h"

#include <unistd.h>

#include "analyzer/commands/commands.h"
#include "analyzer/views/kernel_view.h"

#define ARGUMENTS_MAX 12

/* What is said on stderr and stdout, from hush() to speak(). */
struct hushed {
    int saved[2];
    FILE *files[2];
};

static void hush(struct hushed *hushed)
{
    FILE *streams[2] = {stdout, stderr};
    for (int i = 0; i < 2; i++) {
        fflush(streams[i]);
        hushed->saved[i] = dup(i + 1);
        hushed->files[i] = tmpfile();
        assert_true(hushed->saved[i] >= 0 && hushed->files[i]);
        assert_true(dup2(fileno(hushed->files[i]), i + 1) >= 0);
    }
}

static void speak(struct hushed *hushed, char *out, char *err, size_t bytes)
{
    FILE *streams[2] = {stdout, stderr};
    char *texts[2] = {out, err};
    for (int i = 0; i < 2; i++) {
        fflush(streams[i]);
        assert_true(dup2(hushed->saved[i], i + 1) >= 0);
        close(hushed->saved[i]);
        rewind(hushed->files[i]);
        size_t length = fread(texts[i], 1, bytes - 1, hushed->files[i]);
        texts[i][length] = '\0';
        fclose(hushed->files[i]);
    }
}

static struct request request;
static char said[4096], complained[4096];

/* Parses "a b c" as the arguments of a command. The words live until the next call. */
static bool parse(const char *command, const char *line, int *status)
{
    static char words[512];
    static char *argv[ARGUMENTS_MAX + 1];
    struct hushed hushed;
    int argc = 0;
    snprintf(words, sizeof words, "%s", line);
    argv[argc++] = words; /* the command's own name */
    for (char *at = words; *at;) {
        char *blank = strchr(at, ' ');
        if (!blank)
            break;
        *blank = '\0';
        at = blank + 1;
        assert_true(argc < ARGUMENTS_MAX);
        argv[argc++] = at;
    }
    argv[argc] = NULL;
    *status = -1;
    hush(&hushed);
    bool parsed = request_parse(command_find(command), argc, argv, &request, status);
    speak(&hushed, said, complained, sizeof said);
    return parsed;
}

static int tear_down(void **state)
{
    (void)state;
    request_deinit(&request);
    request = (struct request){0};
    return 0;
}

static void options_and_bundles_in_any_order(void **state)
{
    (void)state;
    int status;
    assert_true(parse("ps", "ps -c pid,rss a.tar.zst -t --sort=rss -r -n 20 -a", &status));
    assert_int_equal(request.bundle_count, 1);
    assert_string_equal(request.bundles[0], "a.tar.zst");
    assert_string_equal(request.view.table.columns, "pid,rss");
    assert_string_equal(request.view.table.sort, "rss");
    assert_true(request.view.table.reverse && request.view.totals && request.view.all);
    assert_int_equal(request.view.table.rows, 20);
    assert_int_equal(request.view.table.unit, SIZE_KIB);
    assert_false(request.json);
    assert_string_equal(complained, "");
}

static void standard_input_is_a_bundle(void **state)
{
    (void)state;
    int status;
    assert_true(parse("diff", "diff - b.tar.zst --json", &status));
    assert_int_equal(request.bundle_count, 2);
    assert_string_equal(request.bundles[0], "-");
    assert_true(request.json);
    assert_true(parse("diff", "diff a b c", &status)); /* trends */
}

static void what_follows_two_dashes_is_a_bundle(void **state)
{
    (void)state;
    int status;
    assert_true(parse("ledger", "ledger -- --json", &status));
    assert_false(request.json);
    assert_string_equal(request.bundles[0], "--json");
}

static void the_last_unit_wins(void **state)
{
    (void)state;
    int status;
    static const struct {
        const char *line;
        enum size_unit unit;
    } lines[] = {
        {"x a -b",         SIZE_BYTES},
        {"x a -k",         SIZE_KIB  },
        {"x a -m",         SIZE_MIB  },
        {"x a -g",         SIZE_GIB  },
        {"x a -h",         SIZE_HUMAN},
        {"x a -h --bytes", SIZE_BYTES},
        {"x -bmh a",       SIZE_HUMAN},
    };
    size_t count;
    const struct command *commands = command_list(&count);
    for (size_t i = 0; i < count; i++) {
        if (commands[i].least_bundles != 1)
            continue;
        for (size_t j = 0; j < sizeof lines / sizeof lines[0]; j++) {
            assert_true(parse(commands[i].name, lines[j].line, &status));
            assert_int_equal(request.view.table.unit, lines[j].unit);
            request_deinit(&request);
        }
    }
}

static void sections_are_chosen_by_a_list(void **state)
{
    (void)state;
    int status;
    assert_true(parse("kernel", "kernel a --only slab,shared", &status));
    assert_int_equal(request.view.sections,
                     1u << KERNEL_SLAB_SECTION | 1u << KERNEL_SHARED_SECTION);
    request_deinit(&request);
    assert_true(parse("kernel", "kernel a --only pools --only=modules", &status));
    assert_int_equal(request.view.sections,
                     1u << KERNEL_POOLS_SECTION | 1u << KERNEL_MODULES_SECTION);
}

static const struct wrong {
    const char *command, *line, *words;
} wrongs[] = {
    {"ps",     "ps a -txr",                    "'-x'"               },
    {"ps",     "ps a -tn",                     "'-n'"               },
    {"ps",     "ps",                           "a bundle is missing"},
    {"ps",     "ps a b",                       "too many arguments" },
    {"diff",   "diff a",                       "a bundle is missing"},
    {"kernel", "kernel a b",                   "too many arguments" },
    {"ps",     "ps a --jsonn",                 "--jsonn"            },
    {"ps",     "ps a -x",                      "unknown option"     },
    {"ps",     "ps a -n",                      "argument is missing"},
    {"ps",     "ps a -c",                      "argument is missing"},
    {"ps",     "ps a -n 0",                    "above 0"            },
    {"ps",     "ps a -n -1",                   "above 0"            },
    {"ps",     "ps a -n +1",                   "above 0"            },
    {"ps",     "ps a -n 1x",                   "above 0"            },
    {"ps",     "ps a -n 0x10",                 "above 0"            },
    {"ps",     "ps a -n 99999999999999999999", "above 0"            },
    {"ps",     "ps a -n  -t",                  "above 0"            }, /* an empty argument */
    {"ps",     "ps a -P [",                    "regular expression" },
    {"ps",     "ps a -P ok -P (",              "regular expression" },
    {"ps",     "ps a -M [",                    "regular expression" },
    {"ps",     "ps a -U *(",                   "regular expression" },
    {"kernel", "kernel a -P x",                "unknown option"     }, /* not of this command */
    {"kernel", "kernel a --only slab,foo",     "is no list of slab" },
    {"kernel", "kernel a --only ,",            "is no list of slab" },
    {"ps",     "ps a --only slab",             "unknown option"     },
    {"info",   "info a -n 1",                  "unknown option"     },
    {"",       "memtally a -c pid",            "unknown option"     },
    {"",       "memtally dif a",               "'dif' is no command"},
};

static void what_is_wrong_is_said_in_a_line(void **state)
{
    (void)state;
    int status;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        if (parse(wrongs[i].command, wrongs[i].line, &status))
            fail_msg("'%s' was accepted", wrongs[i].line);
        assert_int_equal(status, STATUS_USAGE);
        if (!strstr(complained, wrongs[i].words))
            fail_msg("'%s': %s", wrongs[i].line, complained);
        assert_non_null(strstr(complained, "--help"));
        assert_string_equal(said, "");
        request_deinit(&request);
    }
}

static void help_is_an_answer(void **state)
{
    (void)state;
    int status;
    size_t count;
    const struct command *commands = command_list(&count);
    for (size_t i = 0; i < count; i++) {
        assert_false(parse(commands[i].name, "x --help", &status));
        assert_int_equal(status, STATUS_FINE);
        assert_non_null(strstr(said, commands[i].arguments));
        assert_string_equal(complained, "");
        request_deinit(&request);
    }
}

static void failures_name_file_and_place(void **state)
{
    (void)state;
    struct hushed hushed;
    struct failure why = {0};
    failure_set(&why, FAILURE_MALFORMED, 12, "no unit");
    failure_in(&why, "proc/41/smaps");
    hush(&hushed);
    int malformed = report_failure("a.tar", &why);
    why.kind = FAILURE_USAGE;
    int usage = report_failure(NULL, &why);
    speak(&hushed, said, complained, sizeof said);
    assert_int_equal(malformed, STATUS_UNREADABLE);
    assert_int_equal(usage, STATUS_USAGE);
    assert_string_equal(complained, "memtally: a.tar: proc/41/smaps:12: no unit\n"
                                    "memtally: proc/41/smaps:12: no unit\n");
}

static void a_bundle_that_is_none_is_unreadable(void **state)
{
    (void)state;
    int status;
    struct hushed hushed;
    struct snapshot_tree tree;
    tree_create(&tree);
    tree_put(&tree, "readme", "hello\n");
    char line[128];
    snprintf(line, sizeof line, "ps %s", tree.folder);
    assert_true(parse("ps", line, &status));
    hush(&hushed);
    struct snapshot *snapshot = request_load(&request, 0, false, MAPPINGS_ALL);
    speak(&hushed, said, complained, sizeof said);
    assert_null(snapshot);
    assert_non_null(strstr(complained, "not a bundle"));
    tree_remove(&tree);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(options_and_bundles_in_any_order),    TEST(standard_input_is_a_bundle),
        TEST(what_follows_two_dashes_is_a_bundle), TEST(the_last_unit_wins),
        TEST(sections_are_chosen_by_a_list),       TEST(help_is_an_answer),
        TEST(what_is_wrong_is_said_in_a_line),     TEST(help_is_an_answer),
        TEST(failures_name_file_and_place),        TEST(a_bundle_that_is_none_is_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
