#include "analyzer/base/numbers.h"

bool parse_decimal(struct slice text, uint64_t *value)
{
    if (text.length_bytes == 0)
        return false;
    uint64_t total = 0;
    for (size_t i = 0; i < text.length_bytes; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(total, (uint64_t)10, &total) ||
            __builtin_add_overflow(total, (uint64_t)(text.at[i] - '0'), &total))
            return false;
    }
    *value = total;
    return true;
}

bool parse_signed_decimal(struct slice text, int64_t *value)
{
    bool negative = text.length_bytes > 0 && text.at[0] == '-';
    uint64_t magnitude;
    if (!parse_decimal(negative ? slice_skip(text, 1) : text, &magnitude))
        return false;
    if (magnitude <= INT64_MAX)
        *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    else if (negative && magnitude == (uint64_t)INT64_MAX + 1)
        *value = INT64_MIN;
    else
        return false;
    return true;
}

bool hex_digit(char digit, unsigned *value)
{
    if (digit >= '0' && digit <= '9')
        *value = (unsigned)(digit - '0');
    else if (digit >= 'a' && digit <= 'f')
        *value = (unsigned)(digit - 'a') + 10;
    else if (digit >= 'A' && digit <= 'F')
        *value = (unsigned)(digit - 'A') + 10;
    else
        return false;
    return true;
}

bool parse_hexadecimal(struct slice text, uint64_t *value)
{
    if (text.length_bytes == 0 || text.length_bytes > 16)
        return false;
    uint64_t total = 0;
    for (size_t i = 0; i < text.length_bytes; i++) {
        unsigned digit;
        if (!hex_digit(text.at[i], &digit))
            return false;
        total = total << 4 | digit;
    }
    *value = total;
    return true;
}
