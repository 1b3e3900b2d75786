/* Members into a pax tar, the one file that knows libarchive. */
#pragma once

#include "collector/pack/frame_writer.h"

struct archive;
struct archive_entry;

struct bundle_writer {
    struct archive *archive;
    struct archive *raw_names; /* as archive, for names that are not ASCII; NULL until needed */
    struct archive_entry *entry;
    struct frame_writer frames;
    const char *top;        /* name of the one top folder; the caller's */
    bool done;              /* what comes now is only libarchive cleaning up */
    struct failure failure; /* what the write callback could not do */
};

/* A member's path, the top folder in front, and its part number at most. */
#define BUNDLE_PATH_BYTES 4608

bool bundle_writer_init(struct bundle_writer *writer, struct output_file *output, const char *top,
                        struct failure *why);

/* The bytes stay the caller's. The size is final here: tar writes it before the data. */
bool bundle_writer_add(struct bundle_writer *writer, const char *path, const char *bytes,
                       size_t length, uint64_t mtime_ns, struct failure *why);

/* As bundle_writer_add(), for PATH.part-NNNN. */
bool bundle_writer_add_part(struct bundle_writer *writer, const char *path, unsigned part,
                            const char *bytes, size_t length, uint64_t mtime_ns,
                            struct failure *why);

/* All that was added so far lies in frames that are complete. */
bool bundle_writer_end_frame(struct bundle_writer *writer, struct failure *why);

/* Writes the end of the archive. */
bool bundle_writer_close(struct bundle_writer *writer, struct failure *why);
void bundle_writer_deinit(struct bundle_writer *writer);
