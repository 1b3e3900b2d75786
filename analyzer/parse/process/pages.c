#include "analyzer/parse/process/pages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/parse/process/pages_item.h"

#define PAGE_BYTES_MOST (UINT64_C(1) << 32)

/* More than the longest item: a byte and four numbers. */
#define HELD_BYTES 64

enum expected { EXPECT_HEAD, EXPECT_MAPPING, EXPECT_RUN, EXPECT_NOTHING };

struct pages_parser {
    const struct pages_visitor *visitor;
    enum expected expected;
    bool failed;
    struct failure why;
    struct pages_head head;
    struct run_context runs;
    uint64_t next_page, left; /* of the address space; pages of the mapping to come */
    uint64_t mapping_count, run_count;
    uint64_t position;        /* of the next item in the member, from 1 */
    uint8_t held[HELD_BYTES]; /* the beginning of an item that a chunk cut */
    size_t held_count;
};

struct pages_parser *pages_parser_create(const struct pages_visitor *visitor)
{
    struct pages_parser *parser = malloc(sizeof *parser);
    if (!parser)
        return NULL;
    parser->visitor = visitor;
    pages_parser_reset(parser);
    return parser;
}

void pages_parser_destroy(struct pages_parser *parser)
{
    free(parser);
}

void pages_parser_reset(struct pages_parser *parser)
{
    *parser = (struct pages_parser){.visitor = parser->visitor, .position = 1};
}

static bool take_head(struct pages_parser *parser, struct item *item)
{
    struct pages_head head;
    char magic[PAGES_MAGIC_BYTES];
    uint8_t version;
    for (size_t i = 0; i < sizeof magic; i++)
        magic[i] = (char)item_byte(item);
    version = item_byte(item);
    head.page_bytes = item_number(item);
    head.features = item_number(item);
    head.frames = item_number(item);
    if (item->is_short)
        return true;
    if (memcmp(magic, PAGES_MAGIC, sizeof magic) != 0)
        return item_refuse(item, FAILURE_MALFORMED, "does not begin with \"" PAGES_MAGIC "\"");
    if (version != PAGES_VERSION)
        return item_refuse(item, FAILURE_UNSUPPORTED, "a version that is not known");
    if (!head.page_bytes || (head.page_bytes & (head.page_bytes - 1)) ||
        head.page_bytes > PAGE_BYTES_MOST)
        return item_refuse(item, FAILURE_MALFORMED, "the size of a page is no power of two");
    if (head.frames % PAGES_BLOCK_FRAMES || head.frames > PAGES_FRAMES_MOST)
        return item_refuse(item, FAILURE_MALFORMED, "an impossible number of frames");
    parser->head = head;
    parser->runs.frames = head.frames;
    parser->expected = EXPECT_MAPPING;
    return parser->visitor->head(parser->visitor->context, &head, item->why);
}

static bool take_end(struct pages_parser *parser, struct item *item)
{
    uint64_t mappings = item_number(item), runs = item_number(item);
    if (item->is_short)
        return true;
    if (mappings != parser->mapping_count || runs != parser->run_count)
        return item_refuse(item, FAILURE_MALFORMED, "the end counts other mappings or runs");
    parser->expected = EXPECT_NOTHING;
    return true;
}

static bool take_mapping(struct pages_parser *parser, struct item *item)
{
    uint64_t gap = item_number(item), length = item_number(item), start, end;
    if (item->is_short)
        return true;
    if (!gap && !length)
        return take_end(parser, item);
    if (!length)
        return item_refuse(item, FAILURE_MALFORMED, "an empty mapping");
    if (__builtin_add_overflow(parser->next_page, gap, &start) ||
        __builtin_add_overflow(start, length, &end) || end > UINT64_MAX / parser->head.page_bytes)
        return item_refuse(item, FAILURE_MALFORMED, "a mapping beyond the address space");
    parser->next_page = end;
    parser->left = length;
    parser->mapping_count++;
    parser->expected = EXPECT_RUN;
    return parser->visitor->mapping(parser->visitor->context, start, length, item->why);
}

static bool take_run(struct pages_parser *parser, struct item *item)
{
    struct run_context next = parser->runs;
    struct pages_run run;
    if (!item_run(item, &next, parser->left, &run))
        return false;
    if (item->is_short)
        return true;
    parser->runs = next;
    if (!parser->visitor->run(parser->visitor->context, &run, item->why))
        return false;
    parser->left -= run.count;
    parser->run_count++;
    if (!parser->left)
        parser->expected = EXPECT_MAPPING;
    return true;
}

static bool take_nothing(struct pages_parser *parser, struct item *item)
{
    (void)parser;
    return item_refuse(item, FAILURE_MALFORMED, "goes on behind its end");
}

/* Takes whole items; *used is behind the last of them. */
static bool take_items(struct pages_parser *parser, const uint8_t *bytes, size_t count,
                       size_t *used, struct failure *why)
{
    static bool (*const take[])(struct pages_parser *, struct item *) = {
        [EXPECT_HEAD] = take_head,
        [EXPECT_MAPPING] = take_mapping,
        [EXPECT_RUN] = take_run,
        [EXPECT_NOTHING] = take_nothing,
    };
    *used = 0;
    while (*used < count) {
        struct item item = {
            .at = bytes + *used, .end = bytes + count, .position = parser->position, .why = why};
        if (!take[parser->expected](parser, &item))
            return false;
        if (item.is_broken)
            return false;
        if (item.is_short)
            break;
        size_t taken = (size_t)(item.at - (bytes + *used));
        *used += taken;
        parser->position += taken;
    }
    return true;
}

/* Completes the item that the chunk before cut. What was taken of the chunk goes to *used. */
static bool take_held(struct pages_parser *parser, struct slice chunk, size_t *used,
                      struct failure *why)
{
    size_t before = parser->held_count, taken;
    size_t added = sizeof parser->held - before;
    if (added > chunk.length_bytes)
        added = chunk.length_bytes;
    memcpy(parser->held + before, chunk.at, added);
    if (!take_items(parser, parser->held, before + added, &taken, why))
        return false;
    if (taken < before) { /* the chunk was too short to complete it */
        parser->held_count += added;
        *used = added;
        return true;
    }
    parser->held_count = 0;
    *used = taken - before;
    return true;
}

bool pages_parser_feed(struct pages_parser *parser, struct slice chunk, struct failure *why)
{
    size_t used = 0, taken = 0;
    if (parser->failed) {
        *why = parser->why;
        return false;
    }
    bool ok = !parser->held_count || take_held(parser, chunk, &used, &parser->why);
    chunk = slice_skip(chunk, ok ? used : 0);
    if (ok && chunk.length_bytes) {
        ok =
            take_items(parser, (const uint8_t *)chunk.at, chunk.length_bytes, &taken, &parser->why);
        if (ok) {
            parser->held_count = chunk.length_bytes - taken;
            memcpy(parser->held, chunk.at + taken, parser->held_count);
        }
    }
    parser->failed = !ok;
    if (!ok)
        *why = parser->why;
    return ok;
}

bool pages_parser_finish(struct pages_parser *parser, struct failure *why)
{
    if (parser->failed) {
        *why = parser->why;
        return false;
    }
    if (parser->expected != EXPECT_NOTHING || parser->held_count)
        return failure_set(why, FAILURE_TRUNCATED, parser->position,
                           "ends after %" PRIu64 " mappings, without its end mark",
                           parser->mapping_count - (parser->left ? 1 : 0));
    return true;
}

bool pages_parser_mapping_whole(const struct pages_parser *parser)
{
    return parser->left == 0;
}
