/* One line on stderr while a long load goes on; nothing unless stderr is a terminal. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on_terminal, shown;
    const char *file;
    uint64_t started_ns, last_ns;
};

void progress_begin(struct progress *progress, const char *file);
/* A load_progress function; context is the struct progress. */
void progress_update(void *context, uint64_t done_bytes, uint64_t total_bytes);
void progress_end(struct progress *progress);
