/* Members that the collector derived: derived/statfs, derived/shared_mm and proc/PID/fd.memory. Lines
 * "RECORD KEY VALUE ...", docs/bundle-format.md section 6. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

enum derived_kind { DERIVED_MOUNT, DERIVED_HELD, DERIVED_PIPE, DERIVED_SHARED, DERIVED_COMPARED };

enum derived_key {
    DERIVED_BLOCK_BYTES,
    DERIVED_BLOCKS,
    DERIVED_FREE_BLOCKS,
    DERIVED_FILES,
    DERIVED_FREE_FILES,
    DERIVED_ERRNO,
    DERIVED_INODE,
    DERIVED_BYTES,
    DERIVED_PID,
    DERIVED_FIRST,
    DERIVED_PROCESSES,
    DERIVED_REFUSED,
    DERIVED_KEY_COUNT
};

struct derived_record {
    enum derived_kind kind;
    struct slice type; /* MOUNT: type of the file system, HELD: kind; borrowed from the text */
    uint64_t number[DERIVED_KEY_COUNT];
    bool has[DERIVED_KEY_COUNT];
    bool has_device;
    uint64_t major, minor;
    struct slice path; /* unescaped, may hold any byte; borrowed until the sink returns */
};

/* False stops the reading; the callee sets *why. */
typedef bool (*derived_sink)(void *context, const struct derived_record *record,
                             struct failure *why);

/* All lines of one member; lines of unknown records are passed over. Fails MALFORMED with the line
 * on a value that is no number, a wrong escape, a key without value or twice, a record without
 * what it is about (mount: type, device and path; held: kind and path; pipe: inode; shared: pid and first; compared: processes and refused), or a last
 * line without newline; records before it have reached the sink. */
bool derived_parse(struct slice text, derived_sink sink, void *context, struct failure *why);
