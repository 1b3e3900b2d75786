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

/* As a call, so that a row that changes leaves the others as they are. */
#define COMMAND(name, arguments, least, most, takes, run, columns, summary)                        \
    {                                                                                              \
        name, arguments, summary, least, most, takes, run, columns                                 \
    }

static const struct command commands[] = {
    COMMAND("", "BUNDLE", 1, 1, 0, command_summary, NULL,
            "one screen: the machine, its ledger, top processes, findings, coverage"),
    COMMAND("ledger", "BUNDLE", 1, 1,
            TAKES_COLUMNS | TAKES_ALL | TAKES_VERBOSE | TAKES_EXPLAIN | TAKES_BASELINE,
            command_ledger, ledger_columns,
            "where MemTotal went: a tree that sums exactly, with the residual"),
    COMMAND("ps", "BUNDLE", 1, 1,
            TAKES_COLUMNS | TAKES_PROCESS_FILTERS | TAKES_MAP_FILTER | TAKES_TOTALS | TAKES_ALL |
                TAKES_PS_ROWS | TAKES_GROUPS | TAKES_BASELINE,
            command_ps, ps_columns,
            "a row a process: VSS RSS PSS USS, swap, huge pages, page tables"),
    COMMAND("maps", "BUNDLE", 1, 1,
            TAKES_COLUMNS | TAKES_PROCESS_FILTERS | TAKES_MAP_FILTER | TAKES_SHARERS | TAKES_ALL |
                TAKES_GROUPS,
            command_maps, maps_columns, "a row a mapped object: resident once, RSS, sharers"),
    COMMAND("pmap", "BUNDLE PID...", 1, UINT_MAX, TAKES_COLUMNS | TAKES_TOTALS | TAKES_PMAP,
            command_pmap, pmap_columns,
            "one process's mappings as pmap shows them, and what each is"),
    COMMAND("share", "BUNDLE", 1, 1, TAKES_COLUMNS | TAKES_PIDS | TAKES_GROUPS, command_share,
            share_columns, "who shares what; what a set of processes holds, and gives back"),
    COMMAND("kernel", "BUNDLE", 1, 1, TAKES_ROWS | TAKES_ALL | TAKES_SECTIONS, command_kernel, NULL,
            "slab, vmalloc, modules, stacks, pools, shared memory: by cause"),
    COMMAND("pages", "BUNDLE", 1, 1, TAKES_COLUMNS | TAKES_PIDS, command_pages, pages_columns,
            "what every page of RAM is; of processes, counted page by page"),
    COMMAND("cgroups", "BUNDLE", 1, 1, TAKES_COLUMNS | TAKES_ALL, command_cgroups, cgroups_columns,
            "charges of cgroups beside what their processes map"),
    COMMAND("diff", "BEFORE AFTER", 2, UINT_MAX,
            TAKES_ROWS | TAKES_ALL | TAKES_LEVELS | TAKES_PIDS | TAKES_GROUPS, command_diff, NULL,
            "what changed, down to the mapping; of three bundles or more, trends"),
    COMMAND("check", "BUNDLE", 1, 1,
            TAKES_COLUMNS | TAKES_VERBOSE | TAKES_CHECK_PART | TAKES_BASELINE, command_check,
            check_columns, "identities between figures, and rules with thresholds"),
    COMMAND("info", "BUNDLE", 1, 1, TAKES_ALL, command_info, NULL,
            "manifest, coverage, and what could not be read"),
    COMMAND("verify", "BUNDLE", 1, 1, TAKES_WORDS, command_verify, NULL,
            "proves that given words are nowhere in a bundle"),
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
