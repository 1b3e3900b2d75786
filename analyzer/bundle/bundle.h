/* Reading a bundle: a stream of members, from a file, from standard input or from a directory.
 * Nothing is ever written to disk. What may come: our own bundles; any tar (under any compression that
 * libarchive reads) or directory that holds a copy of /proc and /sys at any depth.
 *
 *     struct bundle *bundle = bundle_open("a.tar.zst", &limits, &why);
 *     struct bundle_member member;
 *     while (bundle_next(bundle, &member, &why) == BUNDLE_MEMBER) {
 *         struct slice chunk;
 *         while (bundle_read(bundle, &chunk, &why) == BUNDLE_DATA)
 *             use(chunk);
 *     }
 *
 * Paths come normalised: without "./", without the part before the roots `proc/`, `sys/`,
 * `meta/`, `samples/`, `derived/`, `manifest`, `journal`. The depth is learnt from the manifest's folder, else
 * from the path that ends in "proc/meminfo" or "proc/PID/..."; a member that lies outside that
 * folder keeps its whole path. Members with "..", absolute ones made relative, NULs: refused as MALFORMED
 * and skipped (counted), never followed. Only regular files have data; symbolic links in a
 * tree or tar are members with the target as data and PATH.link as path; everything else is skipped. */
#pragma once

#include "analyzer/base/slice.h"
#include "analyzer/bundle/limits.h"
#include "schema/failure.h"

struct bundle; /* create with bundle_open(), end with bundle_close() */

struct bundle_member {
    const char *path; /* normalised, without the ".part-NNNN"; valid until the next bundle_next() */
    unsigned part;    /* 0: whole; else the number of this part, from 1                 */
    bool has_mtime;
    int64_t mtime_ns; /* since 1970 UTC                                                 */
    bool has_size;
    uint64_t size_bytes; /* as the archive says; a directory's /proc copy: st_size         */
};

enum bundle_result {
    BUNDLE_MEMBER, /* bundle_next: here is another one                                      */
    BUNDLE_DATA,   /* bundle_read: here is a chunk, never empty                             */
    BUNDLE_END,    /* next: the archive's own end; read: the member's end                   */
    BUNDLE_BROKEN  /* *why says it: TRUNCATED, DAMAGED, LIMIT, SYSTEM, MALFORMED. For next:
                       nothing more can be read. For read: this member is cut here; next may
                       be tried and will mostly be BROKEN too                                */
};

/* `path` is a file, a directory, or "-" for standard input. NULL on failure: SYSTEM (cannot
 * open), MALFORMED (neither a directory nor an archive: "not a bundle: ..."), MALFORMED for an empty file. */
struct bundle *bundle_open(const char *path, const struct bundle_limits *limits,
                           struct failure *why);
void bundle_close(struct bundle *bundle);

enum bundle_result bundle_next(struct bundle *bundle, struct bundle_member *member,
                               struct failure *why);

/* The chunk is borrowed and valid until the next call on this bundle. A member not read to its
 * end is skipped by the next bundle_next(). */
enum bundle_result bundle_read(struct bundle *bundle, struct slice *chunk, struct failure *why);

/* Facts about the reading, for `info` and for progress. */
struct bundle_facts {
    const char *form; /* "tar, zstd", "tar, gzip", "directory": valid until close     */
    uint64_t members, packed_bytes, unpacked_bytes;
    uint64_t packed_size_bytes; /* of the file; 0 when not known (pipe)                      */
    uint64_t skipped_unsafe;    /* members refused for their path                               */
};
struct bundle_facts bundle_facts(const struct bundle *bundle);
