/* Groups of processes: what each holds once, its own part, what it shares, what it would give back. */
#pragma once

#include "analyzer/account/page_sharing.h"
#include "analyzer/account/process_group.h"
#include "analyzer/account/set_growth.h"
#include "analyzer/views/json.h"
#include "analyzer/views/views.h"

struct group_report {
    const struct snapshot *snapshot;
    const struct page_sharing *pages; /* NULL: figures are bounds */
    const struct process_groups *groups;
    const struct set_sharing *figures; /* one a group */
    const struct set_sharing *all;     /* of all groups together, for -t; NULL: not asked for */
    struct amount available;           /* available_memory() */
    struct amount memory;              /* that -p takes shares of; may be unknown */
    struct amount swap;
};

/* A row a group, and the assumption that ONEMORE and FIT make. */
bool groups_print(const struct group_report *report, const struct view_options *options,
                  struct failure *why);

/* The line below a table that has ONEMORE or FIT. */
void groups_print_assumption(FILE *to);

/* groups[] of the document's root. */
void groups_add_json(struct json_document *document, const struct group_report *report);
/* The keys of one group, into `node`. */
void group_add_json(struct json_document *document, struct json_node *node,
                    const struct group_report *report, uint32_t group);
/* {low_bytes, high_bytes, grade} under `key`. */
struct json_node *range_add_json(struct json_document *document, struct json_node *parent,
                                 const char *key, struct byte_range range);
