#pragma once

#include "analyzer/account/object_cost.h"
#include "analyzer/views/views.h"

struct maps_report {
    const struct snapshot *snapshot;
    const struct objects *objects;
    const size_t *chosen; /* indexes into objects->usages that passed the filters */
    size_t count;
};

bool maps_print(const struct maps_report *report, const struct view_options *options,
                struct failure *why);
bool maps_print_json(const struct maps_report *report, FILE *to, struct failure *why);

const struct column *maps_columns(size_t *count);

/* The object's name for people: "[anon]" for memory without one. */
struct slice object_name(const struct snapshot *snapshot, const struct mapped_object *object);
