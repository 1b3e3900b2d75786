#include "collector/base/text.h"

#include <string.h>

void text_bytes(struct text *text, const char *bytes, size_t length)
{
    if (text->overflow || length >= text->capacity - text->length) {
        text->overflow = true;
        return;
    }
    memcpy(text->at + text->length, bytes, length);
    text->length += length;
}

void text_add(struct text *text, const char *string)
{
    text_bytes(text, string, strlen(string));
}

void text_padded(struct text *text, uint64_t number, unsigned width)
{
    char digits[40];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (first > 0 && (number || sizeof digits - first < width));
    text_bytes(text, digits + first, sizeof digits - first);
}

void text_decimal(struct text *text, uint64_t number)
{
    text_padded(text, number, 1);
}

void text_escaped(struct text *text, const char *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '\\') {
            text_bytes(text, "\\\\", 2);
        } else if (byte == '\n') {
            text_bytes(text, "\\n", 2);
        } else if (byte < 0x20 || byte >= 0x7f) {
            char escape[4] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
            text_bytes(text, escape, sizeof escape);
        } else {
            text_bytes(text, bytes + i, 1);
        }
    }
}

const char *text_string(struct text *text)
{
    text->at[text->length] = '\0';
    return text->at;
}

size_t decimal_read(const char *bytes, size_t length, uint64_t *value)
{
    uint64_t total = 0;
    size_t digits = 0;
    while (digits < length && bytes[digits] >= '0' && bytes[digits] <= '9') {
        if (__builtin_mul_overflow(total, (uint64_t)10, &total) ||
            __builtin_add_overflow(total, (uint64_t)(bytes[digits] - '0'), &total))
            return 0;
        digits++;
    }
    if (digits > 0)
        *value = total;
    return digits;
}

bool decimal_whole(const char *string, uint64_t *value)
{
    size_t length = strlen(string);
    uint64_t number = 0;
    if (length == 0 || decimal_read(string, length, &number) != length)
        return false;
    *value = number;
    return true;
}
