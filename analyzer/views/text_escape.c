#include "analyzer/views/text_escape.h"

#include <stdlib.h>

/* Length of the UTF-8 character at `at`, or 0 if the bytes are none: overlong forms, surrogates
 * and numbers above U+10FFFF are refused. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char first, last, second_low, second_high;
        size_t length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (at[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (at[0] < forms[i].first || at[0] > forms[i].last || left < forms[i].length ||
            at[1] < forms[i].second_low || at[1] > forms[i].second_high)
            continue;
        for (size_t j = 2; j < forms[i].length; j++)
            if ((at[j] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

/* Octal, as the kernel writes blanks and newlines in its own files. */
static char *put_octal(char *to, unsigned char byte)
{
    *to++ = '\\';
    *to++ = (char)('0' + (byte >> 6));
    *to++ = (char)('0' + ((byte >> 3) & 7));
    *to++ = (char)('0' + (byte & 7));
    return to;
}

/* C1 controls (U+0080 to U+009F) move cursors on some terminals as the ones below 0x20 do. */
static bool is_c1_control(const unsigned char *at, size_t length)
{
    return length == 2 && at[0] == 0xc2 && at[1] < 0xa0;
}

static char *put_plain(char *to, unsigned char byte)
{
    if (byte == '\0')
        *to++ = ' ';
    else if (byte < 0x20 || byte == 0x7f)
        return put_octal(to, byte);
    else
        *to++ = (char)byte;
    return to;
}

static char *escape(struct slice text, bool for_terminal)
{
    char *out = malloc(text.length_bytes * 4 + 1);
    if (!out)
        return NULL;
    char *to = out;
    const unsigned char *at = (const unsigned char *)text.at;
    size_t left = text.length_bytes;
    while (left) {
        size_t length = utf8_length(at, left);
        if (length == 0 || (for_terminal && is_c1_control(at, length))) {
            size_t bytes = length ? length : 1;
            for (size_t i = 0; i < bytes; i++)
                to = put_octal(to, at[i]);
            length = bytes;
        } else if (length > 1) {
            memcpy(to, at, length);
            to += length;
        } else if (for_terminal || *at == '\0') {
            to = put_plain(to, *at);
        } else {
            *to++ = (char)*at;
        }
        at += length;
        left -= length;
    }
    *to = '\0';
    return out;
}

char *escape_for_text(struct slice text)
{
    return escape(text, true);
}

char *escape_for_json(struct slice text)
{
    return escape(text, false);
}

char *escape_as_procps(struct slice text, bool keep_utf8)
{
    char *out = malloc(text.length_bytes + 1);
    if (!out)
        return NULL;
    char *to = out;
    const unsigned char *at = (const unsigned char *)text.at;
    for (size_t left = text.length_bytes, length; left; left -= length, at += length) {
        length = keep_utf8 ? utf8_length(at, left) : 1;
        if (length > 1 && !is_c1_control(at, length)) {
            memcpy(to, at, length);
            to += length;
            continue;
        }
        length = 1;
        if (*at == '\0' || *at == '\n')
            *to++ = ' ';
        else
            *to++ = (char)(*at < 0x20 || *at > 0x7e ? '?' : *at);
    }
    *to = '\0';
    return out;
}
