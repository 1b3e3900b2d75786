#include "analyzer/commands/options.h"

#include <errno.h>
#include <stdlib.h>

#include "analyzer/commands/commands.h"
#include "analyzer/views/diff_view.h"
#include "analyzer/views/kernel_view.h"

static bool apply_json(struct request *request, const char *argument, const char **problem)
{
    (void)argument;
    (void)problem;
    request->json = true;
    return true;
}

#define UNIT_OPTION(name, unit_value)                                                              \
    static bool apply_##name(struct request *request, const char *argument, const char **problem)  \
    {                                                                                              \
        (void)argument;                                                                            \
        (void)problem;                                                                             \
        request->view.table.unit = unit_value;                                                     \
        return true;                                                                               \
    }

UNIT_OPTION(bytes, SIZE_BYTES)
UNIT_OPTION(kibi, SIZE_KIB)
UNIT_OPTION(mebi, SIZE_MIB)
UNIT_OPTION(gibi, SIZE_GIB)
UNIT_OPTION(human, SIZE_HUMAN)

#define FLAG_OPTION(name, member)                                                                  \
    static bool apply_##name(struct request *request, const char *argument, const char **problem)  \
    {                                                                                              \
        (void)argument;                                                                            \
        (void)problem;                                                                             \
        request->view.member = true;                                                               \
        return true;                                                                               \
    }

FLAG_OPTION(no_headings, table.no_headings)
FLAG_OPTION(percent, table.percent)
FLAG_OPTION(reverse, table.reverse)
FLAG_OPTION(totals, totals)
FLAG_OPTION(all, all)
FLAG_OPTION(verbose, verbose)
FLAG_OPTION(sharers, sharers)
FLAG_OPTION(extended, pmap.extended)
FLAG_OPTION(device, pmap.device)
FLAG_OPTION(show_path, pmap.show_path)
FLAG_OPTION(quiet, pmap.quiet)
FLAG_OPTION(own, pmap.own)

static bool apply_details(struct request *request, const char *argument, const char **problem)
{
    (void)argument;
    (void)problem;
    request->view.pmap.details++;
    return true;
}

static bool apply_classes(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->classes = argument;
    return true;
}

#define CHECK_OPTION(name, part)                                                                   \
    static bool apply_##name(struct request *request, const char *argument, const char **problem)  \
    {                                                                                              \
        (void)argument;                                                                            \
        (void)problem;                                                                             \
        request->view.check_part = part;                                                           \
        return true;                                                                               \
    }

CHECK_OPTION(identities, CHECK_IDENTITIES)
CHECK_OPTION(rules, CHECK_RULES)

#define PS_ROWS_OPTION(name, value)                                                                \
    static bool apply_##name(struct request *request, const char *argument, const char **problem)  \
    {                                                                                              \
        (void)argument;                                                                            \
        (void)problem;                                                                             \
        request->view.ps_rows = value;                                                             \
        return true;                                                                               \
    }

PS_ROWS_OPTION(users, PS_USERS)
PS_ROWS_OPTION(mappings, PS_MAPPINGS)

static bool apply_columns(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->view.table.columns = argument;
    return true;
}

static bool apply_sort(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->view.table.sort = argument;
    return true;
}

static bool apply_rows(struct request *request, const char *argument, const char **problem)
{
    char *end;
    errno = 0;
    unsigned long long rows = strtoull(argument, &end, 10);
    if (argument[0] < '0' || argument[0] > '9' || *end || errno || rows == 0) {
        *problem = "is not a number of rows above 0";
        return false;
    }
    request->view.table.rows = rows;
    return true;
}

static bool set_filter(struct filter *filter, const char *argument, const char **problem)
{
    if (filter->set)
        regfree(&filter->expression);
    filter->set = regcomp(&filter->expression, argument, REG_EXTENDED | REG_NOSUB) == 0;
    if (!filter->set)
        *problem = "is not a regular expression";
    return filter->set;
}

static bool apply_process(struct request *request, const char *argument, const char **problem)
{
    return set_filter(&request->process, argument, problem);
}

static bool apply_user(struct request *request, const char *argument, const char **problem)
{
    return set_filter(&request->user, argument, problem);
}

static bool apply_map(struct request *request, const char *argument, const char **problem)
{
    return set_filter(&request->map, argument, problem);
}

static bool apply_words(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->words = argument;
    return true;
}

/* The next word of a list separated by commas or blanks, as for -c. */
static bool next_listed(struct slice *left, struct slice *word)
{
    while (left->length_bytes && (left->at[0] == ',' || left->at[0] == ' '))
        *left = slice_skip(*left, 1);
    word->at = left->at;
    word->length_bytes = 0;
    while (word->length_bytes < left->length_bytes && left->at[word->length_bytes] != ',' &&
           left->at[word->length_bytes] != ' ')
        word->length_bytes++;
    *left = slice_skip(*left, word->length_bytes);
    return word->length_bytes != 0;
}

static bool add_section(struct request *request, struct slice word)
{
    for (unsigned section = 0; section < KERNEL_SECTION_COUNT; section++) {
        if (!slice_equal(slice_of(kernel_section_word((enum kernel_section)section)), word))
            continue;
        request->view.sections |= 1u << section;
        return true;
    }
    return false;
}

static bool apply_only(struct request *request, const char *argument, const char **problem)
{
    struct slice left = slice_of(argument), word;
    bool any = false;
    *problem = "is no list of slab, vmalloc, modules, processes, pools, shared";
    for (; next_listed(&left, &word); any = true)
        if (!add_section(request, word))
            return false;
    return any;
}

static bool apply_short(struct request *request, const char *argument, const char **problem)
{
    (void)argument;
    (void)problem;
    request->allow_short = true;
    return true;
}

static bool apply_any_case(struct request *request, const char *argument, const char **problem)
{
    (void)argument;
    (void)problem;
    request->any_case = true;
    return true;
}

static bool apply_explain(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->explain = argument;
    return true;
}

static bool apply_pids(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->pids = argument;
    return true;
}

static bool apply_group(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->group = argument;
    request->view.ps_rows = PS_GROUPS;
    return true;
}

static bool apply_baseline(struct request *request, const char *argument, const char **problem)
{
    (void)problem;
    request->baseline = argument;
    return true;
}

static bool apply_by(struct request *request, const char *argument, const char **problem)
{
    *problem = "is none of ledger, group, program, process, class, object, mapping, kernel";
    return diff_level_find(argument, &request->view.diff_level);
}

static const struct option_spec options[] = {
    {0,   "json",        NULL,      0,                          "JSON instead of text (schemas in schema/)",             apply_json       },
    {'b', "bytes",       NULL,      0,                          "sizes in bytes",                                        apply_bytes      },
    {'k', "kibi",        NULL,      0,                          "sizes in KiB (the default)",                            apply_kibi       },
    {'m', "mebi",        NULL,      0,                          "sizes in MiB",                                          apply_mebi       },
    {'g', "gibi",        NULL,      0,                          "sizes in GiB",                                          apply_gibi       },
    {'h', "human",       NULL,      0,                          "sizes like 1.5M",                                       apply_human      },
    {'H', "no-headings", NULL,      0,                          "rows only, for scripts",                                apply_no_headings},
    {'c', "columns",     "LIST",    TAKES_COLUMNS,              "columns, separated by commas or blanks",
     apply_columns                                                                                                                        },
    {'s', "sort",        "COLUMN",  TAKES_COLUMNS,              "sort by a column",                                      apply_sort       },
    {'r', "reverse",     NULL,      TAKES_COLUMNS,              "reverse the order",                                     apply_reverse    },
    {'n', "rows",        "NUMBER",  TAKES_COLUMNS | TAKES_ROWS, "at most so many rows, the largest",
     apply_rows                                                                                                                           },
    {'P', "process",     "REGEX",   TAKES_PROCESS_FILTERS,
     "only processes whose command line or name matches",                                                                apply_process    },
    {'U', "user",        "REGEX",   TAKES_PROCESS_FILTERS,      "only processes whose uid matches",                      apply_user       },
    {'M', "map",         "REGEX",   TAKES_MAP_FILTER,           "only mappings whose name matches",                      apply_map        },
    {'u', "users",       NULL,      TAKES_PS_ROWS,              "a row a user",                                          apply_users      },
    {0,   "mappings",    NULL,      TAKES_PS_ROWS,              "a row a name of mappings",                              apply_mappings   },
    {'p', "percent",     NULL,      TAKES_PS_ROWS,              "sizes as shares of MemTotal, swap of SwapTotal",
     apply_percent                                                                                                                        },
    {'t', "totals",      NULL,      TAKES_TOTALS,               "a last row with the sums",                              apply_totals     },
    {'a', "all",         NULL,      TAKES_ALL,                  "also what is empty, unchanged or left out for brevity",
     apply_all                                                                                                                            },
    {'v', "verbose",     NULL,      TAKES_VERBOSE,              "also where each figure comes from",                     apply_verbose    },
    {0,   "explain",     "LINE",    TAKES_EXPLAIN,
     "what a line or a field of meminfo counts, with its figures; 'list' names all",                                     apply_explain    },
    {0,   "only",        "LIST",    TAKES_SECTIONS,
     "only these: slab, vmalloc, modules, processes, pools, shared",                                                     apply_only       },
    {0,   "identities",  NULL,      TAKES_CHECK_PART,           "only the identities, also for the exit status",
     apply_identities                                                                                                                     },
    {0,   "rules",       NULL,      TAKES_CHECK_PART,           "only the rules, also for the exit status",              apply_rules      },
    {0,   "sharers",     NULL,      TAKES_SHARERS,              "list the processes that share each object",             apply_sharers    },
    {0,   "by",          "LEVEL",   TAKES_LEVELS,
     "only this: ledger, group, program, process, class, object, mapping or kernel",                                     apply_by         },
    {0,   "baseline",    "BUNDLE",  TAKES_BASELINE,
     "mark what is unusual against this bundle of the same machine",                                                     apply_baseline   },
    {0,   "pid",         "P,P,...", TAKES_PIDS,                 "these processes together, or only these",               apply_pids       },
    {0,   "group",       "KEY",     TAKES_GROUPS,
     "by user, program, exe, cgroup, unit, container, session, tree or REGEX=NAME,...",                                  apply_group      },
    {'x', "extended",    NULL,      TAKES_PMAP,                 "as pmap -x: RSS and dirty memory",                      apply_extended   },
    {'X', "details",     NULL,      TAKES_PMAP,                 "as pmap -X: the figures of smaps; twice: all of them",
     apply_details                                                                                                                        },
    {'d', "device",      NULL,      TAKES_PMAP,                 "as pmap -d: offset and device",                         apply_device     },
    {'p', "show-path",   NULL,      TAKES_PMAP,                 "whole paths in pmap's modes",                           apply_show_path  },
    {'q', "quiet",       NULL,      TAKES_PMAP,                 "no header and footer in pmap's modes",                  apply_quiet      },
    {'l', "long",        NULL,      TAKES_PMAP,                 "our own table, with kind and class",                    apply_own        },
    {0,   "classes",     "FILE",    TAKES_PMAP,                 "rules of your own that say what a mapping is",
     apply_classes                                                                                                                        },
    {0,   "words",       "FILE",    TAKES_WORDS,                "the words that must not be there, one a line",          apply_words      },
    {'i', "ignore-case", NULL,      TAKES_WORDS,                "upper and lower case are the same",                     apply_any_case   },
    {0,   "short",       NULL,      TAKES_WORDS,                "allow words of less than three bytes",                  apply_short      },
};

const struct option_spec *option_list(size_t *count)
{
    *count = sizeof options / sizeof options[0];
    return options;
}

bool option_taken(const struct option_spec *option, const struct command *command)
{
    return option->groups == 0 || (option->groups & command->options);
}
