/* The little grammar that manifest and journal share: lines, words and escapes
 * (schema/bundle_format.h). */
#pragma once

#include "analyzer/base/numbers.h"
#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* Takes the next line, without its '\n', off *rest and counts it in *number, which starts at 0.
 * False at the end, and on a last line without '\n', which is MALFORMED. */
bool record_line_next(struct slice *rest, struct slice *line, uint64_t *number,
                      struct failure *why);

/* Takes the bytes before the first space off *rest, and that space. *word may be empty. */
void record_word_next(struct slice *rest, struct slice *word);

/* Writes `text` without its escapes to `buffer`, which must have room for text.length_bytes,
 * and the length to *length_bytes. False on a wrong escape. */
bool record_unescape(struct slice text, char *buffer, size_t *length_bytes);

/* Takes "KEY VALUE" and the space behind it off *rest; the value of `path` and of `text` runs to
 * the end. False when nothing is left. An empty *key, or an empty *value of another key, is damage. */
bool record_pair_next(struct slice *rest, struct slice *key, struct slice *value);
