/* memtally-collect: one bundle of this machine's memory. */
#include "collector/base/cleanup.h"
#include "collector/base/interrupt.h"
#include "collector/base/text.h"
#include "collector/options.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM "memtally-collect"

static void print_help_line(const char *left, const char *right)
{
    printf("  %-28s %s\n", left, right);
}

static void print_help(void)
{
    fputs("Usage: " PROGRAM " [OPTION]...\n"
          "Collect what /proc and /sys tell about memory into one file, for `memtally`.\n"
          "Without -o that is memtally-HOST-TIME.tar.zst in the current directory.\n\n",
          stdout);
    options_help(print_help_line);
    fputs("\nExit status: 0 complete, 1 finished but cut short by a signal, 2 wrong usage,\n"
          "3 nothing collected or written.\n",
          stdout);
}

struct grouped {
    char text[32];
};

/* 5321 as "5,321" */
static struct grouped grouped(uint64_t number)
{
    char digits[24];
    struct grouped result;
    struct text plain = TEXT_OVER(digits);
    struct text text = TEXT_OVER(result.text);
    text_decimal(&plain, number);
    for (size_t i = 0; i < plain.length; i++) {
        if (i > 0 && (plain.length - i) % 3 == 0)
            text_add(&text, ",");
        text_bytes(&text, digits + i, 1);
    }
    text_string(&text);
    return result;
}

/* These were there, and did not come out whole. Absent, empty and skipped are no loss. */
static bool is_not_read(enum outcome outcome)
{
    return outcome != OUTCOME_READ && outcome != OUTCOME_EMPTY && outcome != OUTCOME_ABSENT &&
           outcome != OUTCOME_SKIPPED;
}

/* "3 not read (2 vanished, 1 refused)" */
static void print_not_read(FILE *to, const struct collect_summary *summary)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < OUTCOME_COUNT; i++)
        total += is_not_read((enum outcome)i) ? summary->members[i] : 0;
    fprintf(to, ", %s not read", grouped(total).text);
    const char *before = " (";
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        if (!is_not_read((enum outcome)i) || summary->members[i] == 0)
            continue;
        fprintf(to, "%s%s %s", before, grouped(summary->members[i]).text,
                outcome_word((enum outcome)i));
        before = ", ";
    }
    if (total)
        fputs(")", to);
}

static void print_summary(FILE *to, const struct collect_summary *summary)
{
    char name[PATH_MAX];
    struct text escaped = TEXT_OVER(name);
    text_escaped(&escaped, summary->name, strlen(summary->name));
    fprintf(to, "%s: %s processes", text_string(&escaped), grouped(summary->processes).text);
    fprintf(to, ", %s mappings", grouped(summary->mappings).text);
    if (summary->uncovered)
        fprintf(to, ", %s process%s with %s KiB not covered", grouped(summary->uncovered).text,
                summary->uncovered == 1 ? "" : "es",
                grouped(summary->uncovered_rss_bytes / 1024).text);
    print_not_read(to, summary);
    uint64_t hundredths = (summary->duration_ns + 5000000) / 10000000;
    fprintf(to, ", %s KiB", grouped((summary->bytes + 1023) / 1024).text);
    fprintf(to, ", %" PRIu64 ".%02" PRIu64 " s%s\n", hundredths / 100, hundredths % 100,
            summary->interrupted ? "; cut short by a signal" : "");
}

static int fail(const struct failure *why)
{
    char words[1024];
    fprintf(stderr, PROGRAM ": %s\n", failure_text(why, words, sizeof words));
    return why->kind == FAILURE_USAGE ? EXIT_USAGE : EXIT_NOTHING_WRITTEN;
}

/* What is told of each bundle, and how it all ended. */
struct report {
    const struct collect_options *options;
    struct progress *progress;
    uint64_t taken;
    bool interrupted, warned;
};

static void warn(const struct collect_options *options, const struct collect_summary *summary)
{
    if (summary->in_memory)
        fputs(PROGRAM ": warning: the bundle lies in a file system that is memory itself\n",
              stderr);
    if (summary->in_namespace)
        fputs(PROGRAM ": warning: only the processes of this PID namespace were seen, not those of "
                      "the machine\n",
              stderr);
    if (options->pages && summary->pages != OUTCOME_READ)
        fprintf(stderr, PROGRAM ": warning: pages were not recorded (%s): the bundle says why\n",
                outcome_word(summary->pages));
}

static void tell(void *context, const struct collect_summary *summary)
{
    struct report *report = context;
    const struct collect_options *options = report->options;
    bool to_stdout = options->output && strcmp(options->output, "-") == 0;
    progress_erase(report->progress);
    report->taken++;
    report->interrupted = summary->interrupted;
    if (options->quiet)
        return;
    print_summary(to_stdout ? stderr : stdout, summary);
    fflush(stdout); /* the next one of a series may be an hour away */
    if (!report->warned)
        warn(options, summary);
    report->warned = true;
}

static int run(const struct collect_options *options)
{
    struct failure why = {0};
    struct progress progress;
    struct report report = {.options = options, .progress = &progress};
    progress_init(&progress, options->quiet, options->verbose);
    interrupt_install();
    if (options->is_series)
        interrupt_postpone();
    bool fine = collect(options, &progress, tell, &report, &why);
    progress_erase(&progress);
    if (!fine)
        return fail(&why);
    return report.interrupted || report.taken < options->repeat ? EXIT_CUT_SHORT : EXIT_COMPLETE;
}

/* Started with standard streams closed, the first files opened would take their numbers, and
 * messages would land in the bundle. A stream that cannot be written to takes their place. */
static void hold_standard_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
            return;
}

int main(int count, char **arguments)
{
    struct collect_options options;
    struct failure why = {0};
    AUTO_FREE char *storage = NULL;
    hold_standard_streams();
    switch (options_read(count, arguments, &options, &storage, &why)) {
    case WANTED_HELP:
        print_help();
        return fflush(stdout) == 0 ? EXIT_COMPLETE : EXIT_NOTHING_WRITTEN;
    case WANTED_VERSION:
        puts(PROGRAM " " MEMTALLY_VERSION);
        return fflush(stdout) == 0 ? EXIT_COMPLETE : EXIT_NOTHING_WRITTEN;
    case WANTED_NOTHING:
        fail(&why);
        fputs("Try '" PROGRAM " --help'.\n", stderr);
        return EXIT_USAGE;
    default:
        return run(&options);
    }
}
