/* The program's readers: forked processes that open and read, each with a lane. Whatever they
 * hang in, the program goes on: one that does not get on is killed and replaced, and one that
 * cannot be killed is left behind. Nothing here waits without a limit. */
#pragma once

#include "collector/read/lane.h"
#include "collector/read/pages_access.h"
#include "collector/read/place.h"

#include <sys/types.h>

#define READERS_MOST           8
#define READERS_MOST_ABANDONED 16 /* so many are replaced; then the rest must do */

/* A killed process is gone within this time, or it hangs in the kernel. */
#define READER_DEATH_NS UINT64_C(200000000)

/* A reader that is at work in the kernel (the page tables of a terabyte take it seconds) gets
 * so many times the deadline; one that sleeps or was stopped does not. */
#define READER_PATIENCE 10

/* One reader as the program sees it. The last one is for single requests while others visit. */
struct reader_seat {
    struct lane *lane;
    pid_t pid;           /* 0: there is none now */
    uint32_t taken;      /* of the present buffer */
    uint32_t done;       /* jobs whose last delivery was taken */
    uint32_t beats;      /* of the watch, when last looked at */
    uint64_t beat_ns;    /* when they had moved on */
    enum outcome ending; /* how its reader ended: TIMED_OUT, ABANDONED, or FAILED when it died by
                            itself; SKIPPED when nobody took its place                       */
};

struct readers {
    struct reader_seat seats[READERS_MOST + 1];
    unsigned count; /* for visits; the seat behind them is the one for single requests */
    int root;
    struct pages_access *access; /* borrowed */
    uint64_t timeout_ns;
    unsigned abandoned;
    struct place place; /* where the last one was that was late, before it was killed */
    volatile int *stop; /* shared with all: the signal that asked to stop */
};

/* Starts them, early: a reader holds what the program held when it was forked. `count` 0: as
 * many as there are processors online. `access` is what they inherit, and lives as long. */
bool readers_init(struct readers *readers, int root, struct pages_access *access, unsigned count,
                  uint64_t timeout_ns, struct failure *why);

/* After a pause in which nothing was asked of them: none is late for it. */
void readers_rested(struct readers *readers);

/* Kills all that are left. Never waits for one that does not die. */
void readers_deinit(struct readers *readers);

/* Fetches what the request names, as fetch() does, by a reader. A request that makes no
 * progress ends as OUTCOME_TIMED_OUT or OUTCOME_ABANDONED, with what had been read. */
bool readers_fetch(struct readers *readers, const struct fetch_request *request, fetch_sink *sink,
                   void *context, struct fetch_result *result, struct failure *why);

/* The reader for visits that is to have job number `number`: the same order at every run. */
struct reader_seat *readers_seat(struct readers *readers, size_t number);

/* The next delivery of a reader, waiting for it while the reader gets on. NULL: it does not,
 * and is dead or left behind; seat->ending says which. */
const struct delivery *readers_await(struct readers *readers, struct reader_seat *seat);

/* After that: the outcome of what it was reading, and what it had read of it. */
bool readers_take_late(struct reader_seat *seat, fetch_sink *sink, void *context,
                       struct fetch_result *result, struct failure *why);

/* Then: another reader takes the seat and goes on with the job `jobs[done]`, which the caller
 * may have changed. Once too many could not be killed the seat stays empty. */
void readers_replace(struct readers *readers, struct reader_seat *seat);
