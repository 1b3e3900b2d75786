#include "analyzer/bundle/source/unpacker.h"

#include <archive.h>
#include <stdlib.h>

struct unpacker {
    struct packed_stream *packed; /* borrowed */
    struct archive *archive;
    struct failure broken; /* of what feeds libarchive, or of its filters: the first stays */
};

/* Each filter by name, and only if its library is linked in: without it, libarchive would run
 * an outside program. zstd is not among them: see zstd_source.h. */
bool unpacker_allow_filters(struct archive *archive)
{
    bool allowed = archive_read_support_filter_compress(archive) == ARCHIVE_OK;
    if (archive_zlib_version())
        allowed = archive_read_support_filter_gzip(archive) == ARCHIVE_OK && allowed;
    if (archive_bzlib_version())
        allowed = archive_read_support_filter_bzip2(archive) == ARCHIVE_OK && allowed;
    if (archive_liblz4_version())
        allowed = archive_read_support_filter_lz4(archive) == ARCHIVE_OK && allowed;
    if (archive_liblzma_version())
        allowed = archive_read_support_filter_xz(archive) == ARCHIVE_OK &&
                  archive_read_support_filter_lzma(archive) == ARCHIVE_OK &&
                  archive_read_support_filter_lzip(archive) == ARCHIVE_OK && allowed;
    return allowed;
}

static la_ssize_t feed(struct archive *archive, void *context, const void **buffer)
{
    struct unpacker *unpacker = context;
    struct slice chunk;
    (void)archive;
    if (unpacker->broken.kind != FAILURE_NONE ||
        packed_stream_next(unpacker->packed, &chunk, &unpacker->broken) != STREAM_DATA)
        return 0;
    *buffer = chunk.at;
    return (la_ssize_t)chunk.length_bytes;
}

struct unpacker *unpacker_create(struct packed_stream *packed, struct failure *why)
{
    struct archive_entry *entry;
    struct unpacker *unpacker = calloc(1, sizeof *unpacker);
    struct archive *archive = archive_read_new();
    if (!unpacker || !archive || archive_read_support_format_raw(archive) != ARCHIVE_OK ||
        !unpacker_allow_filters(archive)) {
        failure_set(why, FAILURE_SYSTEM, 0, "cannot set up libarchive");
        archive_read_free(archive);
        free(unpacker);
        return NULL;
    }
    unpacker->packed = packed;
    unpacker->archive = archive;
    if (archive_read_open(archive, unpacker, NULL, feed, NULL) == ARCHIVE_OK &&
        archive_read_next_header(archive, &entry) == ARCHIVE_OK)
        return unpacker;
    failure_set(why, FAILURE_MALFORMED, 0, "not a bundle: cannot be unpacked");
    unpacker_free(unpacker);
    return NULL;
}

void unpacker_free(struct unpacker *unpacker)
{
    if (!unpacker)
        return;
    archive_read_free(unpacker->archive);
    free(unpacker);
}

enum stream_result unpacker_next(struct unpacker *unpacker, struct slice *chunk,
                                 struct failure *why)
{
    const void *bytes = NULL;
    size_t count = 0;
    la_int64_t offset;
    int status = archive_read_data_block(unpacker->archive, &bytes, &count, &offset);
    if (status == ARCHIVE_OK && count > 0) {
        *chunk = (struct slice){bytes, count};
        return STREAM_DATA;
    }
    if (status != ARCHIVE_OK && status != ARCHIVE_EOF) {
        const char *text = archive_error_string(unpacker->archive);
        failure_set(&unpacker->broken, FAILURE_DAMAGED, unpacker->packed->input.consumed_bytes,
                    "damaged or cut compressed data: %s", text ? text : "unknown reason");
    }
    if (unpacker->broken.kind == FAILURE_NONE)
        return STREAM_END;
    failure_set(why, unpacker->broken.kind, unpacker->broken.position, "%s",
                unpacker->broken.message);
    return STREAM_BROKEN;
}
