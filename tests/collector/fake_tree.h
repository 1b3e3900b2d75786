/* A small tree of files in a temporary folder, to be changed between two reads. */
#pragma once

#include <limits.h>
#include <stddef.h>

struct fake_tree {
    char folder[PATH_MAX];
};

void fake_tree_init(struct fake_tree *tree);

/* Writes a file, and the folders on the way to it. */
void fake_tree_write(const struct fake_tree *tree, const char *path, const char *text);

/* proc/PID with the files a process has; `start_time` is field 22 of its stat. */
void fake_tree_process(const struct fake_tree *tree, unsigned pid, char state, unsigned threads,
                       unsigned start_time);

/* Removes a file, or a folder and all in it. */
void fake_tree_remove(const struct fake_tree *tree, const char *path);
void fake_tree_deinit(struct fake_tree *tree);
