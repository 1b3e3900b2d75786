#include "analyzer/bundle/derived.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/bundle/plain_text.h"

static const struct slice number_keys[DERIVED_KEY_COUNT] = {
    [DERIVED_BLOCK_BYTES] = {"block_bytes", 11},
    [DERIVED_BLOCKS] = {"blocks",      6 },
    [DERIVED_FREE_BLOCKS] = {"free_blocks", 11},
    [DERIVED_FILES] = {"files",       5 },
    [DERIVED_FREE_FILES] = {"free_files",  10},
    [DERIVED_ERRNO] = {"errno",       5 },
    [DERIVED_INODE] = {"inode",       5 },
    [DERIVED_BYTES] = {"bytes",       5 },
    [DERIVED_PID] = {"pid",         3 },
    [DERIVED_FIRST] = {"first",       5 },
    [DERIVED_PROCESSES] = {"processes",   9 },
    [DERIVED_REFUSED] = {"refused",     7 },
};

static const struct record_word {
    struct slice word;
    enum derived_kind kind;
} record_words[] = {
    {{"mount", 5},    DERIVED_MOUNT   },
    {{"held", 4},     DERIVED_HELD    },
    {{"pipe", 4},     DERIVED_PIPE    },
    {{"shared", 6},   DERIVED_SHARED  },
    {{"compared", 8}, DERIVED_COMPARED},
};

/* What one line is parsed into; the buffer of the unescaped path serves all lines. */
struct line_parser {
    struct derived_record record;
    bool has_path;
    char *path;
    size_t path_room;
};

static bool keep_device(struct derived_record *record, struct slice value)
{
    const char *colon = value.at ? memchr(value.at, ':', value.length_bytes) : NULL;
    if (!colon || record->has_device)
        return false;
    size_t length = (size_t)(colon - value.at);
    record->has_device = true;
    return parse_decimal((struct slice){value.at, length}, &record->major) &&
           parse_decimal(slice_skip(value, length + 1), &record->minor);
}

static bool keep_path(struct line_parser *parser, struct slice escaped, struct failure *why,
                      uint64_t number)
{
    if (parser->path_room < escaped.length_bytes) {
        char *grown = realloc(parser->path, escaped.length_bytes);
        if (!grown)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        parser->path = grown;
        parser->path_room = escaped.length_bytes;
    }
    size_t length;
    if (!record_unescape(escaped, parser->path, &length))
        return failure_set(why, FAILURE_MALFORMED, number, "wrong escape");
    parser->record.path = (struct slice){length ? parser->path : "", length};
    parser->has_path = true;
    return true;
}

static bool keep_number(struct derived_record *record, struct slice key, struct slice value)
{
    for (unsigned i = 0; i < DERIVED_KEY_COUNT; i++) {
        if (!slice_equal(key, number_keys[i]))
            continue;
        if (record->has[i])
            return false;
        record->has[i] = true;
        return parse_decimal(value, &record->number[i]);
    }
    return true; /* a key of a newer version */
}

static bool keep_pair(struct line_parser *parser, struct slice key, struct slice value,
                      uint64_t number, struct failure *why)
{
    struct derived_record *record = &parser->record;
    bool ok = key.length_bytes > 0;
    if (slice_equal(key, SLICE("path")))
        return keep_path(parser, value, why, number);
    ok = ok && value.length_bytes > 0;
    if (slice_equal(key, SLICE("type")) || slice_equal(key, SLICE("kind"))) {
        ok = ok && record->type.length_bytes == 0;
        record->type = value;
    } else if (slice_equal(key, SLICE("device"))) {
        ok = ok && keep_device(record, value);
    } else {
        ok = ok && keep_number(record, key, value);
    }
    return ok || failure_set(why, FAILURE_MALFORMED, number,
                             "a key with a wrong value, without one, or given twice");
}

static bool is_whole(const struct line_parser *parser)
{
    const struct derived_record *record = &parser->record;
    switch (record->kind) {
    case DERIVED_MOUNT:
        return record->type.length_bytes && record->has_device && parser->has_path;
    case DERIVED_HELD:
        return record->type.length_bytes && parser->has_path;
    case DERIVED_PIPE:
        return record->has[DERIVED_INODE];
    case DERIVED_SHARED:
        return record->has[DERIVED_PID] && record->has[DERIVED_FIRST];
    case DERIVED_COMPARED:
        return record->has[DERIVED_PROCESSES] && record->has[DERIVED_REFUSED];
    }
    return false;
}

static bool find_kind(struct slice word, enum derived_kind *kind)
{
    for (size_t i = 0; i < sizeof record_words / sizeof record_words[0]; i++)
        if (slice_equal(word, record_words[i].word)) {
            *kind = record_words[i].kind;
            return true;
        }
    return false;
}

static bool parse_line(struct line_parser *parser, struct slice line, uint64_t number,
                       struct failure *why)
{
    struct slice key, value;
    while (record_pair_next(&line, &key, &value))
        if (!keep_pair(parser, key, value, number, why))
            return false;
    return is_whole(parser) ||
           failure_set(why, FAILURE_MALFORMED, number, "a record without what it is about");
}

bool derived_parse(struct slice text, derived_sink sink, void *context, struct failure *why)
{
    struct line_parser parser = {0};
    struct failure problem = {0};
    struct slice line, word;
    uint64_t number = 0;
    bool ok = true;
    while (ok && record_line_next(&text, &line, &number, &problem)) {
        parser.record = (struct derived_record){0};
        parser.has_path = false;
        record_word_next(&line, &word);
        if (find_kind(word, &parser.record.kind))
            ok = parse_line(&parser, line, number, &problem) &&
                 sink(context, &parser.record, &problem);
    }
    free(parser.path);
    if (problem.kind == FAILURE_NONE && ok)
        return true;
    return failure_set(why, problem.kind, problem.position, "%s", problem.message);
}
