/* Text in a buffer of fixed size that never cuts in silence: what does not fit is left out
 * and `overflow` is set, for good. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *at; /* the caller's storage */
    size_t length;
    size_t capacity; /* bytes; one of them is kept for the NUL that text_string() sets */
    bool overflow;
};

/* An empty text over `storage`, an array. */
#define TEXT_OVER(storage) ((struct text){(storage), 0, sizeof(storage), false})

void text_bytes(struct text *text, const char *bytes, size_t length);
void text_add(struct text *text, const char *string);
void text_decimal(struct text *text, uint64_t number);

/* At least `width` digits, zeros in front. */
void text_padded(struct text *text, uint64_t number, unsigned width);

/* With the escaping of schema/bundle_format.h: one line, printable ASCII only. */
void text_escaped(struct text *text, const char *bytes, size_t length);

/* The text so far, ended with NUL; lives as long as the storage. */
const char *text_string(struct text *text);

/* The leading decimal digits of bytes[0..length). Returns how many bytes they take; 0, and
 * *value unchanged, if there is none or if the number is above UINT64_MAX. */
size_t decimal_read(const char *bytes, size_t length, uint64_t *value);

/* The whole string as a decimal. Refuses "", "-1", "+1", " 1", "1 ", "0x1". */
bool decimal_whole(const char *string, uint64_t *value);
