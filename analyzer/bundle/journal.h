/* The journal of a bundle: one record a line, may come in parts. Grammar:
 * schema/bundle_format.h. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"
#include "schema/outcome.h"

enum journal_record_kind {
    JOURNAL_PASS,
    JOURNAL_MEMBER,
    JOURNAL_PROCESS,
    JOURNAL_NOTE,
    JOURNAL_END,
    JOURNAL_UNKNOWN /* a record word of a newer minor version: nothing else of it is read */
};

/* A key that the line does not have is 0 or empty here. */
struct journal_record {
    enum journal_record_kind kind;
    enum outcome outcome; /* MEMBER, PROCESS; an unknown word counts as FAILED */
    uint64_t pass, start_ns, duration_ns, bytes, parts, error_number;
    uint64_t pid, start_time_ticks;
    uint64_t members, processes, mappings; /* END */
    struct slice name;                     /* PASS: its word; borrowed from the text */
    struct slice text; /* MEMBER: path, NOTE: text; unescaped, may hold any byte; borrowed from
                          the parser until the sink returns */
};

/* False stops the reading; the callee sets *why. */
typedef bool (*journal_sink)(void *context, const struct journal_record *record,
                             struct failure *why);

/* All records of one whole journal or one part (parts end at line borders). Fails MALFORMED with
 * the line on a value that is no number, a wrong escape, a key without value or twice, a record
 * without what it is about (member: path and outcome; process: pid and outcome; note: text;
 * pass: number), an empty line, or a last line without newline (then it was cut); records
 * before it have reached the sink. */
bool journal_parse(struct slice text, journal_sink sink, void *context, struct failure *why);
