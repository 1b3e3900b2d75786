/* Decompression of zstd frames: the only door to libzstd.
 *
 * libzstd is driven directly, not through libarchive, so that each byte that was decompressed
 * before a cut or damage is handed out, and so that both are told apart. It stands
 * behind a plain "next chunk" call: it may move to a thread of its own without its
 * callers knowing. */
#pragma once

#include "analyzer/bundle/limits.h"
#include "analyzer/bundle/source/byte_input.h"

enum stream_result {
    STREAM_DATA,
    STREAM_END,   /* the input ends where a frame ends                              */
    STREAM_BROKEN /* *why says it, and says the same at each further call:
                          TRUNCATED: the input ends inside a frame;
                          DAMAGED: corrupt block, wrong checksum, or bytes after the last
                          frame that are no frame (the position is the packed offset near
                          which it was noticed);
                          LIMIT: window_log, total_bytes or ratio; SYSTEM                  */
};

struct zstd_source;

/* True if the input starts like zstd: a frame or a skippable frame. A start of less than four
 * bytes counts if it could become a frame. */
bool zstd_source_recognises(struct slice start);

/* `input` and `limits` stay the caller's and must outlive the source. */
struct zstd_source *zstd_source_create(struct byte_input *input, const struct bundle_limits *limits,
                                       struct failure *why);
void zstd_source_free(struct zstd_source *source);

/* A chunk of at least one byte, borrowed until the next call. */
enum stream_result zstd_source_next(struct zstd_source *source, struct slice *chunk,
                                    struct failure *why);

/* Decompressed so far. */
uint64_t zstd_source_unpacked_bytes(const struct zstd_source *source);
