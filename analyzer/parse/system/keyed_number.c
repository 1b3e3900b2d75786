#include "analyzer/parse/system/keyed_number.h"

#include "analyzer/parse/text_cursor.h"

static bool is_separator(char byte)
{
    return byte == ' ' || byte == '\t' || byte == ':';
}

static bool next_part(struct slice *rest, struct slice *part)
{
    size_t start = 0;
    while (start < rest->length_bytes && is_separator(rest->at[start]))
        start++;
    size_t end = start;
    while (end < rest->length_bytes && !is_separator(rest->at[end]))
        end++;
    *part = (struct slice){rest->at + start, end - start};
    *rest = slice_skip(*rest, end);
    return end > start;
}

bool keyed_number_parse(struct slice text, struct slice key, unsigned column, uint64_t *value,
                        struct failure *why)
{
    struct slice line, part;
    uint64_t number = 0;
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &number)) {
        if (!next_part(&line, &part) || !slice_equal(part, key))
            continue;
        for (unsigned i = 0; i < column; i++)
            if (!next_part(&line, &part))
                return failure_set(why, FAILURE_MALFORMED, number, "no value behind the key");
        return parse_decimal(part, value) ||
               failure_set(why, FAILURE_MALFORMED, number, "the value is no number");
    }
    return failure_set(why, FAILURE_MALFORMED, number ? number : 1, "no line with '%.*s'",
                       (int)key.length_bytes, key.at);
}
