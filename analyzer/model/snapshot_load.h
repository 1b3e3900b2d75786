/* Bundle -> snapshot: routes every member to its parser and joins processes by PID. */
#pragma once

#include "analyzer/bundle/limits.h"
#include "analyzer/model/snapshot.h"

/* Called now and then during the load, for a progress line. total is 0 when not known. */
typedef void (*load_progress)(void *context, uint64_t done_bytes, uint64_t total_bytes);

/* Which mappings a load keeps; the sums of smaps are kept in any case. */
enum kept_mappings {
    MAPPINGS_ALL,
    /* those whose name tells who owns memory that the ledger counts: mapping_name_tells_owner() */
    MAPPINGS_OF_OWNERS,
    MAPPINGS_NONE
};

struct load_options {
    struct bundle_limits limits;
    load_progress progress; /* may be NULL */
    void *progress_context;
    enum kept_mappings kept_mappings;
    bool keep_pages;   /* proc/PID/pages, if the bundle has them: see page_store.h */
    bool keep_members; /* record every member, not only what went wrong */
    /* Stop once it is known who took the snapshot and when: behind the manifest, which stands first.
     * Bundles without one are read to their end. */
    bool identity_only;
    /* Read smaps of these processes only, and keep also what no table knows in them. Borrowed; a
     * count of 0: of all. */
    const uint64_t *only_pids;
    size_t only_pid_count;
};

/* NULL when nothing could be read (no archive, a newer format, no /proc in it): *why says it. A
 * cut or damaged bundle, and one with malformed members, gives a snapshot with `broken` and
 * `problems` set. Free with snapshot_free(). */
struct snapshot *snapshot_load(const char *path, const struct load_options *options,
                               struct failure *why);
