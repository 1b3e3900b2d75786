/* What a bundle's file holds, as libarchive gets it: zstd is decompressed on the way, any
 * other bytes pass as they are (libarchive has filters for them). */
#pragma once

#include "analyzer/bundle/limits.h"
#include "analyzer/bundle/source/byte_input.h"
#include "analyzer/bundle/source/zstd_source.h"

struct packed_stream {
    struct byte_input input;
    struct zstd_source *zstd; /* NULL: not zstd */
};

/* Looks at the first bytes of stream->input, which the caller has set. MALFORMED when there are
 * none. `limits` must outlive the stream. */
bool packed_stream_start(struct packed_stream *stream, const struct bundle_limits *limits,
                         struct failure *why);
void packed_stream_deinit(struct packed_stream *stream);

/* The next bytes, borrowed until the next call. DATA with at least one byte; END; BROKEN as
 * zstd_source_next(), or SYSTEM when the input cannot be read. */
enum stream_result packed_stream_next(struct packed_stream *stream, struct slice *chunk,
                                      struct failure *why);
