/* Passes 1 to 4 over the processes. Each is visited through one open /proc/PID folder, which
 * belongs to one process for ever, even if its PID is given away; and its start time is looked
 * at before and after, so that two processes never share one name in the bundle. */
#include "collector/passes/run.h"

#include "collector/base/cleanup.h"
#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/sources.h"
#include "schema/bundle_format.h"

#include <errno.h>
#include <fcntl.h>

#define MEMBERS_MOST 32
#define PATH_BYTES   96

struct visited_member {
    char path[PATH_BYTES];
    struct member member;
    const struct source *source;
};

/* One process in one pass. Records are written at the end, when it is known who was read. */
struct visit {
    struct run *run;
    struct process *process;
    int folder;
    struct identity before;
    enum outcome standing; /* READ: it is the process we know; else what became of it */
    unsigned count;
    struct visited_member members[MEMBERS_MOST];
};

static bool is_read_in(const struct source *source, unsigned pass)
{
    return source->pass == pass &&
           (source->kind == SOURCE_PROCESS_FILE || source->kind == SOURCE_PROCESS_LINK);
}

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

/* Kernel threads and the dead have no memory and no program: known without asking. */
static bool holds_nothing(const struct visit *visit, const struct source *source)
{
    return identity_is_bare(&visit->before) && source->cost != COST_CHEAP;
}

static bool read_member(struct visit *visit, const struct source *source, const char *name,
                        uint32_t thread, struct failure *why)
{
    struct visited_member *member = next_member(visit, source, name, thread);
    if (!member)
        return true;
    if (holds_nothing(visit, source))
        return run_archive_bytes(visit->run, member->path, "", 0, &member->member, why);
    char relative[PATH_BYTES];
    struct text path = TEXT_OVER(relative);
    if (thread) {
        text_add(&path, "task/");
        text_decimal(&path, thread);
        text_add(&path, "/");
    }
    text_add(&path, name);
    const struct fetch_request request = {
        .folder = visit->folder,
        .name = text_string(&path),
        .kind = source->kind == SOURCE_PROCESS_LINK ? FETCH_LINK : FETCH_FILE,
        .shape = source->shape,
        .check_first = !visit->run->tree.live,
    };
    return run_archive(visit->run, &request, member->path, &member->member, why);
}

static bool read_members(struct visit *visit, uint32_t thread, struct failure *why)
{
    for (size_t i = 0; i < source_count; i++) {
        const struct source *source = &sources[i];
        if (!is_read_in(source, visit->run->pass) ||
            (thread && source->kind != SOURCE_PROCESS_FILE))
            continue;
        char name[64];
        for (const char *at = source->names; source_next_name(&at, name, sizeof name);)
            if (!read_member(visit, source, name, thread, why))
                return false;
    }
    return true;
}

/* The members of this pass, all with the same outcome, without a look at them. */
static void mark_members(struct visit *visit, enum outcome outcome, int error)
{
    for (size_t i = 0; i < source_count; i++) {
        const struct source *source = &sources[i];
        if (!is_read_in(source, visit->run->pass))
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

/* Is the open folder that of the process which the table knows? */
static enum outcome standing_now(const struct visit *visit, struct identity *identity, int *error)
{
    enum outcome outcome = identity_read(visit->folder, identity, error);
    if (outcome == OUTCOME_READ && visit->process->known &&
        identity->start_time_ticks != visit->process->start_time_ticks)
        return OUTCOME_REUSED;
    return outcome;
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

/* The second look; then every outcome is final. */
static void settle(struct visit *visit)
{
    struct identity after = visit->before;
    int error = 0;
    if (visit->standing == OUTCOME_READ)
        visit->standing = standing_now(visit, &after, &error);
    bool bare = identity_is_bare(&visit->before);
    bool ended = !bare && identity_is_bare(&after);
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

/* Opens /proc/PID, looks who it is, and remembers a process that is seen for the first time. */
static void arrive(struct visit *visit)
{
    char name[32];
    struct text path = TEXT_OVER(name);
    text_add(&path, "proc/");
    text_decimal(&path, visit->process->pid);
    visit->folder = openat(visit->run->tree.root, text_string(&path),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int error = errno;
    if (visit->folder < 0)
        visit->standing = outcome_from_errno(error);
    else
        visit->standing = standing_now(visit, &visit->before, &error);
    if (visit->standing == OUTCOME_ABSENT)
        visit->standing = OUTCOME_VANISHED;
    if (visit->standing == OUTCOME_READ && !visit->process->known) {
        visit->process->start_time_ticks = visit->before.start_time_ticks;
        visit->process->known = true;
    }
    if (visit->standing == OUTCOME_VANISHED || visit->standing == OUTCOME_REUSED ||
        visit->folder < 0)
        mark_members(visit, visit->standing, visit->standing == OUTCOME_REUSED ? 0 : error);
}

static bool visit_process(struct run *run, struct process *process, struct failure *why)
{
    struct visit visit = {.run = run, .process = process, .folder = -1};
    arrive(&visit);
    AUTO_CLOSE int folder = visit.folder;
    if (visit.count == 0) {
        if (!read_members(&visit, 0, why))
            return false;
        uint32_t thread = visit.standing == OUTCOME_READ && identity_is_dead_leader(&visit.before)
                              ? living_thread(folder, process->pid)
                              : 0;
        if (thread && !read_members(&visit, thread, why))
            return false;
        settle(&visit);
    }
    judge(&visit);
    return record_visit(&visit, why);
}

bool run_processes(struct run *run, struct failure *why)
{
    static const char *const words[] = {"",
#define PASS_WORD(number, word) word,
                                        BUNDLE_PASSES(PASS_WORD)
#undef PASS_WORD
    };
    for (size_t i = 0; i < run->processes.count && !interrupt_signal(); i++) {
        progress_step(run->progress, words[run->pass], i, run->processes.count);
        if (!visit_process(run, &run->processes.at[i], why))
            return false;
    }
    return true;
}

bool run_process_records(struct run *run, struct failure *why)
{
    for (size_t i = 0; i < run->processes.count; i++) {
        const struct process *process = &run->processes.at[i];
        enum outcome outcome = (enum outcome)process->outcome;
        if (process->last_pass < 3) /* interrupted before its detail was read */
            outcome = outcome_worse(outcome, OUTCOME_SKIPPED);
        if (!journal_process(&run->journal, process->pid, process->start_time_ticks, outcome, why))
            return false;
    }
    return true;
}
