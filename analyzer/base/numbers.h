/* Strict numbers: a whole text is one, or it is refused. */
#pragma once

#include "analyzer/base/slice.h"

/* The whole slice as an unsigned decimal. Refuses "", "-1", "+1", "0x1", " 1", "1 kB" and
 * anything above UINT64_MAX. On failure *value is unchanged. */
bool parse_decimal(struct slice text, uint64_t *value);

/* The same with an optional leading '-', within int64_t. */
bool parse_signed_decimal(struct slice text, int64_t *value);

/* The whole slice as hexadecimal digits without "0x", at most 16 of them. */
bool parse_hexadecimal(struct slice text, uint64_t *value);

/* The value of one hexadecimal digit of either case. */
bool hex_digit(char digit, unsigned *value);
