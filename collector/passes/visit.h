/* One process in one pass. It is visited through one open /proc/PID folder, which belongs to
 * one process for ever, even if its PID is given away; and its start time is looked at before
 * and after, so that two processes never share one name in the bundle. */
#pragma once

#include "collector/passes/run.h"
#include "collector/redact/rules.h"

#define VISIT_MEMBERS_MOST 32
#define VISIT_PATH_BYTES   96

struct source;

struct visited_member {
    char path[VISIT_PATH_BYTES];
    struct member member;
    const struct source *source;
    enum redact_kind redact; /* what must happen to it before it leaves the machine */
};

/* Records are written at the end, when it is known who was read. */
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
    struct visited_member members[VISIT_MEMBERS_MOST];
};

/* The next member: NAME of the process, or of its thread if that is not 0. NULL if there are
 * VISIT_MEMBERS_MOST. */
struct visited_member *visit_add_member(struct visit *visit, const struct source *source,
                                        const char *name, uint32_t thread);

/* The members of this pass, all with the same outcome, without a look at them. */
void visit_mark_members(struct visit *visit, enum outcome outcome, int error);

/* Somebody is there: remembers a process that is seen for the first time. */
void visit_arrive(struct visit *visit, const struct standing *standing);

/* The last look: from now on every outcome is final. */
void visit_leave(struct visit *visit, const struct standing *standing);

/* What this visit says about the process as a whole. */
void visit_judge(const struct visit *visit);

/* The members' records. */
bool visit_record(struct visit *visit, struct failure *why);

/* Takes the next visit that the reader of `seat` makes, which is that of `process`, and records
 * it. Not at all, if a signal came before it began. False only if the bundle cannot be
 * written. */
bool take_visit(struct run *run, struct process *process, struct reader_seat *seat,
                struct failure *why);
