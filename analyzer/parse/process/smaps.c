#include "analyzer/parse/process/smaps.h"

#include <stdlib.h>

#include "analyzer/parse/process/smaps_layout.h"
#include "analyzer/parse/process/smaps_header.h"
#include "analyzer/parse/text_cursor.h"

/* Room for a line, its '\n', and so for any name or flags in it. */
#define LINE_ROOM (SMAPS_LINE_LIMIT + 1)

/* Chunks are parsed in place: whole lines at once, blocks without copying. What a chunk's end cuts
 * is kept here: the beginning of its last line, and the texts that the block being read borrows. */
struct smaps_parser {
    smaps_sink sink;
    void *context;
    struct smaps_layout layout;
    struct smaps_block block;
    bool in_block;
    uint64_t line;   /* of this file, taken so far */
    uint64_t usual;  /* bit n: shape n stood in every block so far */
    uint64_t blocks; /* since creation */
    uint64_t dropped_blocks;
    struct failure failed; /* of this file */
    size_t carried_bytes;  /* used bytes of carried_line */
    char *carried_line;    /* these three: LINE_ROOM bytes each */
    char *kept_name;
    char *kept_flags;
};

struct smaps_parser *smaps_parser_create(smaps_sink sink, void *context)
{
    struct smaps_parser *parser = calloc(1, sizeof *parser);
    char *rooms = malloc(3 * (size_t)LINE_ROOM);
    if (!parser || !rooms) {
        free(parser);
        free(rooms);
        return NULL;
    }
    parser->carried_line = rooms;
    parser->kept_name = rooms + LINE_ROOM;
    parser->kept_flags = rooms + 2 * (size_t)LINE_ROOM;
    parser->sink = sink;
    parser->context = context;
    parser->usual = UINT64_MAX;
    smaps_layout_init(&parser->layout);
    return parser;
}

void smaps_parser_destroy(struct smaps_parser *parser)
{
    if (!parser)
        return;
    smaps_layout_deinit(&parser->layout);
    free(parser->carried_line);
    free(parser);
}

/* Keeps the failure for smaps_parser_finish(); returns false. */
static bool fail(struct smaps_parser *parser, enum failure_kind kind, uint64_t line,
                 const char *message)
{
    return failure_set(&parser->failed, kind, line, "%s", message);
}

/* Gives the finished block to the sink. */
static bool end_block(struct smaps_parser *parser)
{
    uint32_t needed = SMAPS_BIT(SMAPS_SIZE) | SMAPS_BIT(SMAPS_RSS);
    parser->in_block = false;
    if ((parser->block.mapping.present & needed) != needed)
        return fail(parser, FAILURE_MALFORMED, parser->line,
                    "a mapping without Size and Rss: is this smaps?");
    parser->usual &= parser->block.seen;
    if (!parser->sink(parser->context, &parser->block.mapping, &parser->failed)) {
        /* a sink that gave no reason must still not pass for success */
        return fail(parser, FAILURE_SYSTEM, parser->line, "the mapping was not accepted");
    }
    parser->blocks++;
    return true;
}

static bool begin_block(struct smaps_parser *parser, struct slice *text)
{
    struct slice line;
    next_line(text, &line, &parser->line);
    if (line.length_bytes > SMAPS_LINE_LIMIT)
        return fail(parser, FAILURE_LIMIT, parser->line, "a line is longer than any kernel prints");
    if (!smaps_block_begin(&parser->block, &parser->layout, line))
        return fail(parser, FAILURE_MALFORMED, parser->line, "malformed header of a mapping");
    return parser->in_block = true;
}

/* `text` holds whole lines. */
static bool take_lines(struct smaps_parser *parser, struct slice text)
{
    while (text.length_bytes > 0) {
        if (smaps_is_header(text.at[0])) {
            if (parser->in_block && !end_block(parser))
                return false;
            if (!begin_block(parser, &text))
                return false;
        } else if (!parser->in_block) {
            return fail(parser, FAILURE_MALFORMED, parser->line + 1,
                        "a line before any mapping: is this smaps?");
        }
        if (!smaps_layout_take_fields(&parser->layout, &parser->block, &text, &parser->line,
                                      &parser->failed))
            return false;
    }
    return true;
}

static struct slice keep(struct slice text, char *room)
{
    if (text.length_bytes > 0 && text.at != room)
        memcpy(room, text.at, text.length_bytes);
    return (struct slice){room, text.length_bytes};
}

/* Makes the block being read independent of the chunk. */
static void keep_borrowed(struct smaps_parser *parser)
{
    struct smaps_mapping *mapping = &parser->block.mapping;
    if (!parser->in_block)
        return;
    mapping->name = keep(mapping->name, parser->kept_name);
    mapping->vm_flags = keep(mapping->vm_flags, parser->kept_flags);
}

/* Fails as it would if the whole line stood in one chunk: a header ends the block before it. */
static bool line_too_long(struct smaps_parser *parser, char first_byte)
{
    if (!smaps_is_header(first_byte) && !parser->in_block)
        return fail(parser, FAILURE_MALFORMED, parser->line + 1,
                    "a line before any mapping: is this smaps?");
    if (smaps_is_header(first_byte) && parser->in_block && !end_block(parser))
        return false;
    return fail(parser, FAILURE_LIMIT, parser->line + 1, "a line is longer than any kernel prints");
}

/* Appends to the carried line; false when it becomes longer than a line may be. */
static bool carry(struct smaps_parser *parser, struct slice part)
{
    size_t room = LINE_ROOM - parser->carried_bytes;
    bool has_newline = ends_with_newline(part);
    if (part.length_bytes > (has_newline ? room : room - 1))
        return line_too_long(parser, parser->carried_bytes ? parser->carried_line[0] : part.at[0]);
    if (part.length_bytes > 0)
        memcpy(parser->carried_line + parser->carried_bytes, part.at, part.length_bytes);
    parser->carried_bytes += part.length_bytes;
    return true;
}

/* Completes the carried line with the beginning of *chunk, and takes it when it has its end. */
static bool take_carried(struct smaps_parser *parser, struct slice *chunk)
{
    const char *newline = memchr(chunk->at, '\n', chunk->length_bytes);
    size_t part_bytes = newline ? (size_t)(newline - chunk->at) + 1 : chunk->length_bytes;
    if (!carry(parser, (struct slice){chunk->at, part_bytes}))
        return false;
    *chunk = slice_skip(*chunk, part_bytes);
    if (!newline)
        return true;
    struct slice line = {parser->carried_line, parser->carried_bytes};
    parser->carried_bytes = 0;
    if (!take_lines(parser, line))
        return false;
    keep_borrowed(parser);
    return true;
}

static bool take_chunk(struct smaps_parser *parser, struct slice chunk)
{
    if (parser->carried_bytes > 0 && !take_carried(parser, &chunk))
        return false;
    if (chunk.length_bytes == 0)
        return true;
    const char *last = memrchr(chunk.at, '\n', chunk.length_bytes);
    size_t whole_bytes = last ? (size_t)(last - chunk.at) + 1 : 0;
    if (!take_lines(parser, (struct slice){chunk.at, whole_bytes}) ||
        !carry(parser, slice_skip(chunk, whole_bytes)))
        return false;
    keep_borrowed(parser);
    return true;
}

static bool report(const struct smaps_parser *parser, struct failure *why)
{
    if (why && why->kind == FAILURE_NONE)
        *why = parser->failed;
    return false;
}

bool smaps_parser_feed(struct smaps_parser *parser, struct slice chunk, struct failure *why)
{
    if (chunk.length_bytes == 0 && parser->failed.kind == FAILURE_NONE)
        return true;
    if (parser->failed.kind != FAILURE_NONE || !take_chunk(parser, chunk))
        return report(parser, why);
    return true;
}

/* Whether the block being read has all that blocks usually have. Before a second block nothing is
 * usual; VmFlags ends a block in every kernel that prints it. */
static bool has_usual_fields(const struct smaps_parser *parser)
{
    if (parser->usual != UINT64_MAX)
        return (parser->usual & ~parser->block.seen) == 0;
    uint8_t last = parser->block.previous;
    return last != SMAPS_NO_SHAPE && parser->layout.shapes[last].kind == SMAPS_KEY_VM_FLAGS;
}

/* The rest is known to be missing: ends what is finished, drops what is not. */
static bool finish_cut(struct smaps_parser *parser)
{
    bool header_begins = parser->carried_bytes > 0 && smaps_is_header(parser->carried_line[0]);
    bool is_finished = header_begins || (parser->carried_bytes == 0 && has_usual_fields(parser));
    parser->dropped_blocks += header_begins || (!parser->in_block && parser->carried_bytes > 0);
    if (!parser->in_block)
        return true;
    if (is_finished)
        return end_block(parser);
    parser->dropped_blocks++;
    return true;
}

static bool finish_whole(struct smaps_parser *parser)
{
    if (parser->carried_bytes > 0)
        return fail(parser, FAILURE_MALFORMED, parser->line + 1, "the last line is cut");
    if (!parser->in_block)
        return true;
    if (parser->usual != UINT64_MAX && !has_usual_fields(parser))
        return fail(parser, FAILURE_MALFORMED, parser->line,
                    "the last mapping ends before its last fields");
    return end_block(parser);
}

bool smaps_parser_finish(struct smaps_parser *parser, bool cut, struct failure *why)
{
    bool finished = false;
    if (parser->failed.kind == FAILURE_NONE)
        finished = cut ? finish_cut(parser) : finish_whole(parser);
    if (!finished) {
        parser->dropped_blocks += parser->in_block;
        report(parser, why);
    }
    parser->in_block = false;
    parser->carried_bytes = 0;
    parser->line = 0;
    parser->failed = (struct failure){0};
    return finished;
}

struct smaps_parser_counts smaps_parser_counts(const struct smaps_parser *parser)
{
    return (struct smaps_parser_counts){
        .blocks = parser->blocks,
        .unknown_lines = parser->layout.unknown_lines,
        .dropped_blocks = parser->dropped_blocks,
        .relearnt = parser->layout.relearnt,
        .unknown_names = (const char *const *)parser->layout.unknown_names,
        .unknown_name_count = parser->layout.unknown_name_count,
    };
}

size_t smaps_parser_keys(const struct smaps_parser *parser, struct smaps_key keys[SMAPS_KEYS_MAX])
{
    const struct smaps_layout *layout = &parser->layout;
    for (size_t i = 0; i < layout->shape_count; i++)
        keys[i] = (struct smaps_key){.name = layout->shapes[i].key.at,
                                     .kind = (enum smaps_key_kind)layout->shapes[i].kind,
                                     .index = layout->shapes[i].field};
    return layout->shape_count;
}
