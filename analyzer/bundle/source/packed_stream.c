#include "analyzer/bundle/source/packed_stream.h"

bool packed_stream_start(struct packed_stream *stream, const struct bundle_limits *limits,
                         struct failure *why)
{
    struct slice first;
    if (!byte_input_peek(&stream->input, 4, &first, why))
        return false;
    if (first.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, 0, "not a bundle: empty file");
    if (!zstd_source_recognises(first))
        return true;
    stream->zstd = zstd_source_create(&stream->input, limits, why);
    return stream->zstd != NULL;
}

void packed_stream_deinit(struct packed_stream *stream)
{
    zstd_source_free(stream->zstd);
    byte_input_deinit(&stream->input);
}

enum stream_result packed_stream_next(struct packed_stream *stream, struct slice *chunk,
                                      struct failure *why)
{
    if (stream->zstd)
        return zstd_source_next(stream->zstd, chunk, why);
    if (!byte_input_next(&stream->input, chunk, why))
        return STREAM_BROKEN;
    return chunk->length_bytes > 0 ? STREAM_DATA : STREAM_END;
}
