#include "collector/read/record_border.h"

#include <string.h>

/* A table, since this is asked of each byte of the addresses of every mapping. */
static bool is_hexadecimal(char byte)
{
    static const bool hexadecimal[256] = {
        ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,
        ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true, ['a'] = true, ['b'] = true,
        ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true,
    };
    return hexadecimal[(unsigned char)byte];
}

static size_t hexadecimal_digits(const char *at, size_t length)
{
    size_t digits = 0;
    while (digits < length && is_hexadecimal(at[digits]))
        digits++;
    return digits;
}

bool opens_mapping(const char *line, size_t length)
{
    size_t from = hexadecimal_digits(line, length);
    if (from == 0 || from == length || line[from] != '-')
        return false;
    size_t to = hexadecimal_digits(line + from + 1, length - from - 1);
    size_t end = from + 1 + to;
    return to > 0 && end < length && line[end] == ' ';
}

/* The start of the last line that begins before the last byte; 0 if only one line is there. */
static size_t last_line(const char *bytes, size_t length, char terminator)
{
    if (length < 2)
        return 0;
    const char *end = memrchr(bytes, terminator, length - 1);
    return end ? (size_t)(end - bytes) + 1 : 0;
}

size_t record_border(const char *bytes, size_t length, enum record_shape shape)
{
    size_t line = last_line(bytes, length, shape == RECORDS_STRINGS ? '\0' : '\n');
    if (shape != RECORDS_MAPPINGS)
        return line;
    for (size_t at = line; at > 0; at = last_line(bytes, at, '\n'))
        if (opens_mapping(bytes + at, length - at))
            return at;
    return line;
}

static const char flags_key[] = "VmFlags:";

/* The start of the "VmFlags:" line of the record whose header ends at `body`, when it lies
 * where it lay in the last record; NULL when not. */
static const char *flags_where_expected(const struct mapping_counter *counter, const char *body,
                                        const char *end)
{
    size_t needed = counter->body_bytes + sizeof flags_key - 1;
    if (counter->body_bytes == 0 || (size_t)(end - body) < needed)
        return NULL;
    const char *flags = body + counter->body_bytes;
    return flags[-1] == '\n' && memcmp(flags, flags_key, sizeof flags_key - 1) == 0 ? flags : NULL;
}

static const char *next_line(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    return newline ? newline + 1 : end;
}

void mapping_count(struct mapping_counter *counter, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    const char *body = NULL;
    const char *line = bytes;
    while (line < end) {
        if (opens_mapping(line, (size_t)(end - line))) {
            counter->mappings++;
            body = next_line(line, end);
            const char *flags = flags_where_expected(counter, body, end);
            line = flags ? flags : body;
            continue;
        }
        if (body && *line == 'V' && (size_t)(end - line) >= sizeof flags_key - 1 &&
            memcmp(line, flags_key, sizeof flags_key - 1) == 0)
            counter->body_bytes = (size_t)(line - body);
        line = next_line(line, end);
    }
}
