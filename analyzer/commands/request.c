#include "analyzer/commands/request.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "analyzer/commands/commands.h"
#include "analyzer/commands/options.h"
#include "analyzer/commands/progress.h"
#include "analyzer/views/text_escape.h"

#define OPTIONS_MAX 32
#define LONG_HELP   1000

/* One line. The file is named once, also when the failure lies in the file itself. */
static void tell(const char *file, const char *before, const struct failure *why)
{
    char text[600];
    bool named = !file || strcmp(file, why->member) == 0;
    fprintf(stderr, "memtally: %s%s%s%s\n", named ? "" : file, named ? "" : ": ", before,
            failure_text(why, text, sizeof text));
}

int report_failure(const char *file, const struct failure *why)
{
    tell(file, "", why);
    return why->kind == FAILURE_USAGE ? STATUS_USAGE : STATUS_UNREADABLE;
}

int finish_output(bool printed, const char *file, const struct failure *why, int if_fine)
{
    if (!printed)
        return report_failure(file, why);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "memtally: cannot write the output: %s\n", strerror(errno));
        return STATUS_UNREADABLE;
    }
    return if_fine;
}

/* getopt's tables, made of ours: only what this command takes. */
struct getopt_tables {
    struct option longs[OPTIONS_MAX + 2];
    const struct option_spec *by_value[OPTIONS_MAX + 2];
    char shorts[2 * OPTIONS_MAX + 4];
};

static void fill_tables(const struct command *command, struct getopt_tables *tables)
{
    size_t count, used = 0, letters = 0;
    const struct option_spec *specs = option_list(&count);
    memset(tables, 0, sizeof *tables);
    tables->shorts[letters++] = ':'; /* tell a missing argument from an unknown option */
    for (size_t i = 0; i < count && used < OPTIONS_MAX; i++) {
        if (!option_taken(&specs[i], command))
            continue;
        tables->by_value[used] = &specs[i];
        tables->longs[used] =
            (struct option){.name = specs[i].name,
                            .has_arg = specs[i].argument ? required_argument : no_argument,
                            .val = (int)used + LONG_HELP + 1};
        used++;
        if (specs[i].letter)
            tables->shorts[letters++] = specs[i].letter;
        if (specs[i].letter && specs[i].argument)
            tables->shorts[letters++] = ':';
    }
    tables->longs[used] = (struct option){.name = "help", .val = LONG_HELP};
}

static const struct option_spec *spec_of(const struct getopt_tables *tables, int value)
{
    if (value > LONG_HELP)
        return tables->by_value[value - LONG_HELP - 1];
    for (size_t i = 0; tables->by_value[i]; i++)
        if (tables->by_value[i]->letter == value)
            return tables->by_value[i];
    return NULL;
}

static bool usage_error(const struct command *command, int *status)
{
    fprintf(stderr, "memtally: try 'memtally %s%s--help'\n", command->name,
            command->name[0] ? " " : "");
    *status = STATUS_USAGE;
    return false;
}

static bool apply_option(struct request *request, const struct getopt_tables *tables, int value,
                         char **argv, int *status)
{
    const struct command *command = request->command;
    const char *name = command->name[0] ? command->name : "memtally BUNDLE";
    if (value == ':' || value == '?') {
        /* Among letters that stand together, optind does not tell which it was. */
        const char letter[] = {'-', (char)optopt, '\0'};
        bool is_letter = optopt > 0 && optopt < LONG_HELP;
        fprintf(stderr, "memtally: %s: %s '%s'\n", name,
                value == ':' ? "an argument is missing after" : "unknown option",
                is_letter ? letter : argv[optind - 1]);
        return usage_error(command, status);
    }
    const struct option_spec *spec = spec_of(tables, value);
    const char *problem = NULL;
    if (spec && spec->apply(request, optarg, &problem))
        return true;
    fprintf(stderr, "memtally: --%s: '%s' %s\n", spec ? spec->name : "?", optarg ? optarg : "",
            problem ? problem : "cannot be used");
    return usage_error(command, status);
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static bool check_arguments(const struct command *command, struct request *request, int *status)
{
    if (request->bundle_count >= command->least_bundles &&
        request->bundle_count <= command->most_bundles)
        return true;
    if (!command->name[0] && request->bundle_count > command->most_bundles)
        fprintf(stderr, "memtally: '%s' is no command, and without one there is one BUNDLE\n",
                request->bundles[0]);
    else
        fprintf(stderr, "memtally%s%s: %s: %s\n", command->name[0] ? " " : "", command->name,
                request->bundle_count < command->least_bundles ? "a bundle is missing"
                                                               : "too many arguments",
                command->arguments);
    return usage_error(command, status);
}

bool request_parse(const struct command *command, int argc, char **argv, struct request *out,
                   int *status)
{
    struct getopt_tables tables;
    int value;
    *out = (struct request){.command = command};
    out->view.to = stdout;
    out->view.table.unit = SIZE_KIB;
    out->view.table.width = terminal_width();
    fill_tables(command, &tables);
    opterr = 0;
    optind = 0; /* not 1: getopt then forgets what it saw before */
    while ((value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        if (value == LONG_HELP) {
            print_command_help(command);
            *status = STATUS_FINE;
            return false;
        }
        if (!apply_option(out, &tables, value, argv, status))
            return false;
    }
    out->bundles = argv + optind;
    out->bundle_count = (unsigned)(argc - optind);
    return check_arguments(command, out, status);
}

void request_deinit(struct request *request)
{
    struct filter *filters[] = {&request->process, &request->user, &request->map};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        if (filters[i]->set)
            regfree(&filters[i]->expression);
}

/* What was wrong with a bundle that could be read all the same; a few lines at most. */
static void report_problems(const struct snapshot *snapshot)
{
    const size_t most = 5;
    if (!snapshot->complete)
        tell(snapshot->file, "incomplete: ", &snapshot->broken);
    for (size_t i = 0; i < snapshot->problem_count && i < most; i++)
        tell(snapshot->file, "", &snapshot->problems[i]);
    if (snapshot->problem_count > most)
        fprintf(stderr, "memtally: %s: %zu more such members: memtally info lists them\n",
                snapshot->file, snapshot->problem_count - most);
}

static struct snapshot *load(const char *file, const struct load_options *wanted)
{
    struct progress progress;
    struct failure why = {0};
    struct load_options options = *wanted;
    options.limits = (struct bundle_limits)BUNDLE_LIMITS_DEFAULT;
    options.progress = progress_update;
    options.progress_context = &progress;
    progress_begin(&progress, file);
    struct snapshot *snapshot = snapshot_load(file, &options, &why);
    progress_end(&progress);
    if (!snapshot)
        report_failure(file, &why);
    else
        report_problems(snapshot);
    return snapshot;
}

struct snapshot *request_load(const struct request *request, unsigned bundle, bool keep_members,
                              enum kept_mappings kept)
{
    return load(request->bundles[bundle],
                &(struct load_options){.keep_members = keep_members,
                                       .kept_mappings = kept,
                                       .keep_pages = request->keep_pages,
                                       .only_pids = request->only_pids,
                                       .only_pid_count = request->only_pid_count});
}

bool request_load_baseline(const struct request *request, enum kept_mappings kept,
                           struct snapshot **usual)
{
    *usual = NULL;
    if (!request->baseline)
        return true;
    *usual = load(request->baseline, &(struct load_options){.kept_mappings = kept});
    return *usual != NULL;
}

bool filter_matches(const struct filter *filter, struct slice text)
{
    if (!filter->set)
        return true;
    char *copy = escape_for_text(text); /* what the user sees is what he matches */
    bool matches = copy && regexec(&filter->expression, copy, 0, NULL, 0) == 0;
    free(copy);
    return matches;
}

bool process_passes(const struct request *request, const struct snapshot *snapshot,
                    const struct process *process)
{
    char uid[24] = "";
    if (process->uid.known)
        snprintf(uid, sizeof uid, "%" PRIu64, process->uid.bytes);
    if (!filter_matches(&request->user, slice_of(uid)))
        return false;
    if (!request->process.set)
        return true;
    return ((process->files & PROCESS_COMM) &&
            filter_matches(&request->process, snapshot_text(snapshot, process->comm))) ||
           ((process->files & PROCESS_CMDLINE) &&
            filter_matches(&request->process, snapshot_text(snapshot, process->cmdline)));
}
