#include "collector/options.h"

#include "collector/base/text.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_LABEL = 256, OPTION_PROC_ROOT, OPTION_REDACT, OPTION_REDACT_KEY };

static const struct option_row {
    int code;         /* the letter, or a number above all letters */
    const char *name; /* without "--" */
    const char *argument;
    const char *left; /* of the help */
    const char *help;
} rows[] = {
    {'o',               "output",     "FILE", "-o, --output FILE",
     "write the bundle to FILE, replacing it; - is standard output"                                                         },
    {OPTION_LABEL,      "label",      "TEXT", "    --label TEXT",
     "keep TEXT in the bundle, to tell it from others"                                                                      },
    {OPTION_PROC_ROOT,  "proc-root",  "DIR",  "    --proc-root DIR",
     "read DIR/proc and DIR/sys in place of /proc and /sys"                                                                 },
    {OPTION_REDACT,     "redact",     "LIST", "    --redact LIST",
     "leave out or hash cmdline, paths, names, or all"                                                                      },
    {OPTION_REDACT_KEY, "redact-key", "FILE", "    --redact-key FILE",
     "with the key in FILE: the same names, the same hashes"                                                                },
    {'q',               "quiet",      NULL,   "-q, --quiet",           "print nothing but errors"                           },
    {'v',               "verbose",    NULL,   "-v, --verbose",         "name each member that was not read, with the reason"},
    {'h',               "help",       NULL,   "-h, --help",            "print this help and exit"                           },
    {'V',               "version",    NULL,   "-V, --version",         "print the version and exit"                         },
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

static enum wanted take(int code, struct collect_options *options, struct failure *why)
{
    switch (code) {
    case 'o':
        options->output = optarg;
        return is_given(optarg, "--output", why) ? WANTED_COLLECTION : WANTED_NOTHING;
    case OPTION_LABEL:
        options->label = optarg;
        return WANTED_COLLECTION;
    case OPTION_PROC_ROOT:
        options->proc_root = optarg;
        return is_given(optarg, "--proc-root", why) ? WANTED_COLLECTION : WANTED_NOTHING;
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
    *options = (struct collect_options){0};
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
    if (!join(count, arguments, storage)) {
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        return WANTED_NOTHING;
    }
    options->in_force = *storage;
    return WANTED_COLLECTION;
}
