#include "collector/pack/bundle_writer.h"

#include "collector/base/text.h"
#include "schema/bundle_format.h"

#include <archive.h>
#include <archive_entry.h>

/* Never tells libarchive of a failure: a fatal archive leaks when it is freed, and a sound one
 * writes an end mark then, which is not wanted either. After the first failure, and once the
 * writer is done for, bytes are swallowed; add_entry() looks at what happened. */
static la_ssize_t write_to_frame(struct archive *archive, void *context, const void *bytes,
                                 size_t length)
{
    struct bundle_writer *writer = context;
    (void)archive;
    if (!writer->done && writer->failure.kind == FAILURE_NONE)
        frame_writer_add(&writer->frames, bytes, length, &writer->failure);
    return (la_ssize_t)length;
}

/* Was the archive's answer right, and did the bytes get through? */
static bool is_well(struct bundle_writer *writer, struct archive *archive, bool answer,
                    struct failure *why)
{
    if (writer->failure.kind != FAILURE_NONE)
        return failure_set(why, writer->failure.kind, 0, "%s", writer->failure.message);
    if (answer)
        return true;
    const char *words = archive_error_string(archive);
    return failure_set(why, FAILURE_SYSTEM, 0, "cannot write the archive: %s",
                       words ? words : "unknown reason");
}

/* No block size: what is added reaches the frame at once. */
static bool open_archive(struct bundle_writer *writer, struct archive **archive,
                         const char *header_charset, struct failure *why)
{
    *archive = archive_write_new();
    if (!*archive)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    bool answer =
        archive_write_set_format_pax(*archive) == ARCHIVE_OK &&
        (!header_charset || archive_write_set_format_option(*archive, "pax", "hdrcharset",
                                                            header_charset) == ARCHIVE_OK) &&
        archive_write_set_bytes_per_block(*archive, 0) == ARCHIVE_OK &&
        archive_write_set_bytes_in_last_block(*archive, 1) == ARCHIVE_OK &&
        archive_write_open2(*archive, writer, NULL, write_to_frame, NULL, NULL) == ARCHIVE_OK;
    return is_well(writer, *archive, answer, why);
}

bool bundle_writer_init(struct bundle_writer *writer, struct output_file *output, const char *top,
                        struct failure *why)
{
    *writer = (struct bundle_writer){.top = top};
    if (!frame_writer_init(&writer->frames, output, why) ||
        !open_archive(writer, &writer->archive, NULL, why))
        return false;
    writer->entry = archive_entry_new();
    return writer->entry || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

static bool is_ascii(const char *name)
{
    while (*name && (unsigned char)*name < 0x80)
        name++;
    return *name == '\0';
}

/* pax wants names in UTF-8, but names are bytes. "hdrcharset=BINARY" says so for one entry,
 * and GNU tar grumbles at each: so a second writer to the same stream takes just the entries
 * that need it. NULL on failure. */
static struct archive *archive_for(struct bundle_writer *writer, const char *path,
                                   struct failure *why)
{
    if (is_ascii(path))
        return writer->archive;
    if (!writer->raw_names && !open_archive(writer, &writer->raw_names, "BINARY", why))
        return NULL;
    return writer->raw_names;
}

static bool add_entry(struct bundle_writer *writer, const char *path, const char *bytes,
                      size_t length, uint64_t mtime_ns, struct failure *why)
{
    struct archive *archive = archive_for(writer, path, why);
    struct archive_entry *entry = archive_entry_clear(writer->entry);
    if (!archive)
        return false;
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_size(entry, (la_int64_t)length);
    archive_entry_set_mtime(entry, (time_t)(mtime_ns / 1000000000u),
                            (long)(mtime_ns % 1000000000u));
    /* A warning is not harmless here: it could be a name that was changed. The entry is
     * finished at once, so that its padding lies in its own frame. */
    bool answer =
        archive_write_header(archive, entry) == ARCHIVE_OK &&
        (length == 0 || archive_write_data(archive, bytes, length) == (la_ssize_t)length) &&
        archive_write_finish_entry(archive) == ARCHIVE_OK;
    return is_well(writer, archive, answer, why);
}

bool bundle_writer_add(struct bundle_writer *writer, const char *path, const char *bytes,
                       size_t length, uint64_t mtime_ns, struct failure *why)
{
    return bundle_writer_add_part(writer, path, 0, bytes, length, mtime_ns, why);
}

bool bundle_writer_add_part(struct bundle_writer *writer, const char *path, unsigned part,
                            const char *bytes, size_t length, uint64_t mtime_ns,
                            struct failure *why)
{
    char name[BUNDLE_PATH_BYTES];
    struct text text = TEXT_OVER(name);
    text_add(&text, writer->top);
    text_add(&text, "/");
    text_add(&text, path);
    if (part) {
        text_add(&text, BUNDLE_PART_INFIX);
        text_padded(&text, part, 4);
    }
    if (text.overflow)
        return failure_set(why, FAILURE_LIMIT, 0, "a member's path is too long");
    return add_entry(writer, text_string(&text), bytes, length, mtime_ns, why);
}

bool bundle_writer_end_frame(struct bundle_writer *writer, struct failure *why)
{
    return frame_writer_end(&writer->frames, why);
}

bool bundle_writer_close(struct bundle_writer *writer, struct failure *why)
{
    bool answer = archive_write_close(writer->archive) == ARCHIVE_OK;
    return is_well(writer, writer->archive, answer, why) && frame_writer_end(&writer->frames, why);
}

void bundle_writer_deinit(struct bundle_writer *writer)
{
    writer->done = true;
    archive_write_free(writer->archive);
    archive_write_free(writer->raw_names);
    archive_entry_free(writer->entry);
    frame_writer_deinit(&writer->frames);
    *writer = (struct bundle_writer){0};
}
