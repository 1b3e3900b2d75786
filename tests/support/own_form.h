/* A tree of text files packed like memtally-collect would have packed that machine. */
#pragma once

#include "tests/support/bundle_builder.h"

/* One file of a tree. */
struct tree_file {
    char *path; /* below the tree */
    char *text;
    size_t length_bytes;
};

struct tree_files {
    struct tree_file *files;
    size_t count, capacity;
};

/* All regular files below `folder`, sorted by path; symbolic links become PATH.link. */
struct tree_files tree_read(const char *folder);
void tree_free(struct tree_files *tree);

/* As it is, in one frame, members as in the tree. */
struct built tree_pack_foreign(const struct tree_files *tree);

/* Our own form below the folder `top`: `manifest` first (if empty, the tree's own), a frame a
 * pass, a journal last that says that all was read (if the tree has one, that). Times count from
 * the manifest's started_realtime_ns, 1 ms a member, so that equal trees give equal bytes. */
struct built tree_pack_own(const struct tree_files *tree, const char *top, struct slice manifest);
