/* The journal: what became of each thing that was to be read. Grammar: schema/bundle_format.h.
 * Bounded: when its buffer is full it goes out as journal.part-NNNN between other members. */
#pragma once

#include "collector/pack/bundle_writer.h"
#include "collector/base/text.h"
#include "schema/outcome.h"

struct journal {
    struct bundle_writer *writer; /* the caller's */
    uint64_t started_ns;          /* monotonic; all start_ns count from here */
    char *buffer;
    struct text text;
    unsigned parts;                               /* gone out so far */
    uint64_t members, processes, mappings, bytes; /* for the end record */
};

struct member_record {
    const char *path;
    unsigned pass;
    enum outcome outcome;
    int error;
    uint64_t start_ns; /* clock_monotonic_ns() */
    uint64_t duration_ns;
    uint64_t bytes;
    unsigned parts;
    uint64_t mappings; /* counted in the end record only */
};

bool journal_init(struct journal *journal, struct bundle_writer *writer, uint64_t started_ns,
                  struct failure *why);
bool journal_pass(struct journal *journal, unsigned pass, const char *word, uint64_t start_ns,
                  uint64_t duration_ns, struct failure *why);
bool journal_member(struct journal *journal, const struct member_record *record,
                    struct failure *why);
bool journal_process(struct journal *journal, uint32_t pid, uint64_t start_time_ticks,
                     enum outcome outcome, struct failure *why);
bool journal_note(struct journal *journal, const char *text, struct failure *why);

/* Writes the end record and the last part. The archive ends behind it. */
bool journal_end(struct journal *journal, uint64_t duration_ns, struct failure *why);
void journal_deinit(struct journal *journal);
