/* The memory that the program shares with one of its readers: jobs in one direction, what was
 * read in the other. Made before the reader is forked; neither side allocates anything later.
 *
 * What is read goes through two buffers in turns. The reader reads straight into one of them
 * and puts a struct delivery before each piece; the program takes deliveries as soon as they
 * are counted in `used`, and hands a buffer back when it was sealed and all of it is taken. */
#pragma once

#include "collector/read/fetch.h"
#include "collector/read/process.h"

#include <limits.h>
#include <stdatomic.h>

#define LANE_JOBS      16 /* a reader may be so many processes ahead */
#define LANE_BUFFERS   2
#define DELIVERY_ALIGN 8

enum job_kind {
    JOB_FETCH, /* one request; its name is in the lane */
    JOB_VISIT  /* all that one pass reads of one process */
};

struct job {
    enum job_kind kind;
    struct fetch_request request; /* JOB_FETCH */
    uint32_t pid;                 /* JOB_VISIT, and what follows */
    unsigned pass;
    uint64_t start_time_ticks;
    uint64_t until_ns; /* the visit begins, and reads, only before this; 0 always */
    unsigned share;    /* percent of the time that its locks may be taken; 0 all   */
    bool known;        /* start_time_ticks is */
    bool stuck;        /* it held a reader up before: nothing that may block is tried */
    bool live;         /* of the running kernel, not a copy */
    unsigned first;    /* the member to begin with: those before it were delivered by another */
};

enum delivery_kind {
    DELIVERY_ARRIVED, /* struct standing: who is in the folder           */
    DELIVERY_MEMBER,  /* struct member_place: what is read next          */
    DELIVERY_CHUNK,   /* bytes of it                                     */
    DELIVERY_RESULT,  /* struct fetch_result                             */
    DELIVERY_LEFT,    /* struct standing, after the last member          */
    DELIVERY_UNBEGUN  /* a signal or the end of the time came before     */
};

struct delivery {
    uint32_t kind;
    uint32_t length;                                              /* of what follows it */
    uint64_t read_at_ns __attribute__((aligned(DELIVERY_ALIGN))); /* 4 on i686 otherwise */
    bool last;
};
_Static_assert(sizeof(struct delivery) % DELIVERY_ALIGN == 0, "what follows must be aligned");

struct standing {
    enum outcome outcome;
    int error;
    struct identity identity;
};

struct member_place {
    uint32_t source; /* row of sources[] */
    uint32_t name;   /* which of its names */
    uint32_t thread; /* of proc/PID/task, 0 none */
};

/* Whole buffer for one chunk, and room for the small deliveries around it. */
#define LANE_BUFFER_BYTES (FETCH_BUFFER_BYTES + 4096)

struct lane {
    struct job jobs[LANE_JOBS];
    char name[PATH_MAX];          /* of the one JOB_FETCH that is under way */
    char pattern[NAME_MAX + 1];   /* of it, too */
    struct fetch_watch watch;     /* written by the reader as it gets on */
    _Atomic uint32_t busy;        /* the reader is in a job, and not waiting for room */
    _Atomic uint32_t jobs_sent;   /* written by the program */
    _Atomic uint32_t jobs_done;   /* written by the reader */
    _Atomic uint32_t sealed;      /* buffers so far, written by the reader */
    _Atomic uint32_t handed_back; /* buffers so far, written by the program */
    _Atomic uint32_t used[LANE_BUFFERS];
    _Atomic uint32_t news, program_waits; /* for the program to sleep on */
    _Atomic uint32_t calls, reader_waits; /* for the reader to sleep on */
    char buffers[LANE_BUFFERS][LANE_BUFFER_BYTES] __attribute__((aligned(4096)));
};

/* NULL if there is no memory. */
struct lane *lane_map(void);
void lane_unmap(struct lane *lane);

/* ------------------------------------------------------------ the program's side */

/* The next delivery from *taken on, NULL if there is none yet. It and its bytes are valid
 * until the next call. `taken` is how far the present buffer was taken, 0 at first. */
const struct delivery *lane_take(struct lane *lane, uint32_t *taken);

/* What the reader held when it stopped getting on: bytes that are no delivery yet. */
size_t lane_held(struct lane *lane, const char **bytes);

bool lane_has_room(struct lane *lane);
void lane_send(struct lane *lane, const struct job *job);

/* Sleeps until there are news or the time is over. `news` was read before looking. */
void lane_sleep(struct lane *lane, uint32_t news, uint64_t most_ns);

/* Nobody writes any more and all was taken: as at first, but for the jobs after `done`. */
void lane_rewind(struct lane *lane, uint32_t done);

/* A lane for another reader, with the jobs of `old`, whose reader could not be killed. */
void lane_inherit(struct lane *fresh, const struct lane *old);

/* ------------------------------------------------------------- the reader's side */

/* Sleeps until there is a job. */
const struct job *lane_job(struct lane *lane);
void lane_job_done(struct lane *lane);

/* One small delivery. */
void lane_put(struct lane *lane, enum delivery_kind kind, const void *bytes, size_t length);

/* Where the next chunk is to be read to, and how much fits. */
char *lane_space(struct lane *lane, size_t *capacity);

/* The chunk that was read to lane_space(). */
void lane_put_chunk(struct lane *lane, const struct fetch_chunk *chunk);

/* Seals the buffer and waits for the other one. */
void lane_turn(struct lane *lane);
