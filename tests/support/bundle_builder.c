#include "tests/support/bundle_builder.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

struct bundle_builder {
    struct archive *archive;
    struct archive_entry *entry;
    ZSTD_CCtx *encoder; /* only for zstd */
    bool frame_open;
    bool drops_end; /* swallow what libarchive writes when it is closed */
    struct built out;
};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "bundle_builder: %s\n", what);
    abort();
}

void built_append(struct built *built, const void *bytes, size_t count)
{
    if (count == 0)
        return;
    if (built->capacity - built->count < count) {
        built->capacity = (built->count + count) * 2;
        built->at = realloc(built->at, built->capacity);
        require(built->at, "out of memory");
    }
    memcpy(built->at + built->count, bytes, count);
    built->count += count;
}

static void encode(struct bundle_builder *builder, struct slice bytes, ZSTD_EndDirective directive)
{
    static char buffer[128 << 10];
    ZSTD_inBuffer in = {bytes.at, bytes.length_bytes, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {buffer, sizeof buffer, 0};
        left = ZSTD_compressStream2(builder->encoder, &out, &in, directive);
        require(!ZSTD_isError(left), "zstd refuses");
        built_append(&builder->out, buffer, out.pos);
    } while (directive == ZSTD_e_end ? left > 0 : in.pos < in.size);
}

static la_ssize_t take(struct archive *archive, void *context, const void *bytes, size_t count)
{
    struct bundle_builder *builder = context;
    (void)archive;
    if (builder->drops_end)
        return (la_ssize_t)count;
    if (builder->encoder) {
        encode(builder, (struct slice){bytes, count}, ZSTD_e_continue);
        builder->frame_open = true;
    } else {
        built_append(&builder->out, bytes, count);
    }
    return (la_ssize_t)count;
}

static int (*const filters[])(struct archive *) = {
    [PACKED_ZSTD] = archive_write_add_filter_none,
    [PACKED_NONE] = archive_write_add_filter_none,
    [PACKED_GZIP] = archive_write_add_filter_gzip,
    [PACKED_XZ] = archive_write_add_filter_xz,
    [PACKED_LZMA] = archive_write_add_filter_lzma,
    [PACKED_LZIP] = archive_write_add_filter_lzip,
    [PACKED_BZIP2] = archive_write_add_filter_bzip2,
    [PACKED_LZ4] = archive_write_add_filter_lz4,
    [PACKED_COMPRESS] = archive_write_add_filter_compress,
};

static int (*const forms[])(struct archive *) = {
    [FORM_PAX] = archive_write_set_format_pax,
    [FORM_GNU] = archive_write_set_format_gnutar,
    [FORM_USTAR] = archive_write_set_format_ustar,
    [FORM_V7] = archive_write_set_format_v7tar,
};

struct bundle_builder *builder_create(enum builder_packing packing, enum builder_form form)
{
    struct bundle_builder *builder = calloc(1, sizeof *builder);
    require(builder, "out of memory");
    builder->archive = archive_write_new();
    builder->entry = archive_entry_new();
    if (packing == PACKED_ZSTD) {
        builder->encoder = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(builder->encoder, ZSTD_c_checksumFlag, 1);
        ZSTD_CCtx_setParameter(builder->encoder, ZSTD_c_compressionLevel, 1);
    }
    require(forms[form](builder->archive) == ARCHIVE_OK, "no such form of tar");
    require(filters[packing](builder->archive) == ARCHIVE_OK, "no such filter");
    archive_write_set_bytes_per_block(builder->archive, 0);
    archive_write_set_bytes_in_last_block(builder->archive, 1);
    require(archive_write_open(builder->archive, builder, NULL, take, NULL) == ARCHIVE_OK,
            "cannot start the archive");
    return builder;
}

static void describe(const struct builder_entry *from, struct archive_entry *to)
{
    static const unsigned types[] = {
        [BUILD_FILE] = AE_IFREG,      [BUILD_FOLDER] = AE_IFDIR, [BUILD_LINK] = AE_IFLNK,
        [BUILD_HARD_LINK] = AE_IFREG, [BUILD_DEVICE] = AE_IFCHR, [BUILD_FIFO] = AE_IFIFO,
    };
    int64_t seconds = from->mtime_ns / 1000000000, rest = from->mtime_ns % 1000000000;
    if (rest < 0) {
        seconds--;
        rest += 1000000000;
    }
    archive_entry_set_pathname(to, from->path);
    archive_entry_set_filetype(to, types[from->type]);
    archive_entry_set_perm(to, 0600);
    archive_entry_set_mtime(to, seconds, (long)rest);
    archive_entry_set_size(to, (la_int64_t)from->text.length_bytes);
    if (from->type == BUILD_LINK)
        archive_entry_set_symlink(to, from->target);
    if (from->type == BUILD_HARD_LINK)
        archive_entry_set_hardlink(to, from->target);
    if (from->is_sparse) {
        archive_entry_set_size(to, (la_int64_t)from->size_bytes);
        archive_entry_sparse_add_entry(to, (la_int64_t)from->hole_before,
                                       (la_int64_t)from->text.length_bytes);
    }
}

/* The text behind its hole: libarchive drops what lies in holes, but wants to be given it. */
static void write_sparse(struct bundle_builder *builder, const struct builder_entry *entry)
{
    static const char zeros[64 << 10];
    uint64_t owed = entry->hole_before;
    while (owed > 0) {
        size_t now = owed < sizeof zeros ? (size_t)owed : sizeof zeros;
        require(archive_write_data(builder->archive, zeros, now) >= 0, "cannot write a hole");
        owed -= now;
    }
}

void builder_add_entry(struct bundle_builder *builder, const struct builder_entry *entry)
{
    archive_entry_clear(builder->entry);
    describe(entry, builder->entry);
    int status = archive_write_header(builder->archive, builder->entry);
    require(status == ARCHIVE_OK || status == ARCHIVE_WARN,
            status == ARCHIVE_OK ? "" : archive_error_string(builder->archive));
    if (entry->is_sparse)
        write_sparse(builder, entry);
    if (entry->text.length_bytes > 0)
        require(archive_write_data(builder->archive, entry->text.at, entry->text.length_bytes) ==
                    (la_ssize_t)entry->text.length_bytes,
                "cannot write data");
    require(archive_write_finish_entry(builder->archive) == ARCHIVE_OK, "cannot end a member");
}

void builder_add(struct bundle_builder *builder, const char *path, const char *text,
                 int64_t mtime_ns)
{
    builder_add_entry(builder, &(struct builder_entry){
                                   .path = path, .text = slice_of(text), .mtime_ns = mtime_ns});
}

void builder_end_frame(struct bundle_builder *builder)
{
    if (builder->encoder && builder->frame_open)
        encode(builder, (struct slice){"", 0}, ZSTD_e_end);
    builder->frame_open = false;
}

size_t builder_packed_bytes(const struct bundle_builder *builder)
{
    return builder->out.count;
}

struct built builder_finish(struct bundle_builder *builder)
{
    require(archive_write_close(builder->archive) == ARCHIVE_OK, "cannot end the archive");
    builder_end_frame(builder);
    archive_write_free(builder->archive);
    archive_entry_free(builder->entry);
    ZSTD_freeCCtx(builder->encoder);
    struct built out = builder->out;
    free(builder);
    return out;
}

struct built builder_finish_without_end(struct bundle_builder *builder)
{
    builder->drops_end = true;
    return builder_finish(builder);
}

struct built zstd_pack(struct slice bytes, int level, int window_log)
{
    struct bundle_builder packer = {.encoder = ZSTD_createCCtx()};
    ZSTD_CCtx_setParameter(packer.encoder, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(packer.encoder, ZSTD_c_compressionLevel, level);
    if (window_log > 0)
        ZSTD_CCtx_setParameter(packer.encoder, ZSTD_c_windowLog, window_log);
    encode(&packer, bytes, ZSTD_e_end);
    ZSTD_freeCCtx(packer.encoder);
    return packer.out;
}

char *write_temporary(const void *bytes, size_t count)
{
    const char *folder = getenv("TMPDIR");
    char *path;
    require(asprintf(&path, "%s/memtally-test-XXXXXX", folder ? folder : "/tmp") >= 0, "no memory");
    int fd = mkstemp(path);
    require(fd >= 0, "cannot make a temporary file");
    for (size_t done = 0; done < count;) {
        ssize_t now = write(fd, (const char *)bytes + done, count - done);
        require(now > 0, "cannot write a temporary file");
        done += (size_t)now;
    }
    close(fd);
    return path;
}
