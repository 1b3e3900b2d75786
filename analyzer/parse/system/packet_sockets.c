#include "analyzer/parse/system/packet_sockets.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/text_cursor.h"

/* The same in all kernels. */
static const char *const columns[] = {"sk", "RefCnt", "Type", "Proto", "Iface",
                                      "R",  "Rmem",   "User", "Inode"};
enum { COLUMN_RMEM = 6, COLUMN_INODE = 8, COLUMN_COUNT };

void packet_sockets_deinit(struct packet_sockets *sockets)
{
    free(sockets->inodes);
    *sockets = (struct packet_sockets){0};
}

static bool is_heading(struct slice line)
{
    struct slice word;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        if (!next_word(&line, &word) || !slice_equal(slice_of(columns[i]), word))
            return false;
    return !next_word(&line, &word);
}

static bool read_socket(struct slice line, uint64_t *queued_bytes, uint64_t *inode)
{
    struct slice word;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (!next_word(&line, &word) || (i == COLUMN_RMEM && !parse_decimal(word, queued_bytes)) ||
            (i == COLUMN_INODE && !parse_decimal(word, inode)))
            return false;
    }
    return !next_word(&line, &word);
}

static bool take_text(struct slice text, struct packet_sockets *sockets, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0, queued_bytes, inode;
    struct slice line;
    if (!text_is_whole(text, why))
        return false;
    if (!next_line(&text, &line, &number) || !is_heading(line))
        return failure_set(why, FAILURE_MALFORMED, 1, "no heading: is this /proc/net/packet?");
    while (next_line(&text, &line, &number)) {
        if (!read_socket(line, &queued_bytes, &inode))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "the line does not fit under the heading");
        uint64_t *slot = ARRAY_PUSH(sockets->inodes, sockets->count, capacity);
        if (!slot)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        *slot = inode;
        sockets->queued_bytes = add_saturating(sockets->queued_bytes, queued_bytes);
    }
    return true;
}

bool packet_sockets_parse(struct slice text, struct packet_sockets *out, struct failure *why)
{
    struct packet_sockets parsed = {0};
    if (!take_text(text, &parsed, why)) {
        packet_sockets_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
