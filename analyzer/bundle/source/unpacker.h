/* Removes what other compressions than zstd a bundle has, before the tar inside is read: for who
 * wants to see each byte of the archive. Besides archive_source.c the only file that knows libarchive. */
#pragma once

#include "analyzer/bundle/source/packed_stream.h"

struct archive;
struct unpacker;

/* Allows libarchive the filters that memtally reads. False if one of them cannot be set up. */
bool unpacker_allow_filters(struct archive *archive);

/* `packed` has been started, stays the caller's and must outlive the unpacker. Bytes without any
 * compression pass as they are. NULL: *why tells. */
struct unpacker *unpacker_create(struct packed_stream *packed, struct failure *why);
void unpacker_free(struct unpacker *unpacker);

/* The next bytes, borrowed until the next call. DATA with at least one byte; END; BROKEN: as
 * packed_stream_next(), or DAMAGED when the compressed data is cut or damaged. */
enum stream_result unpacker_next(struct unpacker *unpacker, struct slice *chunk,
                                 struct failure *why);
