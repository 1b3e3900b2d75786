#include "collector/passes/run.h"

#include "collector/base/clock.h"

#include <limits.h>
#include <string.h>

struct member_sink {
    struct run *run;
    const char *path;
    unsigned parts;
};

void run_begin(struct run *run, struct collect_summary *summary, const char *label)
{
    *summary = (struct collect_summary){0};
    run->summary = summary;
    run->label = label;
    run->output = (struct output_file){.descriptor = -1};
    run->writer = (struct bundle_writer){0};
    run->journal = (struct journal){0};
    run->processes = (struct process_list){0};
    run->started_ns = clock_monotonic_ns();
    run->paused_ns = 0;
    run->budget_over = false;
    run->pass = run->samples = 0;
    run->stuck_length = 0;
}

bool run_archive_chunk(struct run *run, const char *path, const struct fetch_chunk *chunk,
                       unsigned *parts, struct failure *why)
{
    bool whole = chunk->last && *parts == 0;
    if (chunk->torn && chunk->length == 0)
        return true;
    ++*parts;
    return bundle_writer_add_part(&run->writer, path, whole ? 0 : *parts, chunk->bytes,
                                  chunk->length, chunk->read_at_ns, why);
}

static bool into_archive(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct member_sink *sink = context;
    return run_archive_chunk(sink->run, sink->path, chunk, &sink->parts, why);
}

static bool is_late(enum outcome outcome)
{
    return outcome == OUTCOME_TIMED_OUT || outcome == OUTCOME_ABANDONED;
}

const char *run_path_to_tell(const struct run *run, const char *path, struct text *other)
{
    if (!redact_path_tells(&run->redact.options, path))
        return path;
    redact_member_path(&run->redact, other, path);
    return text_string(other);
}

static bool archive_redacted(struct run *run, const struct fetch_request *request,
                             enum redact_kind kind, struct member_sink *sink, struct member *member,
                             struct failure *why)
{
    redact_stream_start(&run->redacted, kind, into_archive, sink);
    bool fine = readers_fetch(&run->readers, request, redact_stream_take, &run->redacted,
                              &member->fetched, why);
    member->fetched.bytes = run->redacted.bytes;
    if (run->redacted.cut && member->fetched.outcome == OUTCOME_READ)
        member->fetched.outcome = OUTCOME_CUT;
    return fine;
}

bool run_archive(struct run *run, const struct fetch_request *request, const char *path,
                 struct member *member, struct failure *why)
{
    char storage[PATH_MAX];
    struct text other = TEXT_OVER(storage);
    struct member_sink sink = {.run = run, .path = run_path_to_tell(run, path, &other)};
    enum redact_kind kind = redact_kind_of(&run->redact.options, path);
    *member = (struct member){0};
    if (kind == REDACT_DROP) {
        member->fetched.outcome = OUTCOME_SKIPPED;
        member->fetched.start_ns = clock_monotonic_ns();
        return true;
    }
    bool fine = kind == REDACT_NOTHING ? readers_fetch(&run->readers, request, into_archive, &sink,
                                                       &member->fetched, why)
                                       : archive_redacted(run, request, kind, &sink, member, why);
    member->parts = sink.parts;
    return fine && (!is_late(member->fetched.outcome) || member->fetched.error ||
                    run_note_stuck(run, sink.path, 0, member->fetched.outcome, why));
}

bool run_archive_bytes(struct run *run, const char *path, const char *bytes, size_t length,
                       struct member *member, struct failure *why)
{
    *member = (struct member){.parts = 1};
    member->fetched.start_ns = clock_monotonic_ns();
    member->fetched.bytes = length;
    member->fetched.outcome = length ? OUTCOME_READ : OUTCOME_EMPTY;
    return bundle_writer_add(&run->writer, path, bytes, length, clock_realtime_ns(), why);
}

static const char *reason_of(const struct member *member)
{
    if (member->fetched.not_a_file)
        return "not a regular file";
    return member->fetched.error ? strerror(member->fetched.error) : NULL;
}

/* A FIFO in place of a file has no errno to tell it by. */
static bool note_not_a_file(struct run *run, const char *path, struct failure *why)
{
    static const char words[] = ": not a regular file, so it was not read";
    char note[PATH_MAX + sizeof words];
    struct text text = TEXT_OVER(note);
    text_add(&text, path);
    text_add(&text, words);
    return run_note(run, text_string(&text), why);
}

bool run_record(struct run *run, const char *path, const struct member *member, struct failure *why)
{
    const struct fetch_result *fetched = &member->fetched;
    char storage[PATH_MAX];
    struct text other = TEXT_OVER(storage);
    const char *told = run_path_to_tell(run, path, &other);
    struct member_record record = {
        .path = told,
        .pass = run->pass,
        .outcome = fetched->outcome,
        .error = fetched->error,
        .start_ns = fetched->start_ns,
        .duration_ns = fetched->duration_ns,
        .bytes = fetched->bytes,
        .parts = member->parts,
        .mappings = fetched->mappings,
    };
    run->summary->members[fetched->outcome]++;
    if (fetched->outcome != OUTCOME_READ && fetched->outcome != OUTCOME_EMPTY)
        progress_not_read(run->progress, path, fetched->outcome, reason_of(member));
    return journal_member(&run->journal, &record, why) &&
           (!fetched->not_a_file || note_not_a_file(run, told, why));
}

bool run_record_outcome(struct run *run, const char *path, enum outcome outcome, int error,
                        struct failure *why)
{
    struct member member = {0};
    member.fetched.outcome = outcome;
    member.fetched.error = error;
    member.fetched.start_ns = clock_monotonic_ns();
    return run_record(run, path, &member, why);
}

bool run_note(struct run *run, const char *text, struct failure *why)
{
    return journal_note(&run->journal, text, why);
}
