/* Walking over kernel text: lines and words. Nothing here allocates, and
 * nothing writes into the input. */
#pragma once

#include "analyzer/base/numbers.h"
#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* Takes the next line (without its '\n') off *rest and counts it in *number, which starts at
 * 0. False when nothing is left. A last line without '\n' is a line. */
bool next_line(struct slice *rest, struct slice *line, uint64_t *number);

/* Takes the next word off *rest: bytes up to a space or tab; leading ones are skipped. False when
 * only blanks are left. */
bool next_word(struct slice *rest, struct slice *word);

/* The same from the right: takes the last word off *rest, leaving what stands before it. */
bool last_word(struct slice *rest, struct slice *word);

/* Splits `text` at the first `separator`: *left before it, *right after. False when there is
 * none; both are then unchanged. */
bool split_at(struct slice text, char separator, struct slice *left, struct slice *right);

/* `text` without spaces and tabs at both ends. */
struct slice trim_blanks(struct slice text);

/* False for an empty text and for one whose last line was cut: kernel text ends with '\n'. */
bool ends_with_newline(struct slice text);

/* Refuses (MALFORMED, last line) a text whose last line was cut, for half a number cannot be told
 * from a whole one. An empty text is whole. */
bool text_is_whole(struct slice text, struct failure *why);

/* next_word() and parse_decimal() in one; *rest is unchanged on failure. */
bool next_decimal(struct slice *rest, uint64_t *value);
