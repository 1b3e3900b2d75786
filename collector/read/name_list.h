/* The names in a folder that match a pattern, sorted by their bytes so that two runs give
 * the same order. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A folder with more entries is cut here: the list must not grow with the machine. */
#define NAMES_MOST       8192
#define NAMES_MOST_BYTES ((size_t)256 * 1024)

enum name_kind {
    NAMES_ANY,
    NAMES_READABLE,   /* whatever is not a folder or a link, but for files that nobody may
                         read: root could open them, and some act when they are opened */
    NAMES_LINKS,      /* symbolic links                                                */
    NAMES_FOLDERS,    /* folders                                                       */
    NAMES_FOLDERLIKE, /* folders and symbolic links                                    */
};

struct name_list {
    char **names;
    size_t count;
    char *bytes; /* what the names point into */
    bool cut;    /* there were more than the limits allow */
};

struct name_query {
    const char *folder;
    const char *pattern;
    enum name_kind kind;
};

/* Returns 0 or an errno; *list can be used and must be freed in any case. The pattern has at
 * most one '*'. "." and ".." never match. *beats, if given, moves on with every entry. */
int name_list_read(struct name_list *list, int folder, const char *path, const char *pattern,
                   enum name_kind kind, _Atomic uint32_t *beats);

/* The names of a list by their bytes, each ended with NUL and in order, copied. 0 or ENOMEM. */
int name_list_copy(struct name_list *list, const char *bytes, size_t length);
void name_list_deinit(struct name_list *list);

bool name_matches(const char *name, const char *pattern);
