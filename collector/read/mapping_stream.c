#include "collector/read/mapping_stream.h"

#include "collector/base/text.h"
#include "collector/read/record_border.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define KIB_BYTES 1024

void mapping_stream_init(struct mapping_stream *stream, int file, bool with_figures,
                         uint64_t page_bytes)
{
    stream->file = file;
    stream->with_figures = with_figures;
    stream->page_bytes = page_bytes;
    stream->inside_line = stream->open = false;
    stream->at = stream->held = 0;
}

/* Hexadecimal digits up to `end`, which is a character. */
static bool read_address(const char **at, char end, uint64_t *address)
{
    *address = 0;
    for (; **at != end; ++*at) {
        char digit = **at;
        if (digit >= '0' && digit <= '9')
            *address = *address * 16 + (uint64_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            *address = *address * 16 + (uint64_t)(digit - 'a' + 10);
        else
            return false;
    }
    ++*at;
    return true;
}

/* "Rss:                  12 kB" */
static bool read_figure(const char *line, size_t length, const char *key, uint64_t *bytes)
{
    size_t key_length = strlen(key);
    uint64_t kib = 0;
    if (length <= key_length || memcmp(line, key, key_length) != 0)
        return false;
    while (key_length < length && line[key_length] == ' ')
        key_length++;
    if (decimal_read(line + key_length, length - key_length, &kib) == 0)
        return false;
    *bytes = kib * KIB_BYTES;
    return true;
}

static void take_figure(struct mapping_stream *stream, const char *line, size_t length)
{
    static const char *const resident[] = {"Rss:", "Swap:", "Shared_Hugetlb:", "Private_Hugetlb:"};
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof resident / sizeof resident[0]; i++) {
        if (!read_figure(line, length, resident[i], &bytes))
            continue;
        stream->next.resident_bytes += bytes;
        stream->counted |= i > 1; /* this kernel tells hugetlb; older ones do not */
        return;
    }
    if (read_figure(line, length, "KernelPageSize:", &bytes))
        stream->hugetlb = bytes > stream->page_bytes;
}

/* The open mapping is whole. */
static struct mapping close_mapping(struct mapping_stream *stream)
{
    struct mapping mapping = stream->next;
    if (!stream->with_figures || (stream->hugetlb && !stream->counted))
        mapping.resident_bytes = UINT64_MAX;
    stream->open = false;
    return mapping;
}

static void open_mapping(struct mapping_stream *stream, const char *line)
{
    struct mapping opened = {0};
    stream->open = read_address(&line, '-', &opened.start) &&
                   read_address(&line, ' ', &opened.end) && opened.end > opened.start;
    stream->hugetlb = stream->counted = false;
    stream->next = opened;
}

/* One line, or the beginning of a long one; true when it ended the mapping before. */
static bool take_line(struct mapping_stream *stream, const char *line, size_t length,
                      struct mapping *mapping)
{
    if (!opens_mapping(line, length)) {
        take_figure(stream, line, length);
        return false;
    }
    bool ended = stream->open;
    if (ended)
        *mapping = close_mapping(stream);
    open_mapping(stream, line);
    return ended;
}

/* More bytes behind those that are held, which go to the front. */
static ssize_t fill(struct mapping_stream *stream)
{
    ssize_t got;
    memmove(stream->buffer, stream->buffer + stream->at, stream->held - stream->at);
    stream->held -= stream->at;
    stream->at = 0;
    do
        got =
            read(stream->file, stream->buffer + stream->held, sizeof stream->buffer - stream->held);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        stream->held += (size_t)got;
    return got;
}

int mapping_stream_next(struct mapping_stream *stream, struct mapping *mapping)
{
    for (;;) {
        const char *line = stream->buffer + stream->at;
        size_t length = stream->held - stream->at;
        const char *newline = memchr(line, '\n', length);
        bool whole = newline || length == sizeof stream->buffer;
        if (whole) {
            bool begins = !stream->inside_line;
            stream->inside_line = !newline;
            stream->at += newline ? (size_t)(newline - line) + 1 : length;
            if (begins &&
                take_line(stream, line, newline ? (size_t)(newline - line) : length, mapping))
                return 1;
            continue;
        }
        ssize_t got = fill(stream);
        if (got < 0)
            return -1;
        if (got == 0) {
            bool open = stream->open;
            if (open)
                *mapping = close_mapping(stream);
            return open;
        }
    }
}
