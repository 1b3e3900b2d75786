/* Paths of members, as an archive writes them, made into the names that the rest of memtally
 * knows: "proc/meminfo", whatever stood before it. */
#pragma once

#include "analyzer/base/slice.h"

/* The folder of an archive in which proc/, sys/ and so on lie: the first one that shows itself. */
struct member_root {
    char *prefix; /* "" or "host1/2024/"; owned; NULL: not known yet              */
    bool bare;    /* the archive's own top is a copy of /proc: "proc/" is missing */
};

enum path_verdict {
    PATH_IN_ROOT,    /* below the root: proc/, sys/, meta/, samples/, derived/, manifest, journal */
    PATH_BESIDE,     /* something else                                                          */
    PATH_OTHER_ROOT, /* in a second tree of proc/ or sys/, of another host perhaps              */
    PATH_UNSAFE,     /* empty, or with a ".." in it                                             */
    PATH_NO_MEMORY
};

void member_root_deinit(struct member_root *root);

/* Makes `raw` into the member's name. *name is replaced by a heap string that the caller
 * owns, and *part is the number of a trailing ".part-NNNN", which is taken off, or 0. Learns
 * the root if this path is the first that tells it. */
enum path_verdict member_path_resolve(struct member_root *root, const char *raw, char **name,
                                      unsigned *part);

/* Drops leading slashes, empty components and "."; in place. False for "..", and for a path of
 * which nothing is left. */
bool member_path_clean(char *path);

/* If the clean path tells by itself where the root is: true, and how long what stands before it
 * is. *bare: the path lacks "proc/". */
bool member_path_tells_root(const char *path, size_t *prefix_bytes, bool *bare);
