#include "analyzer/bundle/journal.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/bundle/plain_text.h"

enum key_type { KEY_NUMBER, KEY_OUTCOME, KEY_WORD, KEY_REST };

/* X(key, type, member of struct journal_record). A KEY_REST runs to the end of the line. */
#define JOURNAL_KEYS(X)                                                                            \
    X(pass, KEY_NUMBER, pass)                                                                      \
    X(name, KEY_WORD, name)                                                                        \
    X(outcome, KEY_OUTCOME, outcome)                                                               \
    X(start_ns, KEY_NUMBER, start_ns)                                                              \
    X(duration_ns, KEY_NUMBER, duration_ns)                                                        \
    X(bytes, KEY_NUMBER, bytes)                                                                    \
    X(parts, KEY_NUMBER, parts)                                                                    \
    X(errno, KEY_NUMBER, error_number)                                                             \
    X(pid, KEY_NUMBER, pid)                                                                        \
    X(start_time_ticks, KEY_NUMBER, start_time_ticks)                                              \
    X(members, KEY_NUMBER, members)                                                                \
    X(processes, KEY_NUMBER, processes)                                                            \
    X(mappings, KEY_NUMBER, mappings)                                                              \
    X(path, KEY_REST, text)                                                                        \
    X(text, KEY_REST, text)

enum journal_key {
#define KEY_CONSTANT(key, type, member) KEY_##key,
    JOURNAL_KEYS(KEY_CONSTANT)
#undef KEY_CONSTANT
        KEY_COUNT
};

static const struct key {
    struct slice name;
    enum key_type type;
    size_t offset;
} keys[] = {
#define NAME(text) .name.at = text, .name.length_bytes = sizeof text - 1
#define KEY_ROW(key, kind, member)                                                                 \
    [KEY_##key] = {NAME(#key), .type = kind, .offset = offsetof(struct journal_record, member)},
    JOURNAL_KEYS(KEY_ROW)
#undef KEY_ROW
#undef NAME
};

#define HAS(key) (1U << KEY_##key)

/* The words of records, and without what each says nothing. */
static const struct record_type {
    struct slice word;
    enum journal_record_kind kind;
    unsigned needs;
} record_types[] = {
    {{"pass", 4},    JOURNAL_PASS,    HAS(pass)               },
    {{"member", 6},  JOURNAL_MEMBER,  HAS(path) | HAS(outcome)},
    {{"process", 7}, JOURNAL_PROCESS, HAS(pid) | HAS(outcome) },
    {{"note", 4},    JOURNAL_NOTE,    HAS(text)               },
    {{"end", 3},     JOURNAL_END,     0                       },
};

/* What one line is parsed into; the buffer of unescaped text serves all lines. */
struct line_parser {
    struct journal_record record;
    unsigned seen; /* bit of each key */
    uint64_t number;
    char *text;
    size_t text_room;
};

static enum journal_key find_key(struct slice name)
{
    unsigned key = 0;
    while (key < KEY_COUNT && !slice_equal(name, keys[key].name))
        key++;
    return (enum journal_key)key;
}

static bool keep_text(struct line_parser *parser, struct slice escaped, struct slice *text,
                      struct failure *why)
{
    if (parser->text_room < escaped.length_bytes) {
        char *grown = realloc(parser->text, escaped.length_bytes);
        if (!grown)
            return failure_set(why, FAILURE_SYSTEM, parser->number, "out of memory");
        parser->text = grown;
        parser->text_room = escaped.length_bytes;
    }
    size_t length;
    if (!record_unescape(escaped, parser->text, &length))
        return failure_set(why, FAILURE_MALFORMED, parser->number, "wrong escape");
    *text = (struct slice){length ? parser->text : "", length};
    return true;
}

/* One value into its place in the record. */
static bool keep_value(struct line_parser *parser, enum journal_key key, struct slice value,
                       struct failure *why)
{
    void *place = (char *)&parser->record + keys[key].offset;
    if (parser->seen & 1U << key)
        return failure_set(why, FAILURE_MALFORMED, parser->number, "%s stands twice",
                           keys[key].name.at);
    parser->seen |= 1U << key;
    switch (keys[key].type) {
    case KEY_NUMBER:
        return parse_decimal(value, place) ||
               failure_set(why, FAILURE_MALFORMED, parser->number, "the value of %s is no number",
                           keys[key].name.at);
    case KEY_OUTCOME:
        if (!outcome_from_word(value.at, value.length_bytes, place))
            parser->record.outcome = OUTCOME_FAILED;
        return true;
    case KEY_WORD:
        *(struct slice *)place = value;
        return true;
    case KEY_REST:
        return keep_text(parser, value, place, why);
    }
    return false;
}

static bool parse_keys(struct line_parser *parser, struct slice rest, struct failure *why)
{
    while (rest.length_bytes > 0) {
        struct slice name, value;
        record_word_next(&rest, &name);
        enum journal_key key = find_key(name);
        if (key < KEY_COUNT && keys[key].type == KEY_REST) {
            value = rest;
            rest = slice_skip(rest, rest.length_bytes);
        } else {
            record_word_next(&rest, &value);
            if (name.length_bytes == 0 || value.length_bytes == 0)
                return failure_set(why, FAILURE_MALFORMED, parser->number, "a key without value");
        }
        if (key < KEY_COUNT && !keep_value(parser, key, value, why))
            return false;
    }
    return true;
}

static const struct record_type *find_type(struct slice word)
{
    for (size_t i = 0; i < sizeof record_types / sizeof record_types[0]; i++)
        if (slice_equal(word, record_types[i].word))
            return &record_types[i];
    return NULL;
}

static bool parse_line(struct line_parser *parser, struct slice line, struct failure *why)
{
    struct slice rest = line, word;
    parser->record = (struct journal_record){.kind = JOURNAL_UNKNOWN};
    parser->seen = 0;
    record_word_next(&rest, &word);
    if (word.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, parser->number, "no record in the line");
    const struct record_type *type = find_type(word);
    if (!type)
        return true;
    parser->record.kind = type->kind;
    /* "pass N name ...": the number of a pass stands behind its word, without a key. */
    if (!parse_keys(parser, type->kind == JOURNAL_PASS ? line : rest, why))
        return false;
    return (parser->seen & type->needs) == type->needs ||
           failure_set(why, FAILURE_MALFORMED, parser->number, "the %s record is not complete",
                       type->word.at);
}

bool journal_parse(struct slice text, journal_sink sink, void *context, struct failure *why)
{
    struct line_parser parser = {0};
    struct failure cut = {0};
    struct slice line;
    bool good = true;
    while (good && record_line_next(&text, &line, &parser.number, &cut))
        good = parse_line(&parser, line, why) && sink(context, &parser.record, why);
    free(parser.text);
    if (good && cut.kind != FAILURE_NONE)
        return failure_set(why, cut.kind, cut.position, "%s", cut.message);
    return good;
}
