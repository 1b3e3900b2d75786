#include "collector/options.h"

#include "collector/base/text.h"
#include "collector/read/readers.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_LABEL = 256,
    OPTION_REPEAT,
    OPTION_EVERY,
    OPTION_PROC_ROOT,
    OPTION_REDACT,
    OPTION_REDACT_KEY,
    OPTION_READ_TIMEOUT,
    OPTION_READERS,
    OPTION_BUDGET,
    OPTION_GENTLE,
    OPTION_URGENT,
    OPTION_PAGE_CENSUS,
    OPTION_PAGES
};

#define USUAL_SHARE 25

#define READ_TIMEOUT_NS UINT64_C(2000000000)
#define TIMEOUT_MOST_NS UINT64_C(86400000000000)
#define NS_PER_SECOND   UINT64_C(1000000000)
#define USUAL_STEP_NS   UINT64_C(60000000000)

static const struct option_row {
    int code;         /* the letter, or a number above all letters */
    const char *name; /* without "--" */
    const char *argument;
    const char *left; /* of the help */
    const char *help;
} rows[] = {
    {'o',                 "output",       "FILE",      "-o, --output FILE",
     "write the bundle to FILE, replacing it; - is standard output"                                                                       },
    {OPTION_LABEL,        "label",        "TEXT",      "    --label TEXT",
     "keep TEXT in the bundle, to tell it from others"                                                                                    },
    {OPTION_REPEAT,       "repeat",       "N",         "    --repeat N",
     "take N bundles, each with its time in the name"                                                                                     },
    {OPTION_EVERY,        "every",        "SECONDS",   "    --every SECONDS",
     "start one each SECONDS (60); without --repeat, until a signal"                                                                      },
    {OPTION_PROC_ROOT,    "proc-root",    "DIR",       "    --proc-root DIR",
     "read DIR/proc and DIR/sys in place of /proc and /sys"                                                                               },
    {OPTION_REDACT,       "redact",       "LIST",      "    --redact LIST",
     "leave out or hash cmdline, paths, names, or all"                                                                                    },
    {OPTION_REDACT_KEY,   "redact-key",   "FILE",      "    --redact-key FILE",
     "with the key in FILE: the same names, the same hashes"                                                                              },
    {OPTION_READ_TIMEOUT, "read-timeout", "SECONDS",   "    --read-timeout SECONDS",
     "give up a file of which nothing comes for so long (2)"                                                                              },
    {OPTION_READERS,      "readers",      "N",         "    --readers N",
     "read with N processes at a time (one a processor, at most 8)"                                                                       },
    {OPTION_BUDGET,       "budget",       "SECONDS",   "    --budget SECONDS",
     "after so long read no more mappings"                                                                                                },
    {OPTION_GENTLE,       "gentle",       "[PERCENT]", "    --gentle[=PERCENT]",
     "pause, so that no process is locked more of the time (25)"                                                                          },
    {OPTION_URGENT,       "urgent",       NULL,        "    --urgent",               "run before other programs, not behind them"         },
    {OPTION_PAGE_CENSUS,  "page-census",  NULL,        "    --page-census",
     "count all pages by kind: a second for 16 GiB, root only"                                                                            },
    {OPTION_PAGES,        "pages",        NULL,        "    --pages",
     "which page of a process is which frame: exact sharing, root only"                                                                   },
    {'q',                 "quiet",        NULL,        "-q, --quiet",                "print nothing but errors"                           },
    {'v',                 "verbose",      NULL,        "-v, --verbose",              "name each member that was not read, with the reason"},
    {'h',                 "help",         NULL,        "-h, --help",                 "print this help and exit"                           },
    {'V',                 "version",      NULL,        "-V, --version",              "print the version and exit"                         },
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

void options_help(void (*line)(const char *left, const char *right))
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        line(rows[i].left, rows[i].help);
}

static void fill_getopt(struct option longs[ROW_COUNT + 1], char letters[2 * ROW_COUNT + 2])
{
    size_t at = 0;
    letters[at++] = ':'; /* tell a missing argument from an unknown option */
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct option_row *row = &rows[i];
        longs[i] = (struct option){row->name, row->argument ? required_argument : no_argument, NULL,
                                   row->code};
        if (row->argument && row->argument[0] == '[')
            longs[i].has_arg = optional_argument;
        if (row->code > 255)
            continue;
        letters[at++] = (char)row->code;
        if (row->argument)
            letters[at++] = ':';
    }
    letters[at] = '\0';
    longs[ROW_COUNT] = (struct option){0};
}

static enum wanted wrong_option(int code, char **arguments, struct failure *why)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const char *given = optopt > 0 && optopt < 256 ? letter : arguments[optind - 1];
    failure_set(why, FAILURE_USAGE, 0,
                code == ':' ? "option '%s' needs an argument" : "unknown option '%s'", given);
    return WANTED_NOTHING;
}

/* What was given, as one line for the manifest. */
static bool join(int count, char **arguments, char **line)
{
    size_t length = 1;
    for (int i = 1; i < count; i++)
        length += strlen(arguments[i]) + 1;
    *line = malloc(length + 1);
    if (!*line)
        return false;
    struct text text = {*line, 0, length + 1, false};
    for (int i = 1; i < count; i++) {
        text_add(&text, i > 1 ? " " : "");
        text_add(&text, arguments[i]);
    }
    text_string(&text);
    return true;
}

static bool is_given(const char *value, const char *option, struct failure *why)
{
    return (value && value[0]) ||
           failure_set(why, FAILURE_USAGE, 0, "option '%s' needs an argument that is not empty",
                       option);
}

/* "2", "0.25": nine digits behind the point at most. */
static bool read_seconds(const char *text, const char *option, uint64_t *nanoseconds,
                         struct failure *why)
{
    uint64_t whole = 0;
    uint64_t fraction = 0;
    size_t digits = decimal_read(text, strlen(text), &whole);
    const char *rest = text + digits;
    size_t behind = 0;
    if (*rest == '.') {
        rest++;
        behind = decimal_read(rest, strlen(rest), &fraction);
        rest += behind;
    }
    for (size_t i = behind; i < 9; i++)
        fraction *= 10;
    if (digits + behind == 0 || *rest || behind > 9 || whole > TIMEOUT_MOST_NS / NS_PER_SECOND ||
        whole * NS_PER_SECOND + fraction == 0)
        return failure_set(why, FAILURE_USAGE, 0, "option '%s' needs seconds, not '%s'", option,
                           text);
    *nanoseconds = whole * NS_PER_SECOND + fraction;
    return true;
}

static bool read_readers(const char *text, unsigned *count, struct failure *why)
{
    uint64_t number = 0;
    if (!decimal_whole(text, &number) || number < 1 || number > READERS_MOST)
        return failure_set(why, FAILURE_USAGE, 0, "option '--readers' needs 1 to %d, not '%s'",
                           READERS_MOST, text);
    *count = (unsigned)number;
    return true;
}

static bool read_repeat(const char *text, struct collect_options *options, struct failure *why)
{
    options->is_series = true;
    return (decimal_whole(text, &options->repeat) && options->repeat > 0) ||
           failure_set(why, FAILURE_USAGE, 0, "option '--repeat' needs a number above 0, not '%s'",
                       text);
}

static bool read_every(const char *text, struct collect_options *options, struct failure *why)
{
    options->is_series = true;
    return read_seconds(text, "--every", &options->every_ns, why) &&
           (options->every_ns >= NS_PER_SECOND ||
            failure_set(why, FAILURE_USAGE, 0, "option '--every' needs a second at least, not '%s'",
                        text));
}

static bool read_share(const char *text, unsigned *share, struct failure *why)
{
    uint64_t number = USUAL_SHARE;
    if (text && (!decimal_whole(text, &number) || number < 1 || number > 99))
        return failure_set(why, FAILURE_USAGE, 0, "option '--gentle' needs 1 to 99, not '%s'",
                           text);
    *share = (unsigned)number;
    return true;
}

static enum wanted take(int code, struct collect_options *options, struct failure *why)
{
    switch (code) {
    case 'o':
        options->output = optarg;
        return is_given(optarg, "--output", why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case OPTION_LABEL:
        options->label = optarg;
        return WANTED_COLLECTION;
    case OPTION_REPEAT:
        return read_repeat(optarg, options, why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case OPTION_EVERY:
        return read_every(optarg, options, why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case OPTION_PROC_ROOT:
        options->proc_root = optarg;
        return is_given(optarg, "--proc-root", why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case OPTION_READ_TIMEOUT:
        return read_seconds(optarg, "--read-timeout", &options->read_timeout_ns, why)
                   ? WANTED_COLLECTION
                   : WANTED_NOTHING;
    case OPTION_READERS:
        return read_readers(optarg, &options->readers, why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case OPTION_BUDGET:
        return read_seconds(optarg, "--budget", &options->budget_ns, why) ? WANTED_COLLECTION
                                                                          : WANTED_NOTHING;
    case OPTION_GENTLE:
        return read_share(optarg, &options->share, why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case OPTION_URGENT:
        options->urgent = true;
        return WANTED_COLLECTION;
    case OPTION_PAGE_CENSUS:
        options->page_census = true;
        return WANTED_COLLECTION;
    case OPTION_PAGES:
        options->page_census = options->pages = true;
        return WANTED_COLLECTION;
    case OPTION_REDACT:
        return redact_options_read(optarg, &options->redact, why) ? WANTED_COLLECTION
                                                                  : WANTED_NOTHING;
    case OPTION_REDACT_KEY:
        options->redact.key_file = optarg;
        return is_given(optarg, "--redact-key", why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case 'q':
        options->quiet = true;
        return WANTED_COLLECTION;
    case 'v':
        options->verbose = true;
        return WANTED_COLLECTION;
    case 'h':
        return WANTED_HELP;
    default:
        return WANTED_VERSION;
    }
}

enum wanted options_read(int count, char **arguments, struct collect_options *options,
                         char **storage, struct failure *why)
{
    struct option longs[ROW_COUNT + 1];
    char letters[2 * ROW_COUNT + 2];
    *options =
        (struct collect_options){.read_timeout_ns = READ_TIMEOUT_NS, .every_ns = USUAL_STEP_NS};
    *storage = NULL;
    fill_getopt(longs, letters);
    opterr = 0;
    for (int code; (code = getopt_long(count, arguments, letters, longs, NULL)) != -1;) {
        if (code == '?' || code == ':')
            return wrong_option(code, arguments, why);
        enum wanted wanted = take(code, options, why);
        if (wanted != WANTED_COLLECTION)
            return wanted;
    }
    if (optind < count) {
        failure_set(why, FAILURE_USAGE, 0, "unexpected argument '%s' (name the file with -o)",
                    arguments[optind]);
        return WANTED_NOTHING;
    }
    if (options->redact.key_file && !redact_is_on(&options->redact)) {
        failure_set(why, FAILURE_USAGE, 0, "--redact-key needs --redact");
        return WANTED_NOTHING;
    }
    if (options->is_series && options->output && strcmp(options->output, "-") == 0) {
        failure_set(why, FAILURE_USAGE, 0, "a series needs a file for each bundle, not '-o -'");
        return WANTED_NOTHING;
    }
    if (!join(count, arguments, storage)) {
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        return WANTED_NOTHING;
    }
    options->in_force = *storage;
    return WANTED_COLLECTION;
}
