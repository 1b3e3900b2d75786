#include "collector/redact/stream.h"

#include <stdlib.h>
#include <string.h>

static char *carry_of(const struct redact_stream *stream)
{
    return stream->storage + FETCH_BUFFER_BYTES;
}

static char *scratch_of(const struct redact_stream *stream)
{
    return carry_of(stream) + REDACT_LINE_BYTES;
}

bool redact_stream_init(struct redact_stream *stream, const struct redact *redact,
                        struct failure *why)
{
    *stream = (struct redact_stream){.redact = redact};
    if (!redact_is_on(&redact->options))
        return true;
    stream->storage = malloc(FETCH_BUFFER_BYTES + 2 * REDACT_LINE_BYTES);
    return stream->storage || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void redact_stream_deinit(struct redact_stream *stream)
{
    free(stream->storage);
    stream->storage = NULL;
}

void redact_stream_start(struct redact_stream *stream, enum redact_kind kind, fetch_sink *sink,
                         void *context)
{
    *stream = (struct redact_stream){
        .redact = stream->redact,
        .storage = stream->storage,
        .kind = kind,
        .sink = sink,
        .context = context,
        .out = {stream->storage, 0, FETCH_BUFFER_BYTES, false}
    };
}

/* The first `length` bytes of what is ready go out. */
static bool flush(struct redact_stream *stream, size_t length, uint64_t read_at_ns, bool last,
                  struct failure *why)
{
    const struct fetch_chunk chunk = {
        .bytes = stream->storage, .length = length, .read_at_ns = read_at_ns, .last = last};
    stream->bytes += length;
    if (!stream->sink(stream->context, &chunk, why))
        return false;
    stream->out.length -= length;
    stream->record_at = 0;
    memmove(stream->storage, stream->storage + length, stream->out.length);
    return true;
}

/* Whole or not at all; false if it does not fit. */
static bool rewrite(struct redact_stream *stream, const char *line, size_t length)
{
    size_t before = stream->out.length;
    if (redact_is_whole(stream->kind))
        redact_whole(stream->redact, stream->kind, &stream->out, line, length, scratch_of(stream));
    else
        redact_line(stream->redact, stream->kind, &stream->out, line, length, scratch_of(stream));
    if (!stream->out.overflow)
        return true;
    stream->out.overflow = false;
    stream->out.length = before;
    return false;
}

static bool add_line(struct redact_stream *stream, const char *line, size_t length,
                     uint64_t read_at_ns, struct failure *why)
{
    bool opens = stream->kind == REDACT_MAPPINGS && opens_mapping(line, length);
    for (unsigned try = 0; try < 3; try++) {
        size_t at = stream->out.length;
        if (rewrite(stream, line, length)) {
            stream->record_at = opens ? at : stream->record_at;
            return true;
        }
        size_t border = stream->record_at && !opens ? stream->record_at : at;
        if (border == 0)
            break;
        if (!flush(stream, border, read_at_ns, false, why))
            return false;
    }
    stream->cut = true;
    return true;
}

static void carry(struct redact_stream *stream, const char *bytes, size_t length)
{
    if (stream->kind == REDACT_ARGV0 && length > REDACT_LINE_BYTES - stream->carried)
        length = REDACT_LINE_BYTES - stream->carried; /* only its beginning matters */
    if (stream->overlong || length > REDACT_LINE_BYTES - stream->carried) {
        stream->overlong = stream->cut = true;
        return;
    }
    memcpy(carry_of(stream) + stream->carried, bytes, length);
    stream->carried += length;
}

static bool end_carried(struct redact_stream *stream, uint64_t read_at_ns, struct failure *why)
{
    bool fine = stream->overlong || stream->carried == 0 ||
                add_line(stream, carry_of(stream), stream->carried, read_at_ns, why);
    stream->overlong = false;
    stream->carried = 0;
    return fine;
}

/* Lines that are whole in the chunk are not copied. */
static bool take_line(struct redact_stream *stream, const char *line, size_t length,
                      uint64_t read_at_ns, struct failure *why)
{
    if (stream->carried == 0 && !stream->overlong && length <= REDACT_LINE_BYTES)
        return add_line(stream, line, length, read_at_ns, why);
    carry(stream, line, length);
    return end_carried(stream, read_at_ns, why);
}

bool redact_stream_take(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct redact_stream *stream = context;
    const char *at = chunk->bytes;
    const char *end = at + chunk->length;
    while (at < end) {
        const char *newline =
            redact_is_whole(stream->kind) ? NULL : memchr(at, '\n', (size_t)(end - at));
        if (!newline) {
            carry(stream, at, (size_t)(end - at));
            break;
        }
        size_t length = (size_t)(newline - at) + 1;
        if (!take_line(stream, at, length, chunk->read_at_ns, why))
            return false;
        at = newline + 1;
    }
    if (!chunk->last)
        return true;
    if (chunk->torn) { /* half a line might be taken for something else */
        stream->overlong = false;
        stream->carried = 0;
    }
    return end_carried(stream, chunk->read_at_ns, why) &&
           ((chunk->torn && stream->out.length == 0) ||
            flush(stream, stream->out.length, chunk->read_at_ns, true, why));
}
