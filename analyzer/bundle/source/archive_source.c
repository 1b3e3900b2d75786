#include "analyzer/bundle/source/archive_source.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bundle/source/packed_stream.h"
#include "analyzer/bundle/source/unpacker.h"

enum { BLOCK_BYTES = 512, ZEROS_BYTES = 64 << 10 };

struct archive_source {
    struct source base;
    struct bundle_limits limits;
    struct packed_stream packed;
    struct archive *archive;
    struct unpacker *unpacker; /* with a tap, and not zstd; else NULL: libarchive's own filters */
    bundle_tap *tap;           /* NULL: none */
    void *tap_context;
    struct archive_entry *entry; /* libarchive's; of the current member    */
    locale_t utf8;               /* (locale_t)0 if the system has none     */
    struct failure broken;       /* of what feeds libarchive               */
    int first_status;            /* of the header that open() read         */
    bool has_first;
    bool member_ended;
    struct slice held;      /* data behind a hole, not yet handed out         */
    uint64_t member_offset; /* of the next byte to hand out                   */
    uint64_t hole_until;    /* zeros are owed up to here                      */
    uint64_t hole_bytes;    /* zeros handed out, all members                  */
    char form[128];
};

static const char zeros[ZEROS_BYTES];

static struct archive_source *of(struct source *source)
{
    return (struct archive_source *)source;
}

/* The next bytes of the archive, unpacked if it is us who must do it. */
static bool next_bytes(struct archive_source *source, struct slice *chunk)
{
    enum stream_result result = source->unpacker
                                    ? unpacker_next(source->unpacker, chunk, &source->broken)
                                    : packed_stream_next(&source->packed, chunk, &source->broken);
    return result == STREAM_DATA;
}

/* libarchive takes a read of 0 for the end: what was read before is then still delivered. */
static la_ssize_t feed(struct archive *archive, void *context, const void **buffer)
{
    struct archive_source *source = context;
    struct slice chunk;
    (void)archive;
    if (source->broken.kind != FAILURE_NONE || !next_bytes(source, &chunk))
        return 0;
    if (source->tap)
        source->tap(source->tap_context, chunk);
    *buffer = chunk.at;
    return (la_ssize_t)chunk.length_bytes;
}

static uint64_t unpacked_bytes(const struct archive_source *source)
{
    la_int64_t bytes = archive_filter_bytes(source->archive, 0);
    return (bytes > 0 ? (uint64_t)bytes : 0) + source->hole_bytes;
}

/* What libarchive complains of, in our words. */
static void judge_error(struct archive_source *source, struct failure *why)
{
    const char *text = archive_error_string(source->archive);
    uint64_t position = source->packed.input.consumed_bytes;
    if (!text) /* so it is with xz and the like, cut behind their last block */
        text = source->packed.input.at_end ? "truncated" : "unknown error of libarchive";
    if (archive_errno(source->archive) == ENOMEM)
        failure_set(why, FAILURE_SYSTEM, position, "out of memory");
    else if (strstr(text, "Unrecognized archive format"))
        failure_set(why, FAILURE_MALFORMED, 0, "not a bundle: %s",
                    source->packed.zstd || archive_filter_count(source->archive) > 1
                        ? "compressed, but no tar inside"
                        : "not an archive that memtally can read (text file?)");
    else if (strstr(text, "Truncated tar"))
        failure_set(why, FAILURE_TRUNCATED, position, "ends in the middle of a tar member");
    else if (strstr(text, "runcated") || strstr(text, "No progress is possible"))
        failure_set(why, FAILURE_TRUNCATED, position, "ends in the middle of compressed data");
    else
        failure_set(why, FAILURE_DAMAGED, position, "damaged archive: %s", text);
}

/* The first failure stays: libarchive may only be closed after it. */
static enum bundle_result broken(struct archive_source *source, struct failure *why)
{
    if (source->broken.kind == FAILURE_NONE)
        judge_error(source, &source->broken);
    failure_set(why, source->broken.kind, source->broken.position, "%s", source->broken.message);
    return BUNDLE_BROKEN;
}

static bool flow_holds(struct archive_source *source)
{
    uint64_t packed = source->packed.input.consumed_bytes;
    if (limit_flow_holds(&source->limits, packed, unpacked_bytes(source), &source->broken))
        return true;
    source->broken.position = packed;
    return false;
}

/* The next block of the current member from libarchive into `held`. */
static enum bundle_result next_block(struct archive_source *source, struct failure *why)
{
    const void *bytes = NULL;
    size_t count = 0;
    la_int64_t offset = 0;
    int status = archive_read_data_block(source->archive, &bytes, &count, &offset);
    bool good = status == ARCHIVE_OK || status == ARCHIVE_WARN || status == ARCHIVE_EOF;
    if (!good || offset < 0 || !flow_holds(source))
        return broken(source, why);
    source->hole_until = (uint64_t)offset;
    source->held = (struct slice){bytes, count};
    source->member_ended = status == ARCHIVE_EOF;
    return BUNDLE_DATA;
}

static enum bundle_result source_read(struct source *base, struct slice *chunk, struct failure *why)
{
    struct archive_source *source = of(base);
    for (;;) {
        if (source->member_offset < source->hole_until) {
            uint64_t owed = source->hole_until - source->member_offset;
            *chunk = (struct slice){zeros, owed < ZEROS_BYTES ? (size_t)owed : ZEROS_BYTES};
            source->hole_bytes += chunk->length_bytes;
            if (!flow_holds(source))
                return broken(source, why);
            break;
        }
        if (source->held.length_bytes > 0) {
            *chunk = source->held;
            source->held.length_bytes = 0;
            break;
        }
        if (source->member_ended)
            return BUNDLE_END;
        if (next_block(source, why) != BUNDLE_DATA)
            return BUNDLE_BROKEN;
    }
    source->member_offset += chunk->length_bytes;
    return BUNDLE_DATA;
}

/* Passes over what the caller did not read. Holes cost nothing here. */
static bool finish_member(struct archive_source *source, struct failure *why)
{
    while (!source->member_ended)
        if (next_block(source, why) != BUNDLE_DATA)
            return false;
    source->held.length_bytes = 0;
    return true;
}

/* Paths in pax headers are UTF-8; libarchive converts them to the locale's character set, and
 * would lose bytes in the C locale. */
static int read_header(struct archive_source *source)
{
    locale_t before = source->utf8 ? uselocale(source->utf8) : (locale_t)0;
    int status = archive_read_next_header(source->archive, &source->entry);
    if (before)
        uselocale(before);
    source->member_ended = status != ARCHIVE_OK && status != ARCHIVE_WARN;
    source->member_offset = source->hole_until = 0;
    return status;
}

static enum entry_kind kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry))
        return ENTRY_OTHER;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return ENTRY_FILE;
    case AE_IFDIR:
        return ENTRY_FOLDER;
    case AE_IFLNK:
        return ENTRY_LINK;
    default:
        return ENTRY_OTHER;
    }
}

static void describe_entry(struct archive_entry *from, struct source_entry *to)
{
    int64_t seconds = archive_entry_mtime(from);
    la_int64_t size = archive_entry_size(from);
    *to = (struct source_entry){
        .path = archive_entry_pathname(from),
        .link_target = archive_entry_symlink(from),
        .kind = kind_of(from),
        .has_mtime = archive_entry_mtime_is_set(from),
        .has_size = archive_entry_size_is_set(from) && size >= 0,
    };
    if (!to->path)
        to->path = "";
    if (!to->link_target)
        to->link_target = "";
    if (to->has_size)
        to->size_bytes = (uint64_t)size;
    if (__builtin_mul_overflow(seconds, INT64_C(1000000000), &to->mtime_ns) ||
        __builtin_add_overflow(to->mtime_ns, archive_entry_mtime_nsec(from), &to->mtime_ns))
        to->has_mtime = false;
}

/* After the tar's end, the rest of the frames is decompressed as well: the last checksum must
 * be right, and nothing may follow. */
static enum bundle_result finish_stream(struct archive_source *source, struct failure *why)
{
    struct slice ignored;
    enum stream_result result = STREAM_END;
    if (source->broken.kind != FAILURE_NONE)
        return broken(source, why);
    if (source->tap) {
        const void *buffer;
        while (feed(source->archive, source, &buffer) > 0)
            continue;
        return source->broken.kind == FAILURE_NONE ? BUNDLE_END : broken(source, why);
    }
    if (source->packed.zstd)
        do
            result = packed_stream_next(&source->packed, &ignored, &source->broken);
        while (result == STREAM_DATA);
    return result == STREAM_END ? BUNDLE_END : broken(source, why);
}

static enum bundle_result source_next(struct source *base, struct source_entry *entry,
                                      bool *end_mark, struct failure *why)
{
    struct archive_source *source = of(base);
    uint64_t before = 0;
    int status = source->first_status;
    if (!source->has_first) {
        if (!finish_member(source, why))
            return BUNDLE_BROKEN;
        before = (uint64_t)archive_filter_bytes(source->archive, 0);
        status = read_header(source);
        if (!flow_holds(source))
            return broken(source, why);
    }
    source->has_first = false;
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN) {
        describe_entry(source->entry, entry);
        return BUNDLE_MEMBER;
    }
    if (status != ARCHIVE_EOF)
        return broken(source, why);
    /* libarchive takes a missing end mark for an end; only a mark makes it read on. */
    uint64_t border = (before + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    *end_mark = (uint64_t)archive_filter_bytes(source->archive, 0) >= border + BLOCK_BYTES;
    return finish_stream(source, why);
}

static void source_describe(const struct source *base, struct bundle_facts *facts)
{
    const struct archive_source *source = (const struct archive_source *)base;
    la_int64_t header = archive_read_header_position(source->archive);
    facts->header_at = header > 0 ? (uint64_t)header : 0;
    facts->form = source->form;
    facts->packed_bytes = source->packed.input.consumed_bytes;
    facts->packed_size_bytes = source->packed.input.size_bytes;
    facts->unpacked_bytes = source->packed.zstd ? zstd_source_unpacked_bytes(source->packed.zstd)
                                                : unpacked_bytes(source);
}

static void source_close(struct source *base)
{
    struct archive_source *source = of(base);
    archive_read_free(source->archive);
    unpacker_free(source->unpacker);
    packed_stream_deinit(&source->packed);
    if (source->utf8)
        freelocale(source->utf8);
    free(source);
}

static const struct source_kind archive_kind = {
    .next = source_next,
    .read = source_read,
    .describe = source_describe,
    .close = source_close,
};

static bool open_archive(struct archive_source *source, struct failure *why)
{
    struct archive *archive = archive_read_new();
    source->archive = archive;
    if (!archive || archive_read_support_format_tar(archive) != ARCHIVE_OK)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (source->tap && !source->packed.zstd) {
        source->unpacker = unpacker_create(&source->packed, why);
        if (!source->unpacker)
            return false;
    }
    if (!source->packed.zstd && !source->unpacker && !unpacker_allow_filters(archive))
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot set up libarchive: %s",
                           archive_error_string(archive));
    if (archive_read_open(archive, source, NULL, feed, NULL) != ARCHIVE_OK)
        broken(source, NULL); /* cut or damaged before the first member: next() tells */
    return true;
}

static void name_form(struct archive_source *source)
{
    size_t used = (size_t)snprintf(source->form, sizeof source->form, "tar");
    if (source->packed.zstd)
        used += (size_t)snprintf(source->form + used, sizeof source->form - used, ", zstd");
    for (int i = 0; i < archive_filter_count(source->archive); i++) {
        const char *name = archive_filter_name(source->archive, i);
        if (used < sizeof source->form && name && strcmp(name, "none") != 0)
            used += (size_t)snprintf(source->form + used, sizeof source->form - used, ", %s", name);
    }
}

/* False if the input is no archive at all. */
static bool start(struct archive_source *source, struct failure *why)
{
    if (!packed_stream_start(&source->packed, &source->limits, why))
        return false;
    if (!open_archive(source, why))
        return false;
    source->has_first = true;
    source->first_status = ARCHIVE_FATAL;
    if (source->broken.kind == FAILURE_NONE || source->packed.zstd)
        source->first_status = read_header(source);
    if (source->first_status == ARCHIVE_FATAL)
        broken(source, NULL);
    name_form(source);
    return source->broken.kind != FAILURE_MALFORMED || broken(source, why) != BUNDLE_BROKEN;
}

struct source *archive_source_open(struct byte_input *input, const struct bundle_limits *limits,
                                   bundle_tap *tap, void *tap_context, struct failure *why)
{
    struct archive_source *source = calloc(1, sizeof *source);
    if (!source) {
        byte_input_deinit(input);
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        return NULL;
    }
    source->base.kind = &archive_kind;
    source->limits = *limits;
    source->tap = tap;
    source->tap_context = tap_context;
    source->packed.input = *input;
    source->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (start(source, why))
        return &source->base;
    source_close(&source->base);
    return NULL;
}
