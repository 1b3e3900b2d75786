/* Outside text (process names, paths, labels) made safe for a terminal and for lines: it is data,
 * whatever bytes it has. */
#pragma once

#include "analyzer/base/slice.h"

/* A new NUL-terminated string: control characters and bytes that are not UTF-8 as \ooo (octal, as
 * the kernel escapes names itself); NULs (between arguments) as blanks; the rest, backslashes
 * too, as it is. NULL when memory ran out; free(). */
char *escape_for_text(struct slice text);

/* The same without touching control characters, for a JSON writer that escapes those itself; only
 * what is not UTF-8 becomes \ooo. */
char *escape_for_json(struct slice text);

/* As procps shows text: '?' for each byte that is none of printable ASCII. With `keep_utf8`, as it shows
 * command lines, characters in UTF-8 stay. NUL and newline become blanks. */
char *escape_as_procps(struct slice text, bool keep_utf8);
