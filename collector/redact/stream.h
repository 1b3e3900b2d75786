/* The chunks of one member, as they may leave the machine: between fetch and archive, in
 * constant memory. How the bytes are cut into chunks makes no difference to what comes out, but for
 * the borders of parts. */
#pragma once

#include "collector/read/fetch.h"
#include "collector/redact/lines.h"

struct redact_stream {
    const struct redact *redact;
    enum redact_kind kind;
    fetch_sink *sink;
    void *context;
    char *storage; /* out, carry and scratch */
    struct text out;
    size_t record_at; /* in `out`: where the last mapping begins */
    size_t carried;
    bool overlong;  /* the rest of a line that is left out */
    bool cut;       /* something was left out */
    uint64_t bytes; /* handed to the sink */
};

bool redact_stream_init(struct redact_stream *stream, const struct redact *redact,
                        struct failure *why);
void redact_stream_deinit(struct redact_stream *stream);

/* Before each member. */
void redact_stream_start(struct redact_stream *stream, enum redact_kind kind, fetch_sink *sink,
                         void *context);

/* A fetch_sink; `context` is the stream. */
bool redact_stream_take(void *context, const struct fetch_chunk *chunk, struct failure *why);
