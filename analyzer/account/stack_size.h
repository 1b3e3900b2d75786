/* How many threads have a kernel stack, and how large one is. */
#pragma once

#include "analyzer/model/snapshot.h"

/* Threads that have a stack: a zombie's own was freed with it. `unknown`: processes whose threads
 * nothing tells, other than those that ended meanwhile. */
uint64_t live_threads(const struct snapshot *snapshot, uint64_t *unknown);

#define STACK_BYTES_MIN 4096
#define STACK_BYTES_MAX 65536

/* The power of two that comes nearest to what a thread has on average; `threads` above 0. */
uint64_t stack_bytes_nearest(uint64_t all_stacks_bytes, uint64_t threads);
