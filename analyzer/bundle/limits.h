/* Every quantity that comes from outside has a limit here, so that a hostile bundle costs a
 * clear error instead of memory or hours. Each limit is reported as FAILURE_LIMIT with its
 * name and both numbers, and each has a test just under and just over it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schema/failure.h"

struct bundle_limits {
    uint64_t members;      /* entries in the archive or tree, folders and skipped ones too */
    uint64_t member_bytes; /* of one member that is collected whole (not smaps)            */
    uint64_t stream_bytes; /* of one member that is streamed (smaps)                       */
    uint64_t total_bytes;  /* unpacked, all members                                        */
    uint64_t ratio;        /* unpacked over packed, looked at after RATIO_FREE_BYTES       */
    uint64_t path_bytes;   /* of one member's path, and of a link's target                 */
    uint64_t folder_depth; /* of a directory that is read as a bundle                      */
    uint64_t window_log;   /* zstd window a frame may ask for, as a power of two           */
    uint64_t processes;
    uint64_t mappings;
    uint64_t page_runs; /* of frames and swap slots, 16 bytes each                         */
};

/* Ordinary bundles stay far below: 50,000 processes x 12 members; 15 million mappings x 800
 * bytes is 12 GB of text; real smaps text shrinks 20 to 60 fold, synthetic text up to 1,000.
 * The reader itself looks at all but member_bytes, processes and mappings: only who
 * collects and counts these knows them. */
#define BUNDLE_LIMITS_DEFAULT                                                                      \
    {                                                                                              \
        .members = UINT64_C(4) << 20, .member_bytes = UINT64_C(256) << 20,                         \
        .stream_bytes = UINT64_C(64) << 30, .total_bytes = UINT64_C(256) << 30, .ratio = 4000,     \
        .path_bytes = 4096, .folder_depth = 64, .window_log = 27, .processes = UINT64_C(1) << 20,  \
        .mappings = UINT64_C(256) << 20, .page_runs = UINT64_C(1) << 29                            \
    }

/* A highly regular small bundle may have any ratio. */
#define RATIO_FREE_BYTES (UINT64_C(64) << 20)

/* Folders that are looked into in search of one that holds proc/. Not adjustable: a support
 * case has hundreds, a whole disk has millions. */
#define ROOT_SEARCH_FOLDERS 20000U

/* False, and *why is LIMIT with the limit's name and both numbers, if value > limit. */
bool limit_holds(const char *name, uint64_t value, uint64_t limit, struct failure *why);

/* total_bytes and ratio, for a stream of which `unpacked` bytes came out of `packed` bytes. */
bool limit_flow_holds(const struct bundle_limits *limits, uint64_t packed, uint64_t unpacked,
                      struct failure *why);
