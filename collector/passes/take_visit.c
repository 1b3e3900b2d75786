/* Taking a visit from the reader that makes it: chunks into the archive, through redaction
 * where it is asked for, and what to do when the reader does not get on. */
#include "collector/passes/visit.h"

#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/read/reader.h"
#include "collector/sources.h"

#include <string.h>

/* Behind redaction: what comes here may leave the machine. */
static bool into_archive(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct visit *visit = context;
    struct visited_member *member = visit->writing;
    return run_archive_chunk(visit->run, member->path, chunk, &member->member.parts, why);
}

static void begin_member(struct visit *visit, const struct member_place *place)
{
    const struct source *source = &sources[place->source];
    char name[64] = "";
    const char *at = source->names;
    for (uint32_t i = 0; i <= place->name && source_next_name(&at, name, sizeof name); i++)
        ;
    visit->open = visit_add_member(visit, source, name, place->thread);
    visit->ordinal++;
    if (!visit->open)
        return;
    visit->open->member.fetched.start_ns = clock_monotonic_ns();
    visit->open->redact = redact_kind_of(&visit->run->options->redact, visit->open->path);
    visit->writing = visit->open;
    redact_stream_start(&visit->run->redacted, visit->open->redact, into_archive, visit);
}

static bool take_chunk(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct visit *visit = context;
    if (!visit->writing || visit->writing->redact == REDACT_DROP)
        return true;
    if (visit->writing->redact == REDACT_NOTHING)
        return into_archive(context, chunk, why);
    return redact_stream_take(&visit->run->redacted, chunk, why);
}

/* The reader's result speaks of what it read; the record speaks of what is in the archive. */
static void tell_redacted(struct visit *visit, struct visited_member *member)
{
    struct fetch_result *fetched = &member->member.fetched;
    if (member->redact == REDACT_DROP) {
        fetched->outcome = OUTCOME_SKIPPED;
        fetched->bytes = 0;
    } else if (member->redact != REDACT_NOTHING) {
        fetched->bytes = visit->run->redacted.bytes;
        if (visit->run->redacted.cut && fetched->outcome == OUTCOME_READ)
            fetched->outcome = OUTCOME_CUT;
    }
}

/* The reader did not get on. What it was reading is recorded as it is, and another one goes on
 * behind it; a reader that had not even begun was not held up by this process. */
static bool be_late(struct visit *visit, struct reader_seat *seat, struct failure *why)
{
    struct run *run = visit->run;
    enum outcome ending = seat->ending;
    if (!visit->open && (visit->tries++ > 0 || !seat->lane || ending == OUTCOME_SKIPPED)) {
        const struct standing nowhere = {.outcome = ending};
        visit_leave(visit, &nowhere);
        seat->done++;
        readers_replace(&run->readers, seat);
        return true;
    }
    struct visited_member *late = visit->open;
    struct job *job = &seat->lane->jobs[seat->done % LANE_JOBS];
    visit->open = NULL;
    if (late) {
        if (!readers_take_late(seat, take_chunk, visit, &late->member.fetched, why))
            return false;
        tell_redacted(visit, late);
        visit->process->stuck |= may_be_held_up(late->source);
        job->stuck = visit->process->stuck;
        job->first = visit->ordinal;
    }
    readers_replace(&run->readers, seat);
    return !late || ending == OUTCOME_FAILED ||
           run_note_stuck(run, late->path, visit->process->pid, ending, why);
}

static bool take_delivery(struct visit *visit, const struct delivery *delivery, struct failure *why)
{
    const void *bytes = delivery + 1;
    const struct fetch_chunk chunk = {.bytes = bytes,
                                      .length = delivery->length,
                                      .read_at_ns = delivery->read_at_ns,
                                      .last = delivery->last};
    switch ((enum delivery_kind)delivery->kind) {
    case DELIVERY_ARRIVED:
        visit_arrive(visit, bytes);
        return true;
    case DELIVERY_MEMBER:
        begin_member(visit, bytes);
        return true;
    case DELIVERY_CHUNK:
        return take_chunk(visit, &chunk, why);
    case DELIVERY_RESULT:
        if (visit->open)
            memcpy(&visit->open->member.fetched, bytes, sizeof(struct fetch_result));
        if (visit->open) {
            visit->run->paused_ns += visit->open->member.fetched.paused_ns;
            tell_redacted(visit, visit->open);
        }
        visit->open = NULL;
        return true;
    case DELIVERY_LEFT:
        visit_leave(visit, bytes);
        return true;
    default:
        visit->over = visit->unbegun = true;
        return true;
    }
}

bool take_visit(struct run *run, struct process *process, struct reader_seat *seat,
                struct failure *why)
{
    struct visit visit = {.run = run, .process = process};
    while (!visit.over) {
        const struct delivery *delivery = readers_await(&run->readers, seat);
        if (!delivery) {
            if (!be_late(&visit, seat, why))
                return false;
            if (visit.over)
                break;
            continue;
        }
        if (!take_delivery(&visit, delivery, why))
            return false;
        seat->done += visit.over;
    }
    if (visit.unbegun && interrupt_signal())
        return true;
    if (visit.unbegun) {
        run->budget_over = true;
        visit_mark_members(&visit, OUTCOME_SKIPPED, 0);
    } else {
        visit_judge(&visit);
    }
    return visit_record(&visit, why);
}
