#include "collector/progress.h"

#include "collector/base/clock.h"
#include "collector/base/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STEP_NS UINT64_C(100000000)

void progress_init(struct progress *progress, bool quiet, bool verbose)
{
    *progress = (struct progress){.verbose = verbose, .terminal = !quiet && isatty(STDERR_FILENO)};
}

void progress_step(struct progress *progress, const char *pass, size_t done, size_t total)
{
    if (!progress->terminal)
        return;
    uint64_t now = clock_monotonic_ns();
    if (now < progress->next_ns)
        return;
    progress->next_ns = now + STEP_NS;
    progress->shown = true;
    if (total)
        fprintf(stderr, "\r\033[K%s: %zu of %zu processes", pass, done, total);
    else
        fprintf(stderr, "\r\033[K%s", pass);
    fflush(stderr);
}

void progress_not_read(struct progress *progress, const char *path, enum outcome outcome,
                       const char *reason)
{
    char escaped[PATH_MAX];
    struct text text = TEXT_OVER(escaped);
    if (!progress->verbose)
        return;
    progress_erase(progress);
    text_escaped(&text, path, strlen(path));
    fprintf(stderr, "%s: %s%s%s\n", text_string(&text), outcome_word(outcome), reason ? ": " : "",
            reason ? reason : "");
}

void progress_erase(struct progress *progress)
{
    if (!progress->shown)
        return;
    progress->shown = false;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
