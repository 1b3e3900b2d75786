/* Small copies of /proc and /sys, written by a test into a folder of its own; and snapshots made of
 * texts without any folder. For the tests of the model and of what stands on it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "analyzer/model/snapshot_load.h"

#define KIB(n) (UINT64_C(1024) * (n))
#define MIB(n) (UINT64_C(1048576) * (n))

struct snapshot_tree {
    char folder[64];
};

void tree_create(struct snapshot_tree *tree);
void tree_remove(struct snapshot_tree *tree);

/* Writes a file, and the folders above it. */
void tree_put(const struct snapshot_tree *tree, const char *path, const char *text);
void tree_put_bytes(const struct snapshot_tree *tree, const char *path, const void *bytes,
                    size_t length);

/* Loads with the default limits; the test fails when the load does. Free with snapshot_free(). */
struct snapshot *tree_load(const struct snapshot_tree *tree);

/* The same of any bundle. */
struct snapshot *bundle_load(const char *path);

/* Loads what must be refused, and gives the reason. */
struct failure tree_refused(const struct snapshot_tree *tree);

/* One proc/PID of a running process. Parts that are NULL are not written. */
struct tree_process {
    uint64_t pid, start_time_ticks;
    const char *comm;
    const char *smaps;
};
void tree_put_process(const struct snapshot_tree *tree, const struct tree_process *process);

/* One block of smaps, in the form of 6.1; figures in KiB. */
struct block {
    uint64_t start, end;
    const char *permissions; /* NULL: "rw-p" */
    uint64_t inode, offset;
    const char *device; /* NULL: "08:01" with an inode, else "00:00" */
    const char *name;   /* NULL: none */
    uint64_t rss, pss, shared_clean, private_clean, private_dirty;
    uint64_t shared_hugetlb, private_hugetlb, swap, swap_pss;
};
/* The text of `count` blocks; free(). */
char *blocks_text(const struct block *blocks, size_t count);
#define BLOCKS_TEXT(rows) blocks_text((rows), sizeof(rows) / sizeof(rows)[0])

/* An empty snapshot of a machine with this page size (0: not known). Free with snapshot_free(). */
struct snapshot *snapshot_of_nothing(uint64_t page_bytes);

/* Takes the text of one member outside proc/PID, as the loader would. The test fails if it is
 * malformed or if no route takes it. */
void snapshot_give(struct snapshot *snapshot, const char *path, const char *text);

/* A new text in which `from`, which must be there, is replaced by `to` once; free(). */
char *text_with(const char *text, const char *from, const char *to);
