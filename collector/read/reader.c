#include "collector/read/reader.h"

#include "collector/base/cleanup.h"
#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/base/text.h"
#include "collector/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define DESCRIPTORS_MOST 1024 /* where the kernel has no close_range() */

struct reader {
    struct lane *lane;
    const struct job *job;
    struct fetcher fetcher;
    struct pages_access *access;
    int root;
    int folder; /* of the process that is visited */
    int stat;   /* its stat: open as long as the folder is */
    struct identity identity;
    unsigned member; /* how many this visit had so far */
};

bool is_read_of_processes(const struct source *source, unsigned pass,
                          const struct pages_access *access)
{
    return source->pass == pass &&
           ((source->kind == SOURCE_PROCESS_PAGES && access->wanted) ||
            source->kind == SOURCE_PROCESS_FILE || source->kind == SOURCE_PROCESS_LINK ||
            source->kind == SOURCE_PROCESS_DESCRIPTORS);
}

bool may_be_held_up(const struct source *source)
{
    return source->cost == COST_MMAP_LOCK || source->cost == COST_MAY_BLOCK ||
           source->kind == SOURCE_PROCESS_LINK;
}

bool holds_nothing(const struct identity *identity, const struct source *source)
{
    return identity_is_bare(identity) && source->cost != COST_CHEAP;
}

static void renew(struct fetcher *fetcher, const char *rest, size_t length)
{
    struct reader *reader = fetcher->context;
    atomic_store(&fetcher->watch->held, 0);
    lane_turn(reader->lane);
    fetcher->buffer = lane_space(reader->lane, &fetcher->capacity);
    memcpy(fetcher->buffer, rest, length);
    atomic_store(&fetcher->watch->held, (uint32_t)length);
}

static bool deliver(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    (void)why;
    lane_put_chunk(context, chunk);
    return true;
}

static void fetch_one(struct reader *reader, const struct fetch_request *request)
{
    struct fetch_result result;
    reader->fetcher = (struct fetcher){
        .renew = renew, .watch = &reader->lane->watch, .access = reader->access, .context = reader};
    reader->fetcher.buffer = lane_space(reader->lane, &reader->fetcher.capacity);
    fetch(&reader->fetcher, request, deliver, reader->lane, &result, NULL);
    atomic_store(&reader->lane->watch.held, 0);
    lane_put(reader->lane, DELIVERY_RESULT, &result, sizeof result);
}

/* What is known without asking: an empty member, or none at all. */
static void deliver_known(struct reader *reader, enum outcome outcome)
{
    const struct fetch_result result = {.outcome = outcome, .start_ns = clock_monotonic_ns()};
    size_t capacity = 0;
    if (outcome == OUTCOME_EMPTY) {
        const struct fetch_chunk chunk = {.bytes = lane_space(reader->lane, &capacity),
                                          .read_at_ns = clock_realtime_ns(),
                                          .last = true};
        lane_put_chunk(reader->lane, &chunk);
    }
    lane_put(reader->lane, DELIVERY_RESULT, &result, sizeof result);
}

static enum fetch_kind kind_of(const struct source *source)
{
    switch (source->kind) {
    case SOURCE_PROCESS_LINK:
        return FETCH_LINK;
    case SOURCE_PROCESS_DESCRIPTORS:
        return FETCH_DESCRIPTORS;
    case SOURCE_PROCESS_PAGES:
        return FETCH_PAGES;
    default:
        return FETCH_FILE;
    }
}

/* What is opened in the folder of the process, or of its thread, for the member NAME. */
static const char *name_to_open(const struct source *source, const char *name)
{
    return source->kind == SOURCE_PROCESS_DESCRIPTORS ? "fd"
           : source->kind == SOURCE_PROCESS_PAGES     ? "."
                                                      : name;
}

static void read_member(struct reader *reader, struct member_place place, const char *name)
{
    const struct source *source = &sources[place.source];
    char relative[96];
    struct text path = TEXT_OVER(relative);
    if (reader->member++ < reader->job->first)
        return;
    lane_put(reader->lane, DELIVERY_MEMBER, &place, sizeof place);
    if (holds_nothing(&reader->identity, source)) {
        deliver_known(reader, OUTCOME_EMPTY);
        return;
    }
    if (reader->job->stuck && may_be_held_up(source)) {
        deliver_known(reader, OUTCOME_TIMED_OUT);
        return;
    }
    if (place.thread) {
        text_add(&path, "task/");
        text_decimal(&path, place.thread);
        text_add(&path, "/");
    }
    text_add(&path, name_to_open(source, name));
    const struct fetch_request request = {
        .folder = reader->folder,
        .name = text_string(&path),
        .kind = kind_of(source),
        .shape = source->shape,
        .check_first = !reader->job->live,
        .until_ns = reader->job->until_ns,
        .share = source->cost == COST_CHEAP ? 0 : reader->job->share,
    };
    fetch_one(reader, &request);
}

static void read_members(struct reader *reader, uint32_t thread)
{
    for (uint32_t i = 0; i < source_count; i++) {
        const struct source *source = &sources[i];
        if (!is_read_of_processes(source, reader->job->pass, reader->access) ||
            (thread && source->kind != SOURCE_PROCESS_FILE && source->kind != SOURCE_PROCESS_PAGES))
            continue;
        char name[64];
        struct member_place place = {i, 0, thread};
        for (const char *at = source->names; source_next_name(&at, name, sizeof name); place.name++)
            read_member(reader, place, name);
    }
}

/* Is the open folder that of the process which the job means? The stat that was opened in it
 * tells: like the folder it never becomes that of another process. */
static struct standing look(const struct reader *reader)
{
    struct standing standing = {0};
    standing.outcome = identity_read(reader->stat, &standing.identity, &standing.error);
    if (standing.outcome == OUTCOME_READ && reader->job->known &&
        standing.identity.start_time_ticks != reader->job->start_time_ticks)
        standing.outcome = OUTCOME_REUSED;
    return standing;
}

/* Opens /proc/PID and looks who it is. */
static struct standing arrive(struct reader *reader)
{
    char name[32];
    struct text path = TEXT_OVER(name);
    text_add(&path, "proc/");
    text_decimal(&path, reader->job->pid);
    reader->folder =
        openat(reader->root, text_string(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct standing standing = {.outcome = outcome_from_errno(errno), .error = errno};
    if (reader->folder >= 0)
        reader->stat = identity_open(reader->folder, &standing.outcome, &standing.error);
    if (reader->stat >= 0)
        standing = look(reader);
    if (standing.outcome == OUTCOME_ABSENT)
        standing.outcome = OUTCOME_VANISHED;
    return standing;
}

static void visit(struct reader *reader)
{
    uint64_t until_ns = reader->job->until_ns;
    if (interrupt_signal() || (until_ns && clock_monotonic_ns() >= until_ns)) {
        lane_put(reader->lane, DELIVERY_UNBEGUN, NULL, 0);
        return;
    }
    struct standing standing = arrive(reader);
    AUTO_CLOSE int folder = reader->folder;
    reader->identity = standing.identity;
    lane_put(reader->lane, DELIVERY_ARRIVED, &standing, sizeof standing);
    if (folder >= 0 && standing.outcome != OUTCOME_VANISHED && standing.outcome != OUTCOME_REUSED) {
        read_members(reader, 0);
        uint32_t thread =
            standing.outcome == OUTCOME_READ && identity_is_dead_leader(&standing.identity)
                ? living_thread(folder, reader->job->pid)
                : 0;
        if (thread)
            read_members(reader, thread);
        if (standing.outcome == OUTCOME_READ)
            standing = look(reader);
    }
    if (reader->stat >= 0)
        close(reader->stat);
    lane_put(reader->lane, DELIVERY_LEFT, &standing, sizeof standing);
}

static void close_others(int root)
{
    unsigned kept = (unsigned)root;
#ifdef SYS_close_range
    if ((kept == 0 || syscall(SYS_close_range, 0u, kept - 1, 0u) == 0) &&
        syscall(SYS_close_range, kept + 1, ~0u, 0u) == 0)
        return;
#endif
    for (int i = 0; i < DESCRIPTORS_MOST; i++)
        if (i != root)
            close(i);
}

/* Signals of the terminal are for the program, which tells its readers. */
static void become_reader(int root, int parent)
{
    static const int for_the_program[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof for_the_program / sizeof for_the_program[0]; i++)
        signal(for_the_program[i], SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    close_others(root);
}

_Noreturn void reader_run(struct lane *lane, struct pages_access *access, int root, int parent)
{
    struct reader reader = {.lane = lane, .access = access, .root = root};
    become_reader(root, parent);
    for (;;) {
        reader.job = lane_job(lane);
        reader.member = 0;
        reader.folder = reader.stat = -1;
        if (reader.job->kind == JOB_FETCH)
            fetch_one(&reader, &reader.job->request);
        else
            visit(&reader);
        lane_job_done(lane);
    }
}
