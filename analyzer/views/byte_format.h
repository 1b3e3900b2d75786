/* Sizes and times for people. The only place where bytes become text. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum size_unit {
    SIZE_BYTES,
    SIZE_KIB, /* the default, as in smem, pmap and meminfo */
    SIZE_MIB,
    SIZE_GIB,
    SIZE_HUMAN /* 1.5M */
};

#define BYTE_TEXT_MAX 32

/* "1234", "1.5M": `bytes` in `unit` into `buffer`; returns buffer. Fractions are rounded half up. */
const char *format_bytes(char buffer[BYTE_TEXT_MAX], uint64_t bytes, enum size_unit unit);

/* The same with a sign, "+" for growth. */
const char *format_change(char buffer[BYTE_TEXT_MAX], int64_t bytes, enum size_unit unit);

/* The same, with "-" only where it is negative. */
const char *format_signed(char buffer[BYTE_TEXT_MAX], int64_t bytes, enum size_unit unit);

/* "KiB", "bytes", ...; "" for human sizes, which carry their own. Static. */
const char *size_unit_word(enum size_unit unit);

/* "2026-11-21 04:00:00 UTC". */
const char *format_time(char *buffer, size_t buffer_bytes, int64_t ns_since_1970);

/* "2026-11-21T04:00:00.123456789Z", for JSON. */
const char *format_time_iso(char *buffer, size_t buffer_bytes, int64_t ns_since_1970);

/* "12.34%": `part` of `whole`, which is not 0. */
const char *format_percent(char buffer[BYTE_TEXT_MAX], uint64_t part, uint64_t whole);
