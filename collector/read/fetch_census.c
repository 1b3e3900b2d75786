/* How many page frames have which flags. /proc/kpageflags has eight bytes a frame: they are counted
 * here as they are read, and never leave the reader. Takes no lock in the kernel, only time: about
 * a second for 16 GiB. */
#include "collector/read/fetching.h"

#include "collector/base/cleanup.h"
#include "collector/base/text.h"
#include "schema/bundle_format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FLAGS_FILE   "proc/kpageflags"
#define RAM_FILE     "proc/iomem"
#define RANGES_MOST  1024
#define KINDS_MOST   4096 /* combinations of flags: some hundred on any machine */
#define KINDS_FILLED (KINDS_MOST / 4 * 3)
#define HEX_DIGITS   16

#define HEAD (UINT64_C(1) << KPF_BIT_COMPOUND_HEAD)
#define TAIL (UINT64_C(1) << KPF_BIT_COMPOUND_TAIL)

struct frame_range {
    uint64_t first, behind; /* frames [first, behind) */
};

struct kind {
    uint64_t flags, frames; /* frames 0: an empty slot */
};

/* Made once in each reader, and its pages are touched only by the one that counts. */
static struct census {
    struct frame_range ranges[RANGES_MOST];
    size_t range_count;
    bool within_ram, complete;
    uint64_t frames;
    struct kind kinds[KINDS_MOST];
    size_t kind_count;
} census;

/* Reads digits at *at; false if there is none. */
static bool hexadecimal(const char **at, const char *end, uint64_t *value)
{
    const char *start = *at;
    for (*value = 0; *at < end && *at - start < HEX_DIGITS; ++*at) {
        char digit = **at;
        if (digit >= '0' && digit <= '9')
            *value = *value * 16 + (uint64_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            *value = *value * 16 + (uint64_t)(digit - 'a' + 10);
        else
            break;
    }
    return *at > start;
}

/* "00100000-bffdffff : System RAM", without blanks before it: parts of it are indented. */
static void take_range(const char *line, const char *end, uint64_t page_bytes)
{
    static const char name[] = " : System RAM";
    uint64_t from, to;
    if (!hexadecimal(&line, end, &from) || line == end || *line++ != '-' ||
        !hexadecimal(&line, end, &to) || (size_t)(end - line) != sizeof name - 1 ||
        memcmp(line, name, sizeof name - 1) != 0 || to <= from || to == UINT64_MAX)
        return;
    if (census.range_count < RANGES_MOST)
        census.ranges[census.range_count++] =
            (struct frame_range){(from + page_bytes - 1) / page_bytes, (to + 1) / page_bytes};
    else
        census.complete = false;
}

/* Without root all addresses are zero, and then there is no range. */
static void find_ram(struct fetching *p, uint64_t page_bytes)
{
    AUTO_CLOSE int file = openat(p->request->folder, RAM_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char *buffer = p->fetcher->buffer;
    size_t held = 0;
    ssize_t got = -1;
    while (file >= 0 && held < p->fetcher->capacity &&
           (got = read(file, buffer + held, p->fetcher->capacity - held)) > 0)
        held += (size_t)got;
    for (size_t at = 0; at < held;) {
        const char *newline = memchr(buffer + at, '\n', held - at);
        size_t length = newline ? (size_t)(newline - (buffer + at)) : held - at;
        take_range(buffer + at, buffer + at + length, page_bytes);
        at += length + 1;
    }
    census.within_ram = census.range_count > 0;
    if (!census.within_ram)
        census.ranges[census.range_count++] = (struct frame_range){0, UINT64_MAX / 8};
}

static void count(uint64_t flags)
{
    size_t slot = (size_t)((flags * UINT64_C(0x9E3779B97F4A7C15)) >> 52) % KINDS_MOST;
    while (census.kinds[slot].frames && census.kinds[slot].flags != flags)
        slot = (slot + 1) % KINDS_MOST;
    if (census.kinds[slot].frames == 0) {
        if (census.kind_count == KINDS_FILLED) {
            census.complete = false;
            return;
        }
        census.kind_count++;
        census.kinds[slot].flags = flags;
    }
    census.kinds[slot].frames++;
}

/* `head` has the flags of the last head page: tails are told by it, since kernels differ in what
 * they say of these. */
static void count_words(const char *bytes, size_t words, uint64_t *head)
{
    for (size_t i = 0; i < words; i++) {
        uint64_t flags;
        memcpy(&flags, bytes + i * sizeof flags, sizeof flags);
        flags &= CENSUS_FLAG_MASK;
        if (flags & HEAD)
            *head = flags;
        else if ((flags & TAIL) && *head)
            flags = (*head & ~HEAD) | TAIL;
        else if (!(flags & TAIL))
            *head = 0;
        count(flags);
    }
    census.frames += words;
}

/* False: reading ended, with *error if that was no end of file. */
static bool count_range(struct fetching *p, int file, const struct frame_range *range, int *error)
{
    uint64_t head = 0;
    for (uint64_t frame = range->first; frame < range->behind;) {
        if (fetching_must_stop(p->request)) {
            census.complete = false;
            return false;
        }
        uint64_t left = range->behind - frame;
        size_t most = p->fetcher->capacity / sizeof(uint64_t);
        size_t words = left < most ? (size_t)left : most;
        ssize_t got = pread(file, p->fetcher->buffer, words * sizeof(uint64_t),
                            (off_t)(frame * sizeof(uint64_t)));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            *error = errno;
        if (got < (ssize_t)sizeof(uint64_t))
            return got >= 0;
        count_words(p->fetcher->buffer, (size_t)got / sizeof(uint64_t), &head);
        frame += (size_t)got / sizeof(uint64_t);
        atomic_fetch_add(&p->fetcher->watch->beats, 1);
    }
    return true;
}

static int by_flags(const void *left, const void *right)
{
    uint64_t a = ((const struct kind *)left)->flags, b = ((const struct kind *)right)->flags;
    return (a > b) - (a < b);
}

static void add_hexadecimal(struct text *text, uint64_t number)
{
    char digits[HEX_DIGITS];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[number % 16];
        number /= 16;
    } while (number);
    text_bytes(text, digits + at, sizeof digits - at);
}

static void add_line(struct text *text, const char *key, uint64_t number)
{
    text_add(text, key);
    text_decimal(text, number);
    text_add(text, "\n");
}

static size_t print(struct fetching *p, uint64_t page_bytes)
{
    struct text text = {p->fetcher->buffer, 0, p->fetcher->capacity, false};
    size_t kinds = 0;
    for (size_t i = 0; i < KINDS_MOST; i++)
        if (census.kinds[i].frames)
            census.kinds[kinds++] = census.kinds[i];
    qsort(census.kinds, kinds, sizeof census.kinds[0], by_flags);
    add_line(&text, "census ", CENSUS_VERSION);
    add_line(&text, "page_bytes ", page_bytes);
    add_line(&text, "frames ", census.frames);
    text_add(&text,
             census.within_ram ? "within_ram yes\ncounts no\n" : "within_ram no\ncounts no\n");
    for (size_t i = 0; i < kinds; i++) {
        text_add(&text, "flags ");
        add_hexadecimal(&text, census.kinds[i].flags);
        text_add(&text, " pages ");
        text_decimal(&text, census.kinds[i].frames);
        text_add(&text, " mapped 0\n");
    }
    text_add(&text, "end rows ");
    text_decimal(&text, kinds);
    text_add(&text, census.complete ? " complete yes\n" : " complete no\n");
    return text.length;
}

bool fetch_census(struct fetching *p, struct failure *why)
{
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    int error = 0;
    AUTO_CLOSE int file =
        openat(p->request->folder, FLAGS_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) {
        fetching_finish(p->result, outcome_from_errno(errno), errno);
        return true;
    }
    if (p->fetcher->capacity < FETCH_BUFFER_BYTES)
        p->fetcher->renew(p->fetcher, p->fetcher->buffer, 0);
    memset(&census, 0, sizeof census);
    census.complete = true;
    find_ram(p, page_bytes);
    for (size_t i = 0; i < census.range_count; i++)
        if (!count_range(p, file, &census.ranges[i], &error))
            break;
    if (error) {
        fetching_finish(p->result, outcome_from_errno(error), error);
        return true;
    }
    size_t length = print(p, page_bytes);
    fetching_finish(p->result, census.complete ? OUTCOME_READ : OUTCOME_CUT, 0);
    return fetching_emit(p, length, true, why);
}
