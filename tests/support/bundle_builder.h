/* Bundles and tars made by code, so that no test needs a packed file that nobody can explain.
 * For tests only: whatever goes wrong in here prints a word and aborts. */
#pragma once

#include "analyzer/base/slice.h"

enum builder_packing {
    PACKED_ZSTD, /* our own structure: frames with checksums, ended by builder_end_frame() */
    PACKED_NONE,
    PACKED_GZIP,
    PACKED_XZ,
    PACKED_LZMA,
    PACKED_LZIP,
    PACKED_BZIP2,
    PACKED_LZ4,
    PACKED_COMPRESS
};

enum builder_form { FORM_PAX, FORM_GNU, FORM_USTAR, FORM_V7 };

enum builder_type {
    BUILD_FILE,
    BUILD_FOLDER,
    BUILD_LINK,      /* symbolic, to `target` */
    BUILD_HARD_LINK, /* to `target`           */
    BUILD_DEVICE,
    BUILD_FIFO
};

struct builder_entry {
    enum builder_type type;
    const char *path;
    const char *target;
    struct slice text;
    uint64_t size_bytes;  /* of a sparse file, else the text's length is the size     */
    uint64_t hole_before; /* sparse: the text begins here; what is not text is a hole */
    bool is_sparse;
    int64_t mtime_ns; /* since 1970; may be negative */
};

/* Bytes on the heap; free(at). */
struct built {
    unsigned char *at;
    size_t count, capacity;
};

struct bundle_builder;

struct bundle_builder *builder_create(enum builder_packing packing, enum builder_form form);

/* Adds a regular file. */
void builder_add(struct bundle_builder *builder, const char *path, const char *text,
                 int64_t mtime_ns);
void builder_add_entry(struct bundle_builder *builder, const struct builder_entry *entry);

/* zstd: what was added so far becomes a frame. */
void builder_end_frame(struct bundle_builder *builder);

/* How much has been packed so far: after builder_end_frame() a border of frames. */
size_t builder_packed_bytes(const struct bundle_builder *builder);

/* Writes the end of the tar, ends the last frame, and frees the builder. The bytes are the
 * caller's. */
struct built builder_finish(struct bundle_builder *builder);

/* The same without the two empty blocks that end a tar. */
struct built builder_finish_without_end(struct bundle_builder *builder);

/* `bytes` as one zstd frame with checksum; window_log 0 is the default. */
struct built zstd_pack(struct slice bytes, int level, int window_log);

void built_append(struct built *built, const void *bytes, size_t count);

/* `bytes` into a new temporary file; its path is the caller's to unlink and free. */
char *write_temporary(const void *bytes, size_t count);
