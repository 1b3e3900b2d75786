/* The packed bytes of a bundle, in order, from a file, a pipe or standard input. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct byte_input {
    int fd;
    bool owns_fd;
    bool at_end;
    char *buffer;
    size_t pending_bytes;    /* peeked at, not yet handed out; at the start of the buffer */
    uint64_t consumed_bytes; /* handed out                                                */
    uint64_t size_bytes;     /* of a regular file; 0 when not known                       */
};

/* Takes over `fd` (closed by deinit only if owns_fd). False when memory ran out; then the
 * descriptor is closed as well. */
bool byte_input_init(struct byte_input *input, int fd, bool owns_fd, struct failure *why);
void byte_input_deinit(struct byte_input *input);

/* Looks at the first bytes of the input without taking them: up to `wanted` (at most 4096),
 * fewer only if the input is shorter. Only before the first byte_input_next(). */
bool byte_input_peek(struct byte_input *input, size_t wanted, struct slice *start,
                     struct failure *why);

/* The next bytes; empty at the end of the input. Borrowed until the next call. SYSTEM on an
 * error of read(2); a descriptor that would block is waited for. */
bool byte_input_next(struct byte_input *input, struct slice *chunk, struct failure *why);
