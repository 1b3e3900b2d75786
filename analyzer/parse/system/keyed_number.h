/* One number out of a text of "KEY VALUE" or "KEY: VALUE" lines, for files of which nothing else is used:
 *   sys/kernel/debug/vmmemctl            "current:              512 pages"
 *   sys/kernel/debug/hv-balloon          "pages_ballooned       : 512"
 *   proc/spl/kstat/zfs/arcstats          "size                            4    1048576" */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* The number in word `column` behind the key (1: the first), of the first line with this key. Words end at
 * blanks and ':'. Fails (MALFORMED, line; *value unchanged) when no line has the key, when that
 * word is no unsigned decimal, or when the last line is cut. */
bool keyed_number_parse(struct slice text, struct slice key, unsigned column, uint64_t *value,
                        struct failure *why);
