/* Borrowed bytes: a pointer and a length, valid as long as what they point into. They may
 * hold NULs and need no terminator. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *at;
    size_t length_bytes;
};

/* A string literal as a slice. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.length_bytes == b.length_bytes &&
           (a.length_bytes == 0 || memcmp(a.at, b.at, a.length_bytes) == 0);
}

static inline bool slice_starts(struct slice text, struct slice start)
{
    return text.length_bytes >= start.length_bytes &&
           memcmp(text.at, start.at, start.length_bytes) == 0;
}

static inline bool slice_ends(struct slice text, struct slice end)
{
    return text.length_bytes >= end.length_bytes &&
           memcmp(text.at + (text.length_bytes - end.length_bytes), end.at, end.length_bytes) == 0;
}

/* `text` without its first `count` bytes; empty if it has fewer. */
static inline struct slice slice_skip(struct slice text, size_t count)
{
    if (count > text.length_bytes)
        count = text.length_bytes;
    return (struct slice){text.at + count, text.length_bytes - count};
}
