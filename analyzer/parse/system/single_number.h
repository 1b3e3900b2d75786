/* Files that hold one decimal number and a newline: /sys/module/NAME/{coresize,initsize,refcnt},
 * /sys/kernel/mm/hugepages/.../nr_hugepages, oom_score. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* Refuses anything but an optional '-', digits and at most one newline. */
bool single_number_parse(struct slice text, int64_t *value, struct failure *why);

/* "hugepages-2048kB" -> 2097152 bytes. False, *bytes unchanged, for any other name. */
bool hugepages_folder_parse(struct slice name, uint64_t *bytes);
