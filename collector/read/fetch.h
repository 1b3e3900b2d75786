/* Fetching one thing: the narrow door through which all that is archived is read. A request
 * names it, the sink takes its bytes in chunks that end at record borders, the result says
 * what became of it. Nothing else of the collector touches a file that could block, so that
 * a reader in another process can stand behind the same three structs. */
#pragma once

#include "collector/read/name_list.h"
#include "collector/read/record_border.h"
#include "schema/failure.h"
#include "schema/outcome.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A member up to this size is archived whole, a larger one in parts. Holds the smaps of a
 * process with some 330 mappings. */
#define FETCH_BUFFER_BYTES ((size_t)256 * 1024)

enum fetch_kind {
    FETCH_FILE,        /* the bytes of a regular file                                  */
    FETCH_LINK,        /* the target of a symbolic link, without newline               */
    FETCH_LISTING,     /* the names in a folder, sorted, each ended with newline       */
    FETCH_NAMES,       /* those that match, as struct name_list has them, in one chunk */
    FETCH_PRESENCE,    /* nothing: EMPTY if it is there                                */
    FETCH_STATFS,      /* struct statfs of the file system that it lies in             */
    FETCH_DESCRIPTORS, /* of proc/PID/fd, what holds memory: text of proc/PID/fd.memory */
    FETCH_CENSUS,      /* of proc/kpageflags, how many frames of which kind: derived/census */
    FETCH_PAGES,       /* of the process whose folder is `name`: proc/PID/pages */
    FETCH_SHARED_MM    /* which processes have one address space: derived/shared_mm */
};

struct fetch_request {
    int folder;       /* descriptor that `name` is relative to                           */
    const char *name; /* no symbolic link in its last step unless `follow`               */
    enum fetch_kind kind;
    enum record_shape shape;
    const char *pattern;   /* FETCH_NAMES, up to NAME_MAX bytes                          */
    enum name_kind wanted; /* FETCH_NAMES                                                */
    uint64_t most_bytes;   /* stop there with outcome cut; 0 is no limit                   */
    bool follow;           /* only for files of a live procfs: proc/mounts is such a link  */
    bool to_the_end;       /* also when a signal asks to stop: short, and worth having      */
    bool check_first;      /* in a copied tree: look at the type before opening            */
    uint64_t until_ns;     /* clock_monotonic_ns() at which to stop reading; 0 never        */
    unsigned share;        /* percent of the time that reading may take; 0 is all           */
};

struct fetch_chunk {
    const char *bytes; /* valid during the call */
    size_t length;
    uint64_t read_at_ns; /* CLOCK_REALTIME when its last byte had been read */
    bool last;
    bool torn; /* the last: reading was cut off there, maybe within a line, maybe before it had
                  any bytes                                                                  */
};

struct fetch_result {
    enum outcome outcome; /* ESRCH is VANISHED: whether the process ended, the caller knows */
    int error;            /* errno, 0 if none */
    uint64_t start_ns;    /* clock_monotonic_ns() */
    uint64_t duration_ns;
    uint64_t bytes;     /* handed to the sink */
    uint64_t mappings;  /* records, for RECORDS_MAPPINGS */
    uint64_t paused_ns; /* for `share`, part of the duration */
    bool not_a_file;    /* FAILED since it is a FIFO, a device, ... */
};

/* Takes one chunk; false only if the bundle cannot be written. */
typedef bool fetch_sink(void *context, const struct fetch_chunk *chunk, struct failure *why);

/* How far a fetch is, for somebody in another process who watches it. */
struct fetch_watch {
    _Atomic uint32_t beats; /* moves on whenever something was read */
    _Atomic uint32_t held;  /* bytes in the buffer that the sink has not got yet */
};

struct pages_access;

/* Where a fetch reads to. */
struct fetcher {
    char *buffer;
    size_t capacity; /* up to FETCH_BUFFER_BYTES */
    /* Makes it a buffer of FETCH_BUFFER_BYTES that begins with the `length` bytes at `rest`,
     * which lie in the buffer up to now. */
    void (*renew)(struct fetcher *fetcher, const char *rest, size_t length);
    struct fetch_watch *watch;
    struct pages_access *access; /* FETCH_PAGES, else NULL */
    void *context;
};

/* False only if the sink failed; all that can go wrong with reading is in *result. A file
 * that was opened and held nothing gives one chunk of no bytes and OUTCOME_EMPTY. What was
 * read before an error has gone to the sink. */
bool fetch(struct fetcher *fetcher, const struct fetch_request *request, fetch_sink *sink,
           void *context, struct fetch_result *result, struct failure *why);

/* What an errno from opening or reading means. */
enum outcome outcome_from_errno(int error);
