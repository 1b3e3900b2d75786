/* Amounts with names (caches, callers, segments, groups), matched between two snapshots. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct named_amount {
    unsigned kind;            /* the user's; only equal kinds match                     */
    const char *name;         /* borrowed                                               */
    const char *detail;       /* borrowed; part of the name; may be NULL                */
    uint64_t bytes;           /* equal names in one list are one, with the sum of these */
    uint64_t noise_bytes;     /* and the largest of these                               */
    uint64_t mapped_bytes;    /* part of bytes that processes map                       */
    uint64_t collector_bytes; /* part of bytes that the collector maps: noise, too */
};

struct named_list {
    struct named_amount *rows; /* owned */
    size_t count, capacity;
};

/* False when memory ran out. */
bool named_list_add(struct named_list *list, const struct named_amount *row);
void named_list_deinit(struct named_list *list);

/* Takes each name of both lists once; NULL for the side that does not have it. */
typedef bool (*named_visitor)(void *context, const struct named_amount *before,
                              const struct named_amount *after);

/* Sorts and folds both, then visits by kind and name. False as soon as `visit` says so. */
bool named_lists_match(struct named_list *before, struct named_list *after, named_visitor visit,
                       void *context);
