#include "collector/read/readers.h"

#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/read/reader.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS UINT64_C(100000000) /* how often a reader that is waited for is looked at */
#define DOZE_NS 1000000L            /* between two looks whether one has died */

static bool start_reader(struct readers *readers, struct reader_seat *seat)
{
    pid_t parent = getpid();
    if (!seat->lane)
        seat->lane = lane_map();
    if (!seat->lane) {
        errno = ENOMEM;
        return false;
    }
    pid_t child = fork();
    if (child == 0)
        reader_run(seat->lane, readers->access, readers->root, parent);
    seat->ending = OUTCOME_SKIPPED;
    seat->pid = child < 0 ? 0 : child;
    seat->beat_ns = clock_monotonic_ns();
    return child > 0;
}

static unsigned usual_count(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > READERS_MOST ? READERS_MOST : (unsigned)online;
}

bool readers_init(struct readers *readers, int root, struct pages_access *access, unsigned count,
                  uint64_t timeout_ns, struct failure *why)
{
    *readers = (struct readers){.count = count ? count : usual_count(),
                                .root = root,
                                .access = access,
                                .timeout_ns = timeout_ns};
    void *shared =
        mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot share memory: %s", strerror(errno));
    readers->stop = shared;
    interrupt_tells(readers->stop);
    signal(SIGCHLD, SIG_DFL); /* ignored, as some parents leave it, nobody could be waited for */
    for (unsigned i = 0; i < readers->count; i++) {
        if (start_reader(readers, &readers->seats[i]))
            continue;
        if (i == 0)
            return failure_set(why, FAILURE_SYSTEM, 0, "cannot start a reader process: %s",
                               strerror(errno));
        readers->count = i;
    }
    return true;
}

/* True if it is dead and reaped within the time. */
static bool dies(pid_t pid, uint64_t most_ns)
{
    static const struct timespec doze = {.tv_nsec = DOZE_NS};
    uint64_t end_ns = clock_monotonic_ns() + most_ns;
    for (;;) {
        pid_t reaped = waitpid(pid, NULL, WNOHANG);
        if (reaped == pid || (reaped < 0 && errno != EINTR))
            return true;
        if (clock_monotonic_ns() >= end_ns)
            return false;
        nanosleep(&doze, NULL);
    }
}

void readers_deinit(struct readers *readers)
{
    for (unsigned i = 0; i <= READERS_MOST; i++)
        if (readers->seats[i].pid)
            kill(readers->seats[i].pid, SIGKILL);
    uint64_t end_ns = clock_monotonic_ns() + READER_DEATH_NS;
    for (unsigned i = 0; i <= READERS_MOST; i++) {
        uint64_t now_ns = clock_monotonic_ns();
        if (readers->seats[i].pid)
            dies(readers->seats[i].pid, end_ns > now_ns ? end_ns - now_ns : 0);
        lane_unmap(readers->seats[i].lane);
    }
    if (readers->stop) {
        interrupt_tells(NULL);
        munmap((void *)(uintptr_t)readers->stop, sizeof(int));
    }
    *readers = (struct readers){0};
}

void readers_rested(struct readers *readers)
{
    uint64_t now_ns = clock_monotonic_ns();
    for (unsigned i = 0; i <= READERS_MOST; i++)
        readers->seats[i].beat_ns = now_ns;
}

struct reader_seat *readers_seat(struct readers *readers, size_t number)
{
    return &readers->seats[number % readers->count];
}

/* When did it last get on? A reader without a job, or that waits for us, is not late. */
static void look_at(struct reader_seat *seat, uint64_t now_ns)
{
    uint32_t beats = atomic_load(&seat->lane->watch.beats);
    if (beats == seat->beats && atomic_load(&seat->lane->busy))
        return;
    seat->beats = beats;
    seat->beat_ns = now_ns;
}

static void look_at_others(struct readers *readers, const struct reader_seat *seat, uint64_t now_ns)
{
    for (unsigned i = 0; i < readers->count; i++)
        if (&readers->seats[i] != seat && readers->seats[i].pid)
            look_at(&readers->seats[i], now_ns);
}

/* Ends a reader that is late. */
static void stop_reader(struct readers *readers, struct reader_seat *seat)
{
    place_read(&readers->place, seat->pid);
    kill(seat->pid, SIGKILL);
    bool dead = dies(seat->pid, READER_DEATH_NS);
    seat->pid = 0;
    seat->ending = dead ? OUTCOME_TIMED_OUT : OUTCOME_ABANDONED;
    readers->abandoned += !dead;
}

/* Has it died by itself (out of memory, somebody's kill)? */
static bool has_died(struct reader_seat *seat)
{
    if (waitpid(seat->pid, NULL, WNOHANG) != seat->pid)
        return false;
    seat->pid = 0;
    seat->ending = OUTCOME_FAILED;
    return true;
}

/* Nothing came: sleeps until something does, or ends a reader that is late. */
static void wait_for(struct readers *readers, struct reader_seat *seat, uint32_t news,
                     uint64_t *since_ns)
{
    uint64_t now_ns = clock_monotonic_ns();
    uint32_t beats = atomic_load(&seat->lane->watch.beats);
    if (beats != seat->beats)
        *since_ns = now_ns;
    else if (*since_ns == 0)
        *since_ns = atomic_load(&seat->lane->busy) ? seat->beat_ns : now_ns;
    seat->beats = beats;
    seat->beat_ns = *since_ns;
    look_at_others(readers, seat, now_ns);
    uint64_t late_ns = now_ns - *since_ns;
    if (late_ns >= readers->timeout_ns * READER_PATIENCE ||
        (late_ns >= readers->timeout_ns && place_state(seat->pid) != 'R')) {
        stop_reader(readers, seat);
        return;
    }
    uint64_t left_ns = late_ns < readers->timeout_ns ? readers->timeout_ns - late_ns : LOOK_NS;
    lane_sleep(seat->lane, news, left_ns < LOOK_NS ? left_ns : LOOK_NS);
    if (atomic_load(&seat->lane->news) == news)
        has_died(seat);
}

const struct delivery *readers_await(struct readers *readers, struct reader_seat *seat)
{
    uint64_t since_ns = 0;
    while (seat->lane) {
        uint32_t news = atomic_load(&seat->lane->news);
        bool over = seat->pid == 0; /* asked before looking: nothing is overlooked */
        const struct delivery *delivery = lane_take(seat->lane, &seat->taken);
        if (delivery || over)
            return delivery;
        wait_for(readers, seat, news, &since_ns);
    }
    return NULL;
}

void readers_replace(struct readers *readers, struct reader_seat *seat)
{
    if (seat->pid || !seat->lane)
        return;
    if (seat->ending == OUTCOME_ABANDONED) {
        struct lane *fresh = lane_map();
        if (fresh)
            lane_inherit(fresh, seat->lane);
        lane_unmap(seat->lane);
        seat->lane = fresh;
    }
    seat->taken = 0;
    seat->ending = OUTCOME_SKIPPED;
    if (!seat->lane)
        return;
    lane_rewind(seat->lane, seat->done);
    if (readers->abandoned <= READERS_MOST_ABANDONED)
        start_reader(readers, seat);
}

/* A reader that has nothing to do; else the one that is kept for this. */
static struct reader_seat *idle_seat(struct readers *readers)
{
    struct reader_seat *seat = &readers->seats[0];
    if (seat->pid && atomic_load(&seat->lane->jobs_sent) == seat->done)
        return seat;
    seat = &readers->seats[READERS_MOST];
    if (!seat->pid && readers->abandoned <= READERS_MOST_ABANDONED)
        start_reader(readers, seat);
    return seat;
}

/* What came before the reader stopped getting on. */
static bool take_held(struct reader_seat *seat, fetch_sink *sink, void *context,
                      struct fetch_result *result, struct failure *why)
{
    struct fetch_chunk chunk = {.read_at_ns = clock_realtime_ns(), .last = true, .torn = true};
    chunk.length = lane_held(seat->lane, &chunk.bytes);
    result->bytes += chunk.length;
    return sink(context, &chunk, why);
}

bool readers_take_late(struct reader_seat *seat, fetch_sink *sink, void *context,
                       struct fetch_result *result, struct failure *why)
{
    result->outcome = seat->ending;
    result->error = seat->ending == OUTCOME_FAILED ? EIO : 0;
    result->duration_ns = clock_monotonic_ns() - result->start_ns;
    return !seat->lane || take_held(seat, sink, context, result, why);
}

/* Takes what the reader delivers for one request; *over when it is the result. */
static bool take_delivery(const struct delivery *delivery, fetch_sink *sink, void *context,
                          struct fetch_result *result, bool *over, struct failure *why)
{
    const char *bytes = (const char *)(delivery + 1);
    *over = delivery->kind == DELIVERY_RESULT;
    if (*over) {
        memcpy(result, bytes, sizeof *result);
        return true;
    }
    const struct fetch_chunk chunk = {.bytes = bytes,
                                      .length = delivery->length,
                                      .read_at_ns = delivery->read_at_ns,
                                      .last = delivery->last};
    result->bytes += chunk.length;
    return sink(context, &chunk, why);
}

bool readers_fetch(struct readers *readers, const struct fetch_request *request, fetch_sink *sink,
                   void *context, struct fetch_result *result, struct failure *why)
{
    struct reader_seat *seat = idle_seat(readers);
    const struct job job = {.kind = JOB_FETCH, .request = *request};
    *result = (struct fetch_result){.start_ns = clock_monotonic_ns(), .outcome = OUTCOME_SKIPPED};
    if (!seat->pid)
        return true;
    lane_send(seat->lane, &job);
    bool over = false;
    for (unsigned tries = 0; !over;) {
        const struct delivery *delivery = readers_await(readers, seat);
        if (delivery) {
            if (!take_delivery(delivery, sink, context, result, &over, why))
                return false;
            continue;
        }
        bool begun = !seat->lane || atomic_load(&seat->lane->busy) || result->bytes || tries++;
        if (begun && !readers_take_late(seat, sink, context, result, why))
            return false;
        over = begun; /* else it stopped before it began: once more */
        seat->done += begun;
        readers_replace(readers, seat);
        if (over)
            return true;
    }
    seat->done++;
    return true;
}
