/* What the user sees while it runs: with main.c the only place that prints. */
#pragma once

#include "schema/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool verbose;  /* a line for each member that was not read                     */
    bool terminal; /* a line that is written over, on a terminal and if not quiet  */
    bool shown;
    uint64_t next_ns;
};

void progress_init(struct progress *progress, bool quiet, bool verbose);

/* Done so much of the pass; seen ten times a second at most. */
void progress_step(struct progress *progress, const char *pass, size_t done, size_t total);

/* One member that was not read to its end. `reason` may be NULL. */
void progress_not_read(struct progress *progress, const char *path, enum outcome outcome,
                       const char *reason);

/* Takes the line off the terminal. */
void progress_erase(struct progress *progress);
