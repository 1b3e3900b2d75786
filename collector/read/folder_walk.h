/* The folders that a pattern names. */
#pragma once

#include "collector/read/name_list.h"
#include "schema/failure.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* "**" goes no deeper and sees no more folders; the machine could have any number. */
#define WALK_MOST_DEPTH   24
#define WALK_MOST_FOLDERS 16384

struct folder_walk {
    char path[PATH_MAX]; /* of the folder that is visited, relative to the root */
    size_t length;
    bool (*visit)(void *context, const char *folder, struct failure *why);
    /* name_list_read() of a folder relative to the root, in whatever way; its result in *error. */
    bool (*list)(void *context, const struct name_query *query, struct name_list *names, int *error,
                 struct failure *why);
    void *context;
    size_t folders; /* visited */
    int error;      /* the first errno, not ENOENT, that kept us out of a folder */
    bool cut;       /* a limit above was reached, or a path was too long */
};

/* Calls `visit` for each folder that the pattern of struct source names, in the order of
 * their bytes; for a pattern without '*' whether the folder is there or not. Stops and is
 * false as soon as `visit` is. Set visit, list and context, all else zero. */
bool folder_walk(struct folder_walk *walk, const char *pattern, struct failure *why);
