#include "collector/read/lane.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/futex.h, which musl's compiler does not see */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

/* A delivery, and what it may need to stand on an aligned place. */
#define SMALL_ROOM ((uint32_t)1024)

static uint32_t aligned(size_t length)
{
    return (uint32_t)((length + DELIVERY_ALIGN - 1) & ~(size_t)(DELIVERY_ALIGN - 1));
}

struct lane *lane_map(void)
{
    void *memory =
        mmap(NULL, sizeof(struct lane), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* A reader that was left behind still maps it: its pages are given back at least. */
void lane_unmap(struct lane *lane)
{
    if (!lane)
        return;
    madvise(lane, sizeof *lane, MADV_REMOVE);
    munmap(lane, sizeof *lane);
}

/* The kernel's old timespec is two longs on every architecture. */
static void sleep_on(_Atomic uint32_t *word, uint32_t value, const long time[2])
{
    syscall(SYS_futex, word, FUTEX_WAIT, value, time, NULL, 0);
}

static void wake(_Atomic uint32_t *word, _Atomic uint32_t *waits)
{
    atomic_fetch_add(word, 1);
    if (atomic_load(waits))
        syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* ------------------------------------------------------------ the program's side */

const struct delivery *lane_take(struct lane *lane, uint32_t *taken)
{
    for (;;) {
        uint32_t back = atomic_load(&lane->handed_back);
        bool sealed = atomic_load(&lane->sealed) != back; /* asked before `used`: no loss */
        uint32_t which = back % LANE_BUFFERS;
        if (*taken < atomic_load(&lane->used[which])) {
            const struct delivery *delivery =
                (const struct delivery *)(const void *)(lane->buffers[which] + *taken);
            *taken += (uint32_t)sizeof *delivery + aligned(delivery->length);
            return delivery;
        }
        if (!sealed)
            return NULL;
        *taken = 0;
        atomic_store(&lane->used[which], 0);
        atomic_store(&lane->handed_back, back + 1);
        wake(&lane->calls, &lane->reader_waits);
    }
}

size_t lane_held(struct lane *lane, const char **bytes)
{
    uint32_t which = atomic_load(&lane->sealed) % LANE_BUFFERS;
    size_t start = atomic_load(&lane->used[which]) + sizeof(struct delivery);
    size_t held = atomic_load(&lane->watch.held);
    *bytes = lane->buffers[which] + start;
    return start + held <= LANE_BUFFER_BYTES ? held : 0;
}

bool lane_has_room(struct lane *lane)
{
    return atomic_load(&lane->jobs_sent) - atomic_load(&lane->jobs_done) < LANE_JOBS;
}

/* A string that the reader can see, too. */
static const char *copied(char *to, size_t capacity, const char *from)
{
    size_t length = from ? strlen(from) : 0;
    if (length >= capacity)
        length = capacity - 1;
    if (length)
        memcpy(to, from, length);
    to[length] = '\0';
    return to;
}

void lane_send(struct lane *lane, const struct job *job)
{
    uint32_t sent = atomic_load(&lane->jobs_sent);
    struct job *place = &lane->jobs[sent % LANE_JOBS];
    *place = *job;
    if (job->kind == JOB_FETCH) {
        place->request.name = copied(lane->name, sizeof lane->name, job->request.name);
        place->request.pattern = copied(lane->pattern, sizeof lane->pattern, job->request.pattern);
    }
    atomic_store(&lane->jobs_sent, sent + 1);
    wake(&lane->calls, &lane->reader_waits);
}

void lane_sleep(struct lane *lane, uint32_t news, uint64_t most_ns)
{
    const long time[2] = {(long)(most_ns / 1000000000u), (long)(most_ns % 1000000000u)};
    atomic_store(&lane->program_waits, 1);
    sleep_on(&lane->news, news, time);
    atomic_store(&lane->program_waits, 0);
}

void lane_rewind(struct lane *lane, uint32_t done)
{
    atomic_store(&lane->jobs_done, done);
    atomic_store(&lane->sealed, 0);
    atomic_store(&lane->handed_back, 0);
    for (unsigned i = 0; i < LANE_BUFFERS; i++)
        atomic_store(&lane->used[i], 0);
    atomic_store(&lane->watch.held, 0);
    atomic_store(&lane->busy, 0);
    atomic_store(&lane->reader_waits, 0);
}

void lane_inherit(struct lane *fresh, const struct lane *old)
{
    memcpy(fresh->jobs, old->jobs, sizeof fresh->jobs);
    memcpy(fresh->name, old->name, sizeof fresh->name);
    memcpy(fresh->pattern, old->pattern, sizeof fresh->pattern);
    for (unsigned i = 0; i < LANE_JOBS; i++) {
        fresh->jobs[i].request.name = fresh->name;
        fresh->jobs[i].request.pattern = fresh->pattern;
    }
    atomic_store(&fresh->jobs_sent, atomic_load(&old->jobs_sent));
}

/* ------------------------------------------------------------- the reader's side */

static unsigned present(struct lane *lane)
{
    return atomic_load(&lane->sealed) % LANE_BUFFERS;
}

/* Sleeps until `calls` moves on from `before`; the waker may have been faster. */
static void await_call(struct lane *lane, uint32_t before)
{
    sleep_on(&lane->calls, before, NULL);
}

const struct job *lane_job(struct lane *lane)
{
    uint32_t done = atomic_load(&lane->jobs_done);
    atomic_store(&lane->reader_waits, 1);
    for (;;) {
        uint32_t calls = atomic_load(&lane->calls);
        if (atomic_load(&lane->jobs_sent) != done)
            break;
        await_call(lane, calls);
    }
    atomic_store(&lane->reader_waits, 0);
    atomic_fetch_add(&lane->watch.beats, 1);
    atomic_store(&lane->busy, 1);
    return &lane->jobs[done % LANE_JOBS];
}

void lane_job_done(struct lane *lane)
{
    atomic_store(&lane->busy, 0);
    atomic_fetch_add(&lane->jobs_done, 1);
    wake(&lane->news, &lane->program_waits);
}

void lane_turn(struct lane *lane)
{
    uint32_t sealed = atomic_fetch_add(&lane->sealed, 1) + 1;
    wake(&lane->news, &lane->program_waits);
    atomic_store(&lane->busy, 0);
    atomic_store(&lane->reader_waits, 1);
    for (;;) {
        uint32_t calls = atomic_load(&lane->calls);
        if (sealed - atomic_load(&lane->handed_back) < LANE_BUFFERS)
            break;
        await_call(lane, calls);
    }
    atomic_store(&lane->reader_waits, 0);
    atomic_fetch_add(&lane->watch.beats, 1);
    atomic_store(&lane->busy, 1);
}

/* Writes the head and counts it in. */
static void commit(struct lane *lane, const struct delivery *head)
{
    unsigned which = present(lane);
    uint32_t used = atomic_load(&lane->used[which]);
    memcpy(lane->buffers[which] + used, head, sizeof *head);
    atomic_store(&lane->used[which], used + (uint32_t)sizeof *head + aligned(head->length));
}

void lane_put(struct lane *lane, enum delivery_kind kind, const void *bytes, size_t length)
{
    const struct delivery head = {.kind = kind, .length = (uint32_t)length};
    size_t capacity = 0;
    char *space = lane_space(lane, &capacity);
    if (length)
        memcpy(space, bytes, length);
    commit(lane, &head);
}

char *lane_space(struct lane *lane, size_t *capacity)
{
    if (atomic_load(&lane->used[present(lane)]) + SMALL_ROOM > LANE_BUFFER_BYTES)
        lane_turn(lane);
    unsigned which = present(lane);
    uint32_t used = atomic_load(&lane->used[which]);
    size_t start = used + sizeof(struct delivery);
    size_t left = LANE_BUFFER_BYTES - start;
    *capacity = left < FETCH_BUFFER_BYTES ? left : FETCH_BUFFER_BYTES;
    return lane->buffers[which] + start;
}

void lane_put_chunk(struct lane *lane, const struct fetch_chunk *chunk)
{
    const struct delivery head = {DELIVERY_CHUNK, (uint32_t)chunk->length, chunk->read_at_ns,
                                  chunk->last};
    commit(lane, &head);
    atomic_store(&lane->watch.held, 0);
}
