#include "analyzer/parse/text_cursor.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

bool next_line(struct slice *rest, struct slice *line, uint64_t *number)
{
    if (rest->length_bytes == 0)
        return false;
    const char *end = memchr(rest->at, '\n', rest->length_bytes);
    size_t length = end ? (size_t)(end - rest->at) : rest->length_bytes;
    *line = (struct slice){rest->at, length};
    *rest = slice_skip(*rest, end ? length + 1 : length);
    *number += 1;
    return true;
}

bool next_word(struct slice *rest, struct slice *word)
{
    size_t start = 0;
    while (start < rest->length_bytes && is_blank(rest->at[start]))
        start++;
    if (start == rest->length_bytes)
        return false;
    size_t end = start;
    while (end < rest->length_bytes && !is_blank(rest->at[end]))
        end++;
    *word = (struct slice){rest->at + start, end - start};
    *rest = slice_skip(*rest, end);
    return true;
}

bool last_word(struct slice *rest, struct slice *word)
{
    size_t end = rest->length_bytes;
    while (end > 0 && is_blank(rest->at[end - 1]))
        end--;
    if (end == 0)
        return false;
    size_t start = end;
    while (start > 0 && !is_blank(rest->at[start - 1]))
        start--;
    *word = (struct slice){rest->at + start, end - start};
    rest->length_bytes = start;
    return true;
}

bool split_at(struct slice text, char separator, struct slice *left, struct slice *right)
{
    if (text.length_bytes == 0)
        return false;
    const char *found = memchr(text.at, separator, text.length_bytes);
    if (!found)
        return false;
    size_t length = (size_t)(found - text.at);
    *left = (struct slice){text.at, length};
    *right = slice_skip(text, length + 1);
    return true;
}

struct slice trim_blanks(struct slice text)
{
    while (text.length_bytes > 0 && is_blank(text.at[0]))
        text = slice_skip(text, 1);
    while (text.length_bytes > 0 && is_blank(text.at[text.length_bytes - 1]))
        text.length_bytes--;
    return text;
}

bool ends_with_newline(struct slice text)
{
    return text.length_bytes > 0 && text.at[text.length_bytes - 1] == '\n';
}

bool text_is_whole(struct slice text, struct failure *why)
{
    struct slice line;
    uint64_t number = 0;
    if (text.length_bytes == 0 || ends_with_newline(text))
        return true;
    while (next_line(&text, &line, &number))
        ;
    return failure_set(why, FAILURE_MALFORMED, number, "the last line is cut");
}

bool next_decimal(struct slice *rest, uint64_t *value)
{
    struct slice after = *rest;
    struct slice word;
    if (!next_word(&after, &word) || !parse_decimal(word, value))
        return false;
    *rest = after;
    return true;
}
