/* A busy process, and what one of its operations takes: who reads its smaps holds its lock.
 *
 *     busy_mapper MAPPINGS
 *
 * Keeps MAPPINGS mappings, and maps, touches and unmaps one page all the time. Prints its PID;
 * for each line on standard input prints "OPERATIONS P99_NS MAX_NS" of the time since the line
 * before. Ends when standard input does. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MAPPINGS_MAX    60000
#define OPERATIONS_ONCE 256 /* between two looks at standard input */

/* Counts by length: 16 steps for each power of two, so that a percentile is right within 6 %. */
#define STEPS_OF_TWO 16
#define STEPS        (64 * STEPS_OF_TWO)

struct latencies {
    uint64_t count[STEPS];
    uint64_t operations;
    uint64_t longest_ns;
};

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static size_t step_of(uint64_t ns)
{
    if (ns < STEPS_OF_TWO)
        return (size_t)ns;
    unsigned power = 63 - (unsigned)__builtin_clzll(ns);
    return (power - 3) * STEPS_OF_TWO + (size_t)((ns >> (power - 4)) & (STEPS_OF_TWO - 1));
}

/* The longest time that still belongs to the step. */
static uint64_t end_of_step(size_t step)
{
    if (step < STEPS_OF_TWO)
        return step;
    size_t power = step / STEPS_OF_TWO + 3;
    uint64_t width = UINT64_C(1) << (power - 4);
    return (STEPS_OF_TWO + step % STEPS_OF_TWO) * width + width - 1;
}

static uint64_t percentile_ns(const struct latencies *latencies, unsigned percent)
{
    uint64_t wanted = latencies->operations - latencies->operations * (100 - percent) / 100;
    uint64_t seen = 0;
    for (size_t step = 0; step < STEPS; step++) {
        seen += latencies->count[step];
        if (seen >= wanted)
            return end_of_step(step);
    }
    return latencies->longest_ns;
}

static bool operate(size_t page_bytes, struct latencies *latencies)
{
    uint64_t start_ns = now_ns();
    char *page = mmap(NULL, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    *(volatile char *)page = 1;
    bool fine = munmap(page, page_bytes) == 0;
    uint64_t took_ns = now_ns() - start_ns;
    latencies->count[step_of(took_ns)]++;
    latencies->operations++;
    if (took_ns > latencies->longest_ns)
        latencies->longest_ns = took_ns;
    return fine;
}

/* Pages of alternating protection: neighbours do not merge. */
static bool map_many(size_t mappings, size_t page_bytes)
{
    char *all = mmap(NULL, mappings * page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return false;
    for (size_t i = 0; i < mappings; i += 2) {
        if (mprotect(all + i * page_bytes, page_bytes, PROT_READ | PROT_WRITE) != 0)
            return false;
        all[i * page_bytes] = 1;
    }
    return true;
}

static bool is_asked(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) > 0;
}

/* Works until standard input ends; false if the machine does not let it. */
static bool work(size_t page_bytes)
{
    static struct latencies latencies;
    for (;;) {
        for (unsigned i = 0; i < OPERATIONS_ONCE; i++)
            if (!operate(page_bytes, &latencies))
                return false;
        char line[16];
        if (!is_asked())
            continue;
        if (read(STDIN_FILENO, line, sizeof line) <= 0)
            return true;
        printf("%llu %llu %llu\n", (unsigned long long)latencies.operations,
               (unsigned long long)percentile_ns(&latencies, 99),
               (unsigned long long)latencies.longest_ns);
        fflush(stdout);
        memset(&latencies, 0, sizeof latencies);
    }
}

int main(int argc, char **argv)
{
    char *end = NULL;
    unsigned long mappings = argc == 2 ? strtoul(argv[1], &end, 10) : 0;
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    if (mappings < 1 || mappings > MAPPINGS_MAX || *end) {
        fprintf(stderr, "usage: busy_mapper MAPPINGS\n");
        return 2;
    }
    if (!map_many(mappings, page_bytes)) {
        fprintf(stderr, "busy_mapper: %s\n", strerror(errno));
        return 1;
    }
    printf("%d\n", (int)getpid());
    fflush(stdout);
    if (!work(page_bytes)) {
        fprintf(stderr, "busy_mapper: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}
