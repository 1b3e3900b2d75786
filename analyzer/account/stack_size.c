#include "analyzer/account/stack_size.h"

#include "analyzer/base/checked_math.h"

/* What vanished before it was read had freed its stacks, too; KernelStack moved by them. */
uint64_t live_threads(const struct snapshot *snapshot, uint64_t *unknown)
{
    uint64_t threads = 0;
    *unknown = 0;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        bool is_dead = process->state == 'Z' || process->state == 'X';
        bool has_vanished = process->has_outcome && process->outcome == OUTCOME_VANISHED;
        if (!process->threads.known)
            *unknown += !has_vanished;
        else
            threads =
                add_saturating(threads, subtract_to_zero(process->threads.bytes, is_dead ? 1 : 0));
    }
    return threads;
}

uint64_t stack_bytes_nearest(uint64_t all_stacks_bytes, uint64_t threads)
{
    uint64_t best = STACK_BYTES_MIN, average = all_stacks_bytes / threads;
    for (uint64_t size = STACK_BYTES_MIN; size <= STACK_BYTES_MAX; size *= 2) {
        uint64_t distance = size > average ? size - average : average - size;
        uint64_t best_distance = best > average ? best - average : average - best;
        if (distance < best_distance)
            best = size;
    }
    return best;
}
