#include "analyzer/bundle/plain_text.h"

bool record_line_next(struct slice *rest, struct slice *line, uint64_t *number, struct failure *why)
{
    if (rest->length_bytes == 0)
        return false;
    ++*number;
    const char *end = memchr(rest->at, '\n', rest->length_bytes);
    if (!end)
        return failure_set(why, FAILURE_MALFORMED, *number, "the line is cut: no newline");
    *line = (struct slice){rest->at, (size_t)(end - rest->at)};
    *rest = slice_skip(*rest, line->length_bytes + 1);
    return true;
}

void record_word_next(struct slice *rest, struct slice *word)
{
    const char *space = rest->length_bytes ? memchr(rest->at, ' ', rest->length_bytes) : NULL;
    size_t length = space ? (size_t)(space - rest->at) : rest->length_bytes;
    *word = (struct slice){rest->at, length};
    *rest = slice_skip(*rest, space ? length + 1 : length);
}

/* One escape, `text` starting behind its backslash; how many bytes it takes, 0 if wrong. */
static size_t unescape_one(struct slice text, char *byte)
{
    unsigned high, low;
    if (text.length_bytes >= 1 && (text.at[0] == '\\' || text.at[0] == 'n')) {
        *byte = text.at[0] == 'n' ? '\n' : '\\';
        return 1;
    }
    if (text.length_bytes < 3 || text.at[0] != 'x' || !hex_digit(text.at[1], &high) ||
        !hex_digit(text.at[2], &low))
        return 0;
    *byte = (char)(high << 4 | low);
    return 3;
}

bool record_unescape(struct slice text, char *buffer, size_t *length_bytes)
{
    size_t used = 0;
    while (text.length_bytes > 0) {
        char byte = text.at[0];
        text = slice_skip(text, 1);
        if (byte == '\\') {
            size_t taken = unescape_one(text, &byte);
            if (taken == 0)
                return false;
            text = slice_skip(text, taken);
        }
        buffer[used++] = byte;
    }
    *length_bytes = used;
    return true;
}

bool record_pair_next(struct slice *rest, struct slice *key, struct slice *value)
{
    if (rest->length_bytes == 0)
        return false;
    record_word_next(rest, key);
    if (slice_equal(*key, SLICE("path")) || slice_equal(*key, SLICE("text"))) {
        *value = *rest;
        *rest = slice_skip(*rest, rest->length_bytes);
    } else {
        record_word_next(rest, value);
    }
    return true;
}
