#include "collector/passes/visit.h"

#include "collector/base/clock.h"
#include "collector/base/text.h"
#include "collector/read/reader.h"
#include "collector/sources.h"
#include "schema/bundle_format.h"

#include <errno.h>

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

struct visited_member *visit_add_member(struct visit *visit, const struct source *source,
                                        const char *name, uint32_t thread)
{
    if (visit->count == VISIT_MEMBERS_MOST)
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

void visit_mark_members(struct visit *visit, enum outcome outcome, int error)
{
    for (size_t i = 0; i < source_count; i++) {
        const struct source *source = &sources[i];
        if (!is_read_of_processes(source, visit->run->pass, &visit->run->access))
            continue;
        char name[64];
        for (const char *at = source->names; source_next_name(&at, name, sizeof name);) {
            struct visited_member *member = visit_add_member(visit, source, name, 0);
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
void visit_judge(const struct visit *visit)
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

bool visit_record(struct visit *visit, struct failure *why)
{
    for (unsigned i = 0; i < visit->count; i++) {
        const struct visited_member *member = &visit->members[i];
        if (!run_record(visit->run, member->path, &member->member, why))
            return false;
    }
    return true;
}

void visit_arrive(struct visit *visit, const struct standing *standing)
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

/* Nothing was read when nobody was there, or somebody else. */
void visit_leave(struct visit *visit, const struct standing *standing)
{
    enum outcome outcome = standing->outcome;
    bool read = visit->count > 0;
    visit->standing = outcome;
    visit->over = true;
    if (!read)
        visit_mark_members(visit, outcome, outcome == OUTCOME_REUSED ? 0 : standing->error);
    else
        settle(visit, outcome == OUTCOME_READ ? &standing->identity : &visit->before);
}
