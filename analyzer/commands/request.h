/* What the user asked for, and the exit statuses. */
#pragma once

#include <regex.h>
#include <stdbool.h>

#include "analyzer/model/snapshot_load.h"
#include "analyzer/views/views.h"

enum exit_status {
    STATUS_FINE = 0,
    STATUS_FOUND = 1, /* check: an identity is broken or a rule warns; diff: something changed */
    STATUS_USAGE = 2,
    STATUS_UNREADABLE = 3 /* the bundle, or what the answer needs of it */
};

/* Options that a command takes beyond --json, --help and units. */
enum option_group {
    TAKES_COLUMNS = 1, /* -c -s -r -n */
    TAKES_ROWS = 2,    /* -n alone    */
    TAKES_PROCESS_FILTERS = 4,
    TAKES_MAP_FILTER = 8,
    TAKES_TOTALS = 16,
    TAKES_ALL = 32,
    TAKES_VERBOSE = 64,
    TAKES_SHARERS = 128,
    TAKES_WORDS = 256,
    TAKES_EXPLAIN = 512,
    TAKES_SECTIONS = 1024,
    TAKES_PS_ROWS = 2048, /* -u --mappings -p */
    TAKES_PIDS = 4096,
    TAKES_GROUPS = 8192,
    TAKES_PMAP = 16384,       /* -x -d -X -p -q --long --classes */
    TAKES_CHECK_PART = 32768, /* --identities --rules */
    TAKES_LEVELS = 65536,     /* --by */
    TAKES_BASELINE = 131072
};

struct filter {
    bool set;
    regex_t expression;
};

struct request {
    const struct command *command;
    char **bundles; /* borrowed from argv */
    unsigned bundle_count;
    bool json;
    struct view_options view;
    struct filter process, user, map;
    const char *words; /* the file of --words; NULL: not given */
    bool allow_short, any_case;
    const char *pids;     /* the list of --pid; NULL: not given */
    const char *group;    /* the word or the patterns of --group; NULL: not given */
    const char *baseline; /* the bundle of --baseline; NULL: not given */
    const char *explain;  /* the line of --explain; NULL: not given */
    const char *classes;  /* the file of --classes; NULL: not given */
    /* A command may ask for smaps of these only, before request_load(). Borrowed; 0: of all. */
    const uint64_t *only_pids;
    size_t only_pid_count;
    bool keep_pages; /* the same: load frames and swap slots, too */
};

/* Reads options and arguments of one command. Returns true to go on; else *status is what to exit with
 * (help was printed, or a usage error told). End with request_deinit(). */
bool request_parse(const struct command *command, int argc, char **argv, struct request *out,
                   int *status);
void request_deinit(struct request *request);

/* Loads a bundle with a progress line on a terminal, and tells on stderr what was wrong with it.
 * NULL: it told why; exit with STATUS_UNREADABLE. */
struct snapshot *request_load(const struct request *request, unsigned bundle, bool keep_members,
                              enum kept_mappings kept);

/* The bundle of --baseline, in the same way; *usual stays NULL where none was given. False: it could not
 * be read. */
bool request_load_baseline(const struct request *request, enum kept_mappings kept,
                           struct snapshot **usual);

/* Tells a failure on stderr as "memtally: FILE: MEMBER:LINE: SENTENCE" and gives the status for it. */
int report_failure(const char *file, const struct failure *why);

/* The status of a command that has printed: fine unless stdout failed. */
int finish_output(bool printed, const char *file, const struct failure *why, int if_fine);

/* Whether the filters let a process through. */
bool process_passes(const struct request *request, const struct snapshot *snapshot,
                    const struct process *process);
bool filter_matches(const struct filter *filter, struct slice text);

/* "memtally --help" and "memtally COMMAND --help", to stdout. */
void print_general_help(void);
void print_command_help(const struct command *command);
