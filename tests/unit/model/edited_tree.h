/* A machine as a list of files, and the edits that one case makes to it. For tests that keep one healthy
 * machine and break one figure at a time. */
#pragma once

#include "tests/unit/model/snapshot_tree.h"

struct tree_file {
    const char *path, *text;
};

/* In the file `path`, `from` becomes `to`; the file is left out if `from` is NULL. */
struct edit {
    const char *path, *from, *to;
};

/* In aligned arrays of cases. */
#define IN(path, from, to)                                                                         \
    {                                                                                              \
        path, from, to                                                                             \
    }
#define LEFT_OUT(path)                                                                             \
    {                                                                                              \
        path, NULL, NULL                                                                           \
    }

/* Loads the files with the edits made; the test fails if one of them cannot be made, or if a file cannot be
 * parsed. Free with snapshot_free(). */
struct snapshot *edited_tree_load(const struct tree_file *files, size_t file_count,
                                  const struct edit *edits, size_t edit_count);
