/* Finding the folder that holds proc/ (or is one) somewhere below a directory. */
#pragma once

#include "analyzer/bundle/limits.h"

struct directory_root {
    int fd;               /* of the root; owned; -1: none                               */
    char *prefix;         /* its path below the directory, "" or "host1/2024/"; owned   */
    bool bare;            /* the directory itself is a copy of /proc: "proc/" is missing */
    bool everything;      /* no root was looked for: all that is in the directory       */
    uint64_t other_roots; /* at the same depth, not taken                               */
};

void directory_root_deinit(struct directory_root *root);

/* Looks into `fd` (which stays the caller's) and below, breadth first, names in order, not
 * through links, into at most ROOT_SEARCH_FOLDERS folders and no deeper than
 * limits->folder_depth. A root has a manifest beside proc/, samples/ or a journal, or a proc/ that
 * holds a known file or a process. MALFORMED when there is none; USAGE if it is the live /proc
 * or /sys of this machine, which changes while it is read, and of which parts block. */
bool directory_root_find(int fd, const struct bundle_limits *limits, struct directory_root *root,
                         struct failure *why);

/* Takes the directory itself, whatever is in it. USAGE as above. */
bool directory_root_take(int fd, struct directory_root *root, struct failure *why);

/* Is the folder `fd` of /proc or /sys of this machine? */
bool directory_is_live(int fd);
