#include "analyzer/commands/commands.h"

#include <limits.h>
#include <string.h>

#include "analyzer/views/cgroups_view.h"
#include "analyzer/views/check_view.h"
#include "analyzer/views/ledger_view.h"
#include "analyzer/views/maps_view.h"
#include "analyzer/views/pages_view.h"
#include "analyzer/views/pmap_view.h"
#include "analyzer/views/ps_view.h"
#include "analyzer/views/share_view.h"

static const struct command commands[] = {
    {"",        "BUNDLE",        "one screen: the machine, its ledger, top processes, findings, coverage", 1, 1,
     0,                                                                                                                                                                                    command_summary, NULL           },
    {"ledger",  "BUNDLE",        "where MemTotal went: a tree that sums exactly, with the residual",       1, 1,
     TAKES_COLUMNS | TAKES_ALL | TAKES_VERBOSE | TAKES_EXPLAIN | TAKES_BASELINE,                                                                                                           command_ledger,
     ledger_columns                                                                                                                                                                                                        },
    {"ps",      "BUNDLE",        "a row a process: VSS RSS PSS USS, swap, huge pages, page tables",        1, 1,
     TAKES_COLUMNS | TAKES_PROCESS_FILTERS | TAKES_MAP_FILTER | TAKES_TOTALS | TAKES_ALL |
         TAKES_PS_ROWS | TAKES_GROUPS | TAKES_BASELINE,
     command_ps,                                                                                                                                                                                            ps_columns     },
    {"maps",    "BUNDLE",        "a row a mapped object: resident once, RSS, sharers",                     1, 1,
     TAKES_COLUMNS | TAKES_PROCESS_FILTERS | TAKES_MAP_FILTER | TAKES_SHARERS | TAKES_ALL |
         TAKES_GROUPS,                                                                                                                                                                     command_maps,    maps_columns   },
    {"pmap",    "BUNDLE PID...", "one process's mappings as pmap shows them, and what each is",            1,
     UINT_MAX,                                                                                                          TAKES_COLUMNS | TAKES_TOTALS | TAKES_PMAP,                         command_pmap,    pmap_columns   },
    {"share",   "BUNDLE",        "who shares what; what a set of processes holds, and gives back",         1, 1,
     TAKES_COLUMNS | TAKES_PIDS | TAKES_GROUPS,                                                                                                                                            command_share,   share_columns  },
    {"kernel",  "BUNDLE",        "slab, vmalloc, modules, stacks, pools, shared memory: by cause",         1, 1,
     TAKES_ROWS | TAKES_ALL | TAKES_SECTIONS,                                                                                                                                              command_kernel,  NULL           },
    {"pages",   "BUNDLE",        "what every page of RAM is; of processes, counted page by page",          1, 1,
     TAKES_COLUMNS | TAKES_PIDS,                                                                                                                                                           command_pages,   pages_columns  },
    {"cgroups", "BUNDLE",        "charges of cgroups beside what their processes map",                     1, 1,
     TAKES_COLUMNS | TAKES_ALL,                                                                                                                                                            command_cgroups, cgroups_columns},
    {"diff",    "BEFORE AFTER",  "what changed, down to the mapping; of three bundles or more, trends",
     2,                                                                                                       UINT_MAX, TAKES_ROWS | TAKES_ALL | TAKES_LEVELS | TAKES_PIDS | TAKES_GROUPS, command_diff,
     NULL                                                                                                                                                                                                                  },
    {"check",   "BUNDLE",        "identities between figures, and rules with thresholds",                  1, 1,
     TAKES_COLUMNS | TAKES_VERBOSE | TAKES_CHECK_PART | TAKES_BASELINE,                                                                                                                    command_check,
     check_columns                                                                                                                                                                                                         },
    {"info",    "BUNDLE",        "manifest, coverage, and what could not be read",                         1, 1,        TAKES_ALL,
     command_info,                                                                                                                                                                                          NULL           },
    {"verify",  "BUNDLE",        "proves that given words are nowhere in a bundle",                        1, 1,        TAKES_WORDS,
     command_verify,                                                                                                                                                                                        NULL           },
};

const struct command *command_list(size_t *count)
{
    *count = sizeof commands / sizeof commands[0];
    return commands;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}
