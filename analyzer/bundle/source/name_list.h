/* The names in one folder, in an order that does not depend on the file system. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/failure.h"

struct folder_name {
    char *text;      /* owned by the list                           */
    uint64_t number; /* of a name of digits only, else UINT64_MAX   */
};

struct name_list {
    struct folder_name *names;
    size_t count, capacity;
};

void name_list_deinit(struct name_list *list);

/* All names in the folder `fd` (which stays the caller's) but "." and "..": words first, by
 * their bytes, then numbers by their value. LIMIT when there are more than `most` names. */
bool name_list_read(int fd, uint64_t most, struct name_list *list, struct failure *why);

/* Appends a copy of `text`, unsorted; false when memory ran out. */
bool name_list_add(struct name_list *list, const char *text);
