/* What every fuzz target checks beside not crashing: a result and a reason never disagree. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/slice.h"
#include "schema/failure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct slice fuzz_text(const uint8_t *data, size_t size)
{
    return (struct slice){(const char *)data, size};
}

static inline void fuzz_require(bool holds)
{
    if (!holds)
        abort();
}

/* `result` is what a parser was given to fill, poisoned with fuzz_poison() before. */
static inline void fuzz_check(bool parsed, const struct failure *why, const void *result,
                              size_t result_bytes)
{
    fuzz_require(parsed == (why->kind == FAILURE_NONE));
    if (parsed)
        return;
    fuzz_require(why->position > 0);
    fuzz_require(why->message[0] != '\0' && !strchr(why->message, '\n'));
    for (size_t i = 0; i < result_bytes; i++)
        fuzz_require(((const unsigned char *)result)[i] == 0x5a);
}

static inline void fuzz_poison(void *result, size_t result_bytes)
{
    memset(result, 0x5a, result_bytes);
}

/* A slice that a parser borrowed must lie in the text. */
static inline void fuzz_require_inside(struct slice part, struct slice text)
{
    if (part.length_bytes > 0)
        fuzz_require(part.at >= text.at &&
                     part.at + part.length_bytes <= text.at + text.length_bytes);
}
