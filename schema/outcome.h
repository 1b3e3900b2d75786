/* What became of one thing that the collector wanted to read. The words stand in the
 * journal and in every report; absent, refused, vanished and empty are never one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* X(constant, word, meaning) */
#define OUTCOMES(X)                                                                                \
    X(READ, "read", "read to its end")                                                             \
    X(EMPTY, "empty", "opened and read, and it held nothing (kernel thread, zombie)")              \
    X(ABSENT, "absent", "this kernel or this machine has no such file")                            \
    X(VANISHED, "vanished", "the process ended before or while it was read")                       \
    X(REUSED, "reused", "the PID belonged to another process when the read ended")                 \
    X(REFUSED, "refused", "permission denied")                                                     \
    X(TIMED_OUT, "timed_out", "no progress within its deadline")                                   \
    X(ABANDONED, "abandoned", "its reader could not be killed and was left behind")                \
    X(CUT, "cut", "stopped at a limit; what was read so far is there")                             \
    X(SKIPPED, "skipped", "not tried: not asked for, or the budget was short")                     \
    X(FAILED, "failed", "another error; its errno is in the record")

enum outcome {
#define OUTCOME_CONSTANT(constant, word, meaning) OUTCOME_##constant,
    OUTCOMES(OUTCOME_CONSTANT)
#undef OUTCOME_CONSTANT
        OUTCOME_COUNT
};

/* The word of an outcome, static; "unknown" for a number out of range. */
const char *outcome_word(enum outcome outcome);

/* The outcome of a word of `length` bytes. False, and *outcome unchanged, if there is none. */
bool outcome_from_word(const char *word, size_t length, enum outcome *outcome);
