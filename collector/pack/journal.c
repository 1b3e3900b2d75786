#include "collector/pack/journal.h"

#include "collector/base/clock.h"
#include "schema/bundle_format.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define JOURNAL_BYTES ((size_t)256 * 1024)

/* A path of PATH_MAX bytes, all escaped, and the numbers before it. */
#define RECORD_MOST_BYTES ((size_t)PATH_MAX * 4 + 512)

bool journal_init(struct journal *journal, struct bundle_writer *writer, uint64_t started_ns,
                  struct failure *why)
{
    *journal = (struct journal){.writer = writer, .started_ns = started_ns};
    journal->buffer = malloc(JOURNAL_BYTES);
    if (!journal->buffer)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    journal->text = (struct text){journal->buffer, 0, JOURNAL_BYTES, false};
    return true;
}

static bool write_part(struct journal *journal, struct failure *why)
{
    journal->parts++;
    if (!bundle_writer_add_part(journal->writer, BUNDLE_JOURNAL_NAME, journal->parts,
                                journal->buffer, journal->text.length, clock_realtime_ns(), why))
        return false;
    journal->text.length = 0;
    return true;
}

static bool make_room(struct journal *journal, struct failure *why)
{
    return JOURNAL_BYTES - journal->text.length > RECORD_MOST_BYTES || write_part(journal, why);
}

static void add_number(struct journal *journal, const char *key, uint64_t number)
{
    text_add(&journal->text, key);
    text_decimal(&journal->text, number);
}

static void add_word(struct journal *journal, const char *key, const char *word)
{
    text_add(&journal->text, key);
    text_add(&journal->text, word);
}

/* Moments before the start (there should be none) are the start. */
static uint64_t since_start(const struct journal *journal, uint64_t moment_ns)
{
    return moment_ns > journal->started_ns ? moment_ns - journal->started_ns : 0;
}

static bool end_record(struct journal *journal, struct failure *why)
{
    text_add(&journal->text, "\n");
    return !journal->text.overflow ||
           failure_set(why, FAILURE_LIMIT, 0, "a record of the journal is too long");
}

bool journal_pass(struct journal *journal, unsigned pass, const char *word, uint64_t start_ns,
                  uint64_t duration_ns, struct failure *why)
{
    if (!make_room(journal, why))
        return false;
    add_number(journal, "pass ", pass);
    add_word(journal, " name ", word);
    add_number(journal, " start_ns ", since_start(journal, start_ns));
    add_number(journal, " duration_ns ", duration_ns);
    return end_record(journal, why);
}

bool journal_member(struct journal *journal, const struct member_record *record,
                    struct failure *why)
{
    if (!make_room(journal, why))
        return false;
    add_word(journal, "member outcome ", outcome_word(record->outcome));
    add_number(journal, " pass ", record->pass);
    add_number(journal, " start_ns ", since_start(journal, record->start_ns));
    add_number(journal, " duration_ns ", record->duration_ns);
    add_number(journal, " bytes ", record->bytes);
    add_number(journal, " parts ", record->parts);
    add_number(journal, " errno ", record->error > 0 ? (uint64_t)record->error : 0);
    text_add(&journal->text, " path ");
    text_escaped(&journal->text, record->path, strlen(record->path));
    journal->members++;
    journal->bytes += record->bytes;
    journal->mappings += record->mappings;
    return end_record(journal, why);
}

bool journal_process(struct journal *journal, uint32_t pid, uint64_t start_time_ticks,
                     enum outcome outcome, struct failure *why)
{
    if (!make_room(journal, why))
        return false;
    add_number(journal, "process pid ", pid);
    add_number(journal, " start_time_ticks ", start_time_ticks);
    add_word(journal, " outcome ", outcome_word(outcome));
    journal->processes++;
    return end_record(journal, why);
}

bool journal_note(struct journal *journal, const char *text, struct failure *why)
{
    if (!make_room(journal, why))
        return false;
    text_add(&journal->text, "note text ");
    size_t length = strlen(text);
    text_escaped(&journal->text, text, length < PATH_MAX ? length : PATH_MAX);
    return end_record(journal, why);
}

bool journal_end(struct journal *journal, uint64_t duration_ns, struct failure *why)
{
    if (!make_room(journal, why))
        return false;
    add_number(journal, "end members ", journal->members);
    add_number(journal, " processes ", journal->processes);
    add_number(journal, " mappings ", journal->mappings);
    add_number(journal, " bytes ", journal->bytes);
    add_number(journal, " duration_ns ", duration_ns);
    if (!end_record(journal, why))
        return false;
    if (journal->parts > 0)
        return write_part(journal, why);
    return bundle_writer_add(journal->writer, BUNDLE_JOURNAL_NAME, journal->buffer,
                             journal->text.length, clock_realtime_ns(), why);
}

void journal_deinit(struct journal *journal)
{
    free(journal->buffer);
    *journal = (struct journal){0};
}
