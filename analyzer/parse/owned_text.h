/* Names that outlive the text they stand in. */
#pragma once

#include <stdlib.h>

#include "analyzer/base/slice.h"

/* A NUL-terminated heap copy for the caller to free(), or NULL when memory ran out. A NUL byte
 * inside stays and ends the string for whoever reads it as one: kernel names hold none. */
static inline char *owned_text(struct slice text)
{
    char *copy = malloc(text.length_bytes + 1);
    if (!copy)
        return NULL;
    if (text.length_bytes)
        memcpy(copy, text.at, text.length_bytes);
    copy[text.length_bytes] = '\0';
    return copy;
}

/* Copies `text` with a NUL into a fixed buffer; false, nothing written, when it does not fit. */
static inline bool copy_text(struct slice text, char *buffer, size_t buffer_bytes)
{
    if (text.length_bytes >= buffer_bytes)
        return false;
    if (text.length_bytes)
        memcpy(buffer, text.at, text.length_bytes);
    buffer[text.length_bytes] = '\0';
    return true;
}
