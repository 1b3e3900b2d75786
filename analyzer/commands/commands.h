/* The commands, as data: dispatch, help and completion come from one table.
 *
 * To add a command: write cmd_NAME.c with `int command_NAME(struct request *)`, declare it here, add
 * a row to the table in command_table.c, describe it in docs/memtally.1, add its words to
 * analyzer/completion/memtally.bash and a schema to schema/. */
#pragma once

#include <stddef.h>

#include "analyzer/commands/request.h"
#include "analyzer/compare/snapshot_diff.h"

struct command {
    const char *name, *arguments, *summary;
    unsigned least_bundles, most_bundles;
    unsigned options; /* enum option_group: which options it takes */
    int (*run)(struct request *request);
    const struct column *(*columns)(size_t *count); /* for --help; NULL: no -c */
};

/* NULL when there is none of that name. The unnamed summary is command_find(""). */
const struct command *command_find(const char *name);
/* All commands, for the help. */
const struct command *command_list(size_t *count);

int command_summary(struct request *request);
int command_ledger(struct request *request);
int command_ps(struct request *request);
int command_share(struct request *request);
int command_maps(struct request *request);
int command_cgroups(struct request *request);
int command_pages(struct request *request);
int command_pmap(struct request *request);
int command_kernel(struct request *request);
int command_diff(struct request *request);
/* diff of more than two bundles. */
int command_trend(struct request *request, const struct diff_scope *scope);
int command_check(struct request *request);
int command_info(struct request *request);
int command_verify(struct request *request);
