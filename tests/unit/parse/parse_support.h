/* What the tests of all parsers do: refuse with a line, survive every prefix. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* A parser that frees what it made. */
typedef bool (*parse_fn)(struct slice text, struct failure *why);

struct rejected {
    const char *what; /* printed when the test fails */
    const char *text;
    uint64_t line;       /* that the failure must name */
    const char *message; /* that the failure's sentence must hold */
};

/* Each text is refused, as MALFORMED, at its line and for its reason. */
void expect_rejected(parse_fn parse, const struct rejected *rejected, size_t count);
#define EXPECT_REJECTED(parse, rows)                                                               \
    expect_rejected((parse), (rows), sizeof(rows) / sizeof(rows)[0])

/* Each prefix of `text`, in memory of exactly its size, is either read or refused with a line;
 * result and reason agree. Returns how many prefixes were read. */
size_t expect_safe_prefixes(parse_fn parse, const char *text);

/* The first `length` bytes of `text` on the heap, so that a read beyond them is noticed. */
struct slice exact_copy(const char *text, size_t length);
void free_copy(struct slice copy);

#define EXPECT_SLICE(slice, literal)                                                               \
    do {                                                                                           \
        assert_int_equal((slice).length_bytes, sizeof(literal) - 1);                               \
        assert_memory_equal((slice).at, literal, sizeof(literal) - 1);                             \
    } while (0)
