#include "collector/read/fetch.h"

#include "collector/base/cleanup.h"
#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/read/fetching.h"
#include "collector/read/name_list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#define PAUSE_STEP_NS UINT64_C(100000000)

enum outcome outcome_from_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
    case ENOSYS:
    case EOPNOTSUPP: /* /proc/pressure with PSI off */
        return OUTCOME_ABSENT;
    case EACCES:
    case EPERM:
        return OUTCOME_REFUSED;
    case ESRCH:
        return OUTCOME_VANISHED;
    case ETIMEDOUT:
        return OUTCOME_TIMED_OUT;
    default:
        return OUTCOME_FAILED;
    }
}

void fetching_finish(struct fetch_result *result, enum outcome outcome, int error)
{
    result->outcome = outcome;
    result->error = error;
    result->duration_ns = clock_monotonic_ns() - result->start_ns;
}

bool fetching_emit(struct fetching *p, size_t length, bool last, struct failure *why)
{
    const struct fetch_chunk chunk = {.bytes = p->fetcher->buffer,
                                      .length = length,
                                      .read_at_ns = clock_realtime_ns(),
                                      .last = last};
    if (p->request->shape == RECORDS_MAPPINGS)
        mapping_count(&p->counter, chunk.bytes, chunk.length);
    p->result->bytes += length;
    p->result->mappings = p->counter.mappings;
    return p->sink(p->context, &chunk, why);
}

/* Opens a regular file, or returns -1 with the result filled in. */
static int open_regular(const struct fetch_request *request, struct fetch_result *result)
{
    struct stat about = {0};
    int follow = request->follow ? 0 : O_NOFOLLOW;
    if (request->check_first) {
        if (fstatat(request->folder, request->name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
            fetching_finish(result, outcome_from_errno(errno), errno);
            return -1;
        }
        if (!S_ISREG(about.st_mode)) {
            result->not_a_file = true;
            fetching_finish(result, OUTCOME_FAILED, 0);
            return -1;
        }
    }
    int file = openat(request->folder, request->name,
                      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | follow);
    if (file < 0 || fstat(file, &about) != 0) {
        fetching_finish(result, outcome_from_errno(errno), errno);
    } else if (!S_ISREG(about.st_mode)) {
        result->not_a_file = true;
        fetching_finish(result, OUTCOME_FAILED, 0);
    } else {
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

void fetching_watch(const struct fetching *p, size_t held)
{
    atomic_store(&p->fetcher->watch->held, (uint32_t)held);
    atomic_fetch_add(&p->fetcher->watch->beats, 1);
}

/* In small steps, so that a watcher sees that we live. */
void fetching_pause(struct fetching *p, uint64_t busy_ns)
{
    uint64_t left_ns = busy_ns * (100 - p->request->share) / p->request->share;
    p->result->paused_ns += left_ns;
    while (left_ns > 0) {
        uint64_t step_ns = left_ns < PAUSE_STEP_NS ? left_ns : PAUSE_STEP_NS;
        const struct timespec step = {.tv_nsec = (long)step_ns};
        nanosleep(&step, NULL);
        left_ns -= step_ns;
        atomic_fetch_add(&p->fetcher->watch->beats, 1);
    }
}

static ssize_t read_some(struct fetching *p, int file, size_t held)
{
    uint64_t start_ns = p->request->share ? clock_monotonic_ns() : 0;
    ssize_t got = read(file, p->fetcher->buffer + held, p->fetcher->capacity - held);
    int error = errno;
    if (got > 0)
        fetching_watch(p, held + (size_t)got);
    if (start_ns)
        fetching_pause(p, clock_monotonic_ns() - start_ns);
    errno = error;
    return got;
}

bool fetching_must_stop(const struct fetch_request *request)
{
    return (interrupt_signal() && !request->to_the_end) ||
           (request->until_ns && clock_monotonic_ns() >= request->until_ns);
}

/* Fills the buffer from *held on, until it is full, the file ends or the limit is reached.
 * Returns the outcome if this was the end of reading, else OUTCOME_COUNT. */
static enum outcome fill(struct fetching *p, int file, size_t *held, int *error)
{
    uint64_t most = p->request->most_bytes;
    for (;;) {
        if (*held == p->fetcher->capacity) {
            if (*held == FETCH_BUFFER_BYTES)
                return OUTCOME_COUNT;
            p->fetcher->renew(p->fetcher, p->fetcher->buffer, *held);
        }
        if (fetching_must_stop(p->request))
            return p->result->bytes + *held ? OUTCOME_CUT : OUTCOME_SKIPPED;
        if (most && p->result->bytes + *held >= most)
            return OUTCOME_CUT;
        ssize_t got = read_some(p, file, *held);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            *error = errno;
            return outcome_from_errno(errno);
        }
        if (got == 0)
            return p->result->bytes + *held ? OUTCOME_READ : OUTCOME_EMPTY;
        *held += (size_t)got;
    }
}

static bool fetch_file(struct fetching *p, struct failure *why)
{
    AUTO_CLOSE int file = open_regular(p->request, p->result);
    if (file < 0)
        return true;
    size_t held = 0;
    for (;;) {
        int error = 0;
        enum outcome outcome = fill(p, file, &held, &error);
        size_t border = held;
        if (outcome == OUTCOME_COUNT) {
            border = record_border(p->fetcher->buffer, held, p->request->shape);
            if (border == 0)
                outcome = OUTCOME_CUT; /* a line longer than the buffer */
        }
        if (outcome != OUTCOME_COUNT) {
            fetching_finish(p->result, outcome, error);
            return (held == 0 && outcome != OUTCOME_EMPTY) || fetching_emit(p, held, true, why);
        }
        if (!fetching_emit(p, border, false, why))
            return false;
        held -= border;
        p->fetcher->renew(p->fetcher, p->fetcher->buffer + border, held);
    }
}

static bool fetch_link(struct fetching *p, struct failure *why)
{
    if (p->fetcher->capacity < PATH_MAX)
        p->fetcher->renew(p->fetcher, p->fetcher->buffer, 0);
    ssize_t length =
        readlinkat(p->request->folder, p->request->name, p->fetcher->buffer, p->fetcher->capacity);
    if (length < 0) {
        fetching_finish(p->result, outcome_from_errno(errno), errno);
        return true;
    }
    fetching_finish(p->result, length ? OUTCOME_READ : OUTCOME_EMPTY, 0);
    return fetching_emit(p, (size_t)length, true, why);
}

static bool fetch_listing(struct fetching *p, struct failure *why)
{
    struct name_list names;
    if (p->fetcher->capacity < FETCH_BUFFER_BYTES)
        p->fetcher->renew(p->fetcher, p->fetcher->buffer, 0);
    int error = name_list_read(&names, p->request->folder, p->request->name, "*", NAMES_ANY,
                               &p->fetcher->watch->beats);
    size_t length = 0;
    enum outcome outcome = names.cut ? OUTCOME_CUT : names.count ? OUTCOME_READ : OUTCOME_EMPTY;
    for (size_t i = 0; i < names.count; i++) {
        size_t bytes = strlen(names.names[i]);
        if (length + bytes + 1 > FETCH_BUFFER_BYTES) {
            outcome = OUTCOME_CUT;
            break;
        }
        memcpy(p->fetcher->buffer + length, names.names[i], bytes);
        length += bytes;
        p->fetcher->buffer[length++] = '\n';
    }
    name_list_deinit(&names);
    fetching_finish(p->result, error ? outcome_from_errno(error) : outcome, error);
    return error || fetching_emit(p, length, true, why);
}

/* NOLINTNEXTLINE(misc-redundant-expression): two limits that happen to be equal */
_Static_assert(NAMES_MOST_BYTES <= FETCH_BUFFER_BYTES, "the names of a folder are one chunk");

static bool fetch_names(struct fetching *p, struct failure *why)
{
    struct name_list names;
    if (p->fetcher->capacity < FETCH_BUFFER_BYTES)
        p->fetcher->renew(p->fetcher, p->fetcher->buffer, 0);
    int error = name_list_read(&names, p->request->folder, p->request->name, p->request->pattern,
                               p->request->wanted, &p->fetcher->watch->beats);
    size_t length = 0;
    for (size_t i = 0; i < names.count; i++) {
        size_t bytes = strlen(names.names[i]) + 1;
        memcpy(p->fetcher->buffer + length, names.names[i], bytes);
        length += bytes;
    }
    enum outcome outcome = names.cut ? OUTCOME_CUT : names.count ? OUTCOME_READ : OUTCOME_EMPTY;
    name_list_deinit(&names);
    fetching_finish(p->result, error ? outcome_from_errno(error) : outcome, error);
    return fetching_emit(p, length, true, why);
}

static void fetch_presence(struct fetching *p)
{
    bool there = faccessat(p->request->folder, p->request->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    fetching_finish(p->result, there ? OUTCOME_EMPTY : outcome_from_errno(errno),
                    there ? 0 : errno);
}

static bool fetch_statfs(struct fetching *p, struct failure *why)
{
    struct statfs about = {0};
    if (statfs(p->request->name, &about) != 0) {
        fetching_finish(p->result, outcome_from_errno(errno), errno);
        return true;
    }
    memcpy(p->fetcher->buffer, &about, sizeof about);
    fetching_finish(p->result, OUTCOME_READ, 0);
    return fetching_emit(p, sizeof about, true, why);
}

bool fetch(struct fetcher *fetcher, const struct fetch_request *request, fetch_sink *sink,
           void *context, struct fetch_result *result, struct failure *why)
{
    *result = (struct fetch_result){.start_ns = clock_monotonic_ns()};
    struct fetching p = {fetcher, request, sink, context, result, {0}};
    switch (request->kind) {
    case FETCH_LINK:
        return fetch_link(&p, why);
    case FETCH_LISTING:
        return fetch_listing(&p, why);
    case FETCH_NAMES:
        return fetch_names(&p, why);
    case FETCH_PRESENCE:
        fetch_presence(&p);
        return true;
    case FETCH_STATFS:
        return fetch_statfs(&p, why);
    case FETCH_DESCRIPTORS:
        return fetch_descriptors(&p, why);
    case FETCH_CENSUS:
        return fetch_census(&p, why);
    case FETCH_PAGES:
        return fetch_pages(&p, why);
    case FETCH_SHARED_MM:
        return fetch_shared_mm(&p, why);
    default:
        return fetch_file(&p, why);
    }
}
