#include "analyzer/commands/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_SHOWN_NS UINT64_C(500000000) /* short work needs no line */
#define STEP_NS        UINT64_C(100000000)

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void progress_begin(struct progress *progress, const char *file)
{
    *progress = (struct progress){
        .on_terminal = isatty(STDERR_FILENO) == 1, .file = file, .started_ns = now_ns()};
}

void progress_update(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    struct progress *progress = context;
    if (!progress->on_terminal)
        return;
    uint64_t now = now_ns();
    if (now - progress->started_ns < FIRST_SHOWN_NS || now - progress->last_ns < STEP_NS)
        return;
    progress->last_ns = now;
    progress->shown = true;
    if (total_bytes)
        fprintf(stderr, "\rreading %s: %u %%\033[K", progress->file,
                (unsigned)((double)done_bytes * 100 / (double)total_bytes));
    else
        fprintf(stderr, "\rreading %s: %" PRIu64 " MiB\033[K", progress->file, done_bytes >> 20);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
}
