/* The tree that is read: "/" or the folder given with --proc-root, which holds proc/ and
 * sys/. The one place that opens what lies in it. */
#pragma once

#include "schema/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree {
    int root;        /* descriptor of the folder that holds proc/ and sys/            */
    const char *dir; /* as the user named it; NULL for the machine's own /            */
    bool live;       /* proc/ is a procfs of this kernel; else a copy made earlier    */
};

/* `dir` may be NULL. Fails, with words, when there is no folder, no proc/ in it, or nothing
 * of a procfs in that. tree_deinit() in any case. */
bool tree_init(struct tree *tree, const char *dir, struct failure *why);
void tree_deinit(struct tree *tree);

/* A regular file, open for reading, or -1 with errno: EINVAL if it is something else. `name` is
 * relative to `folder`, as in openat(2). The caller closes it. */
int small_file_open(int folder, const char *name);

/* The first bytes of an open file into `buffer`, ended with NUL. Returns how many, without the
 * NUL, or -1 with errno. Asked again, a file of procfs tells what is true then. */
long small_file_bytes(int file, char *buffer, size_t capacity);

/* Both in one. */
long small_file_read(int folder, const char *name, char *buffer, size_t capacity);

/* As small_file_read(), and one newline at the end is taken off. */
long small_line_read(int folder, const char *name, char *buffer, size_t capacity);
