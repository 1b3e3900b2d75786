#pragma once

#include "analyzer/account/object_groups.h"
#include "analyzer/views/json.h"
#include "analyzer/views/views.h"

struct maps_report {
    const struct snapshot *snapshot;
    const struct objects *objects;
    const size_t *chosen; /* indexes into objects->usages that passed the filters */
    size_t count;
    const struct process_groups *groups;       /* with --group, else NULL */
    const struct object_groups *object_groups; /* of these and the chosen usages */
};

bool maps_print(const struct maps_report *report, const struct view_options *options,
                struct failure *why);
bool maps_print_json(const struct maps_report *report, FILE *to, struct failure *why);

/* Parts, in a file of their own: with --group, a row an object and group; groups[] of one object. */
bool maps_print_groups(const struct maps_report *report, const struct view_options *options,
                       struct failure *why);
void maps_add_groups_json(struct json_document *document, struct json_node *node,
                          const struct maps_report *report, size_t usage);

const struct column *maps_columns(size_t *count);

/* The object's name for people: "[anon]" for memory without one. */
struct slice object_name(const struct snapshot *snapshot, const struct mapped_object *object);

/* "rw-p" and the like, static. */
const char *mapping_mode(const struct mapping *mapping);
