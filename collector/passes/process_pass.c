/* Passes 1 to 4 over the processes. Each is visited through one open /proc/PID folder, which
 * belongs to one process for ever, even if its PID is given away; and its start time is looked
 * at before and after, so that two processes never share one name in the bundle. */
#include "collector/passes/run.h"

#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/read/reader.h"
#include "collector/redact/rules.h"
#include "collector/sources.h"
#include "schema/bundle_format.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MEMBERS_MOST 32
#define PATH_BYTES   96

/* Without root on a large machine: the sum of so many tells enough. */
#define UNCOVERED_ASKED 100000

struct visited_member {
    char path[PATH_BYTES];
    struct member member;
    const struct source *source;
    enum redact_kind redact; /* what must happen to it before it leaves the machine */
};

/* One process in one pass. Records are written at the end, when it is known who was read. */
struct visit {
    struct run *run;
    struct process *process;
    struct identity before;
    enum outcome standing;          /* READ: it is the process we know; else what became of it */
    struct visited_member *open;    /* what is being read */
    struct visited_member *writing; /* whose bytes are taken: `open`, or what was late */
    unsigned ordinal;               /* members that were begun */
    unsigned tries;                 /* readers that ended before they began */
    bool arrived, over, unbegun;
    unsigned count;
    struct visited_member members[MEMBERS_MOST];
};

/* "proc/41/", or "proc/41/task/42/". */
static void add_folder(struct text *path, uint32_t pid, uint32_t thread)
{
    text_add(path, "proc/");
    text_decimal(path, pid);
    text_add(path, "/");
    if (thread) {
        text_add(path, "task/");
        text_decimal(path, thread);
        text_add(path, "/");
    }
}

static struct visited_member *next_member(struct visit *visit, const struct source *source,
                                          const char *name, uint32_t thread)
{
    if (visit->count == MEMBERS_MOST)
        return NULL;
    struct visited_member *member = &visit->members[visit->count++];
    struct text path = TEXT_OVER(member->path);
    member->source = source;
    member->member = (struct member){0};
    add_folder(&path, visit->process->pid, thread);
    text_add(&path, name);
    if (source->kind == SOURCE_PROCESS_LINK)
        text_add(&path, BUNDLE_LINK_SUFFIX);
    text_string(&path);
    return member;
}

/* The members of this pass, all with the same outcome, without a look at them. */
static void mark_members(struct visit *visit, enum outcome outcome, int error)
{
    for (size_t i = 0; i < source_count; i++) {
        const struct source *source = &sources[i];
        if (!is_read_of_processes(source, visit->run->pass))
            continue;
        char name[64];
        for (const char *at = source->names; source_next_name(&at, name, sizeof name);) {
            struct visited_member *member = next_member(visit, source, name, 0);
            if (!member)
                return;
            member->member.fetched.outcome = outcome;
            member->member.fetched.error = error;
            member->member.fetched.start_ns = clock_monotonic_ns();
        }
    }
}

/* While it was read it ended: what takes the memory's lock may have come out short. */
static bool may_be_short(const struct visited_member *member)
{
    return member->source->cost == COST_MMAP_LOCK || member->source->cost == COST_MAY_BLOCK;
}

static void amend(struct visited_member *member, enum outcome standing, bool ended, bool bare)
{
    struct fetch_result *fetched = &member->member.fetched;
    bool is_missing = fetched->outcome == OUTCOME_ABSENT || fetched->outcome == OUTCOME_VANISHED;
    if (standing == OUTCOME_REUSED) {
        fetched->outcome = OUTCOME_REUSED;
    } else if (standing == OUTCOME_VANISHED) {
        if (is_missing || fetched->outcome == OUTCOME_EMPTY ||
            (fetched->outcome == OUTCOME_READ && may_be_short(member)))
            fetched->outcome = OUTCOME_VANISHED;
    } else if (ended && may_be_short(member)) {
        if (is_missing || fetched->outcome == OUTCOME_EMPTY || fetched->outcome == OUTCOME_READ)
            fetched->outcome = OUTCOME_VANISHED;
    } else if (fetched->error == ESRCH && fetched->outcome == OUTCOME_VANISHED) {
        fetched->outcome = OUTCOME_EMPTY; /* alive, and without memory */
    } else if (fetched->error == ENOENT && bare && member->source->kind == SOURCE_PROCESS_LINK) {
        fetched->outcome = OUTCOME_EMPTY; /* a kernel thread has no program */
    }
}

/* The second look was taken; then every outcome is final. */
static void settle(struct visit *visit, const struct identity *after)
{
    bool bare = identity_is_bare(&visit->before);
    bool ended = !bare && identity_is_bare(after);
    for (unsigned i = 0; i < visit->count; i++)
        amend(&visit->members[i], visit->standing, ended, bare);
}

/* The process as a whole: the worst that happened to what tells its memory. Of a bare one
 * that is "empty"; and a file that this kernel lacks says nothing about a process. */
static void judge(const struct visit *visit)
{
    struct process *process = visit->process;
    enum outcome whole = outcome_worse((enum outcome)process->outcome, visit->standing);
    bool bare = visit->standing == OUTCOME_READ && identity_is_bare(&visit->before);
    for (unsigned i = 0; i < visit->count; i++) {
        const struct visited_member *member = &visit->members[i];
        enum outcome outcome = member->member.fetched.outcome;
        bool counts = member->source->kind == SOURCE_PROCESS_FILE && visit->run->pass < 4;
        if (counts && (outcome != OUTCOME_EMPTY || bare))
            whole = outcome_worse(whole, outcome);
    }
    process->outcome = (uint8_t)whole;
    process->last_pass = (uint8_t)visit->run->pass;
}

static bool record_visit(struct visit *visit, struct failure *why)
{
    for (unsigned i = 0; i < visit->count; i++) {
        const struct visited_member *member = &visit->members[i];
        if (!run_record(visit->run, member->path, &member->member, why))
            return false;
    }
    return true;
}

/* Somebody is there: remembers a process that is seen for the first time. */
static void arrive(struct visit *visit, const struct standing *standing)
{
    bool again = visit->arrived; /* another reader took over */
    visit->arrived = true;
    visit->standing = standing->outcome;
    if (again)
        return;
    visit->before = standing->identity;
    if (visit->standing == OUTCOME_READ && !visit->process->known) {
        visit->process->start_time_ticks = standing->identity.start_time_ticks;
        visit->process->known = true;
    }
}

/* The last look. Nothing was read when nobody was there, or somebody else. */
static void leave(struct visit *visit, const struct standing *standing)
{
    enum outcome outcome = standing->outcome;
    bool read = visit->count > 0;
    visit->standing = outcome;
    visit->over = true;
    if (!read)
        mark_members(visit, outcome, outcome == OUTCOME_REUSED ? 0 : standing->error);
    else
        settle(visit, outcome == OUTCOME_READ ? &standing->identity : &visit->before);
}

static bool into_archive(void *context, const struct fetch_chunk *chunk, struct failure *why);

static void begin_member(struct visit *visit, const struct member_place *place)
{
    const struct source *source = &sources[place->source];
    char name[64] = "";
    const char *at = source->names;
    for (uint32_t i = 0; i <= place->name && source_next_name(&at, name, sizeof name); i++)
        ;
    visit->open = next_member(visit, source, name, place->thread);
    visit->ordinal++;
    if (!visit->open)
        return;
    visit->open->member.fetched.start_ns = clock_monotonic_ns();
    visit->open->redact = redact_kind_of(&visit->run->options->redact, visit->open->path);
    visit->writing = visit->open;
    redact_stream_start(&visit->run->redacted, visit->open->redact, into_archive, visit);
}

/* Behind redaction: what comes here may leave the machine. */
static bool into_archive(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct visit *visit = context;
    struct visited_member *member = visit->writing;
    return run_archive_chunk(visit->run, member->path, chunk, &member->member.parts, why);
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
        leave(visit, &nowhere);
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
    const struct fetch_chunk chunk = {bytes, delivery->length, delivery->read_at_ns,
                                      delivery->last};
    switch ((enum delivery_kind)delivery->kind) {
    case DELIVERY_ARRIVED:
        arrive(visit, bytes);
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
        leave(visit, bytes);
        return true;
    default:
        visit->over = visit->unbegun = true;
        return true;
    }
}

static bool take_visit(struct run *run, struct process *process, struct reader_seat *seat,
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
        mark_members(&visit, OUTCOME_SKIPPED, 0);
    } else {
        judge(&visit);
    }
    return record_visit(&visit, why);
}

static void send_visit(struct run *run, const struct process *process, struct reader_seat *seat)
{
    const struct job job = {.kind = JOB_VISIT,
                            .pid = process->pid,
                            .pass = run->pass,
                            .start_time_ticks = process->start_time_ticks,
                            .until_ns = run->pass > 2 && run->options->budget_ns
                                            ? run->started_ns + run->options->budget_ns
                                            : 0,
                            .share = run->options->share,
                            .known = process->known,
                            .stuck = process->stuck,
                            .live = run->tree.live};
    if (seat->lane)
        lane_send(seat->lane, &job);
}

/* Readers run ahead as far as their lanes hold; what they read is taken in the order of PIDs. */
bool run_processes(struct run *run, struct failure *why)
{
    static const char *const words[] = {"",
#define PASS_WORD(number, word) word,
                                        BUNDLE_PASSES(PASS_WORD)
#undef PASS_WORD
    };
    struct readers *readers = &run->readers;
    size_t sent = 0;
    for (size_t i = 0; i < run->processes.count; i++) {
        while (sent < run->processes.count && sent < i + (size_t)readers->count * LANE_JOBS &&
               !interrupt_signal()) {
            send_visit(run, &run->processes.at[sent], readers_seat(readers, sent));
            sent++;
        }
        if (i == sent)
            break;
        progress_step(run->progress, words[run->pass], i, run->processes.count);
        if (!take_visit(run, &run->processes.at[i], readers_seat(readers, i), why))
            return false;
    }
    return true;
}

/* What the process holds resident, by its statm: the second number, in pages. */
static bool keep_resident(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    uint64_t *pages = context;
    const char *space = memchr(chunk->bytes, ' ', chunk->length);
    (void)why;
    if (space)
        decimal_read(space + 1, chunk->length - (size_t)(space + 1 - chunk->bytes), pages);
    return true;
}

static bool is_uncovered(enum outcome outcome)
{
    return outcome != OUTCOME_READ && outcome != OUTCOME_EMPTY && outcome != OUTCOME_VANISHED &&
           outcome != OUTCOME_REUSED;
}

static void count_uncovered(struct run *run, uint32_t pid)
{
    char name[48];
    struct text path = TEXT_OVER(name);
    struct fetch_result result;
    uint64_t pages = 0;
    run->summary->uncovered++;
    if (!run->tree.live || run->summary->uncovered > UNCOVERED_ASKED)
        return;
    text_add(&path, "proc/");
    text_decimal(&path, pid);
    text_add(&path, "/statm");
    const struct fetch_request request = {
        .folder = run->tree.root, .name = text_string(&path), .to_the_end = true};
    readers_fetch(&run->readers, &request, keep_resident, &pages, &result, NULL);
    run->summary->uncovered_rss_bytes += pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool run_process_records(struct run *run, struct failure *why)
{
    for (size_t i = 0; i < run->processes.count; i++) {
        const struct process *process = &run->processes.at[i];
        enum outcome outcome = (enum outcome)process->outcome;
        if (process->last_pass < 3) /* interrupted before its detail was read */
            outcome = outcome_worse(outcome, OUTCOME_SKIPPED);
        if (is_uncovered(outcome))
            count_uncovered(run, process->pid);
        if (!journal_process(&run->journal, process->pid, process->start_time_ticks, outcome, why))
            return false;
    }
    return true;
}
