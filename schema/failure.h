/* What went wrong and where, for library code that neither prints nor exits.
 *
 * The caller owns the struct (usually on its stack), so that nothing is allocated in
 * order to report that an allocation failed. Only main() and the commands speak. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum failure_kind {
    FAILURE_NONE = 0,
    FAILURE_MALFORMED,   /* the bytes contradict the format they claim to be        */
    FAILURE_UNSUPPORTED, /* well formed, but of a version or kind we do not know     */
    FAILURE_LIMIT,       /* larger than a named limit (analyzer/bundle/limits.h)     */
    FAILURE_TRUNCATED,   /* ends before its own end mark                             */
    FAILURE_DAMAGED,     /* checksum or compressed stream broken                     */
    FAILURE_SYSTEM,      /* a system call or an allocation failed                    */
    FAILURE_USAGE,       /* asked for in a way that cannot be answered               */
    FAILURE_KIND_COUNT
};

struct failure {
    enum failure_kind kind;
    char member[256];  /* bundle member or file, e.g. "proc/41/smaps"; "" if none   */
    uint64_t position; /* 1-based line for text, byte offset for binary, 0 unknown   */
    char message[256]; /* one sentence, no newline                                   */
};

/* Fills *why and returns false, so that callers can write `return failure_set(...)`.
 * An earlier failure is never overwritten. `why` may be NULL (the caller does not care). */
bool failure_set(struct failure *why, enum failure_kind kind, uint64_t position, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* Names the member of a failure that has none yet; returns false as failure_set() does. */
bool failure_in(struct failure *why, const char *member);

/* "malformed", "limit", ...: the word used in JSON and in the journal. Static. */
const char *failure_kind_word(enum failure_kind kind);

/* "proc/41/smaps:12: value has no unit" into `buffer`; returns buffer. Bytes that could
 * disturb a terminal are escaped. */
const char *failure_text(const struct failure *why, char *buffer, unsigned long buffer_bytes);
