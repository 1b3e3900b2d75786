/* Writes members proc/PID/pages byte by byte, right ones and wrong ones. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "analyzer/base/slice.h"
#include "schema/pages_format.h"

struct pages_bytes {
    char bytes[1024];
    size_t count;
};

static inline void put_byte(struct pages_bytes *out, unsigned byte)
{
    if (out->count < sizeof out->bytes)
        out->bytes[out->count++] = (char)byte;
}

static inline void put_number(struct pages_bytes *out, uint64_t number)
{
    for (; number > 0x7f; number >>= 7)
        put_byte(out, (unsigned)(number & 0x7f) | 0x80);
    put_byte(out, (unsigned)number);
}

static inline void put_step(struct pages_bytes *out, int64_t step)
{
    put_number(out, step < 0 ? (uint64_t)(-(step + 1)) * 2 + 1 : (uint64_t)step * 2);
}

static inline void put_head(struct pages_bytes *out, uint64_t frames)
{
    *out = (struct pages_bytes){0};
    for (size_t i = 0; i < PAGES_MAGIC_BYTES; i++)
        put_byte(out, (unsigned char)PAGES_MAGIC[i]);
    put_byte(out, PAGES_VERSION);
    put_number(out, 4096);
    put_number(out, PAGES_HAS_MAPCOUNTS);
    put_number(out, frames);
}

static inline void put_mapping(struct pages_bytes *out, uint64_t gap, uint64_t length)
{
    put_number(out, gap);
    put_number(out, length);
}

/* The first byte, and the count behind it where it is long. */
static inline void put_run(struct pages_bytes *out, enum pages_kind kind, uint64_t count,
                           unsigned attributes)
{
    unsigned byte = (unsigned)kind | attributes;
    if (count < PAGES_COUNT_SHORT) {
        put_byte(out, byte | (unsigned)count << PAGES_COUNT_SHIFT);
        return;
    }
    put_byte(out, byte);
    put_number(out, count - PAGES_COUNT_SHORT);
}

static inline void put_attributes(struct pages_bytes *out, uint64_t mapcount, uint64_t flags)
{
    put_number(out, mapcount * 2 + 1);
    put_number(out, flags);
}

static inline void put_end(struct pages_bytes *out, uint64_t mappings, uint64_t runs)
{
    put_mapping(out, 0, 0);
    put_number(out, mappings);
    put_number(out, runs);
}

static inline struct slice pages_slice(const struct pages_bytes *bytes)
{
    return (struct slice){bytes->bytes, bytes->count};
}
