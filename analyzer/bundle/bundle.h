/* Reading a bundle: a stream of members, from a file, from standard input or from a directory.
 * Nothing is ever written to disk, no other program is run. What may come: our own bundles; any
 * tar (plain or under zstd, gzip, xz, lzma, lzip, bzip2, lz4 or compress) or directory that holds a
 * copy of /proc and /sys at any depth; a tar or directory that is itself a copy of /proc, as
 * smemcap writes it (its members then get the "proc/" that they lack).
 *
 *     struct bundle *bundle = bundle_open("a.tar.zst", &limits, &why);
 *     struct bundle_member member;
 *     while (bundle_next(bundle, &member, &why) == BUNDLE_MEMBER) {
 *         struct slice chunk;
 *         while (bundle_read(bundle, &chunk, &why) == BUNDLE_DATA)
 *             use(chunk);
 *     }
 *
 * Paths come normalised: without "./", without leading slashes, and without the part before the
 * root, which is the folder that holds proc/, sys/, meta/, samples/, derived/, manifest and
 * journal. As a tar is a stream, each path is judged when it comes:
 *
 *   - The root is learnt from the first path that tells it: a component "proc" followed by a known
 *     file or by a number with something below, "sys" followed by a known folder, "samples/N/"
 *     with a known file (each time the first such component from the left), or a manifest or
 *     journal in the archive's top, in a folder of the top, or in any folder named
 *     "memtally-...".
 *   - Paths below the root lose its prefix; paths beside it, and those that came before
 *     it was known, keep their whole path.
 *   - A path that tells another root (two hosts in one tar) is skipped and counted: the first
 *     root wins. In a directory the root is the first found, breadth first and in the order of
 *     names; other roots at the same depth are counted, and nothing but the root is walked.
 *
 * Members with ".." or without a name are skipped and counted, never followed. Only regular
 * files have data. Symbolic links are members with the target as data and PATH.link as path;
 * hard links, devices, FIFOs and sockets are skipped and counted. A hole in a sparse member
 * is read as zeros.
 *
 * A cut or damaged bundle gives every byte that was decompressed before the place, then BROKEN.
 * TRUNCATED: the input ends inside a zstd frame, inside other compressed data or inside a member;
 * or, in our own form (with a manifest), the tar's end mark is missing. A foreign tar needs no
 * end mark: its end between two members is an end. After the tar's end the rest of
 * the zstd frames is checked as well: a wrong checksum, or bytes after the last frame that are no
 * frame, make the final result DAMAGED although every member was delivered. Whether our
 * own bundle is complete is the journal's end record to say, not this reader. */
#pragma once

#include "analyzer/base/slice.h"
#include "analyzer/bundle/limits.h"
#include "schema/failure.h"

struct bundle; /* create with bundle_open(), end with bundle_close() */

struct bundle_member {
    const char *path; /* normalised, without the ".part-NNNN"; valid until the next bundle_next() */
    unsigned part;    /* 0: whole; else the number of this part, from 1. Order is not checked   */
    bool has_mtime;
    int64_t mtime_ns; /* since 1970 UTC; may be negative                                */
    bool has_size;
    const char *link_target; /* of bundle_open_everything() only; NULL: no link */
    uint64_t size_bytes;     /* as the archive says; a directory's /proc copy: st_size, maybe 0 */
};

enum bundle_result {
    BUNDLE_MEMBER, /* bundle_next: here is another one                                      */
    BUNDLE_DATA,   /* bundle_read: here is a chunk, never empty                             */
    BUNDLE_END,    /* next: the archive's own end; read: the member's end                   */
    BUNDLE_BROKEN  /* *why says it: TRUNCATED, DAMAGED, LIMIT, SYSTEM, MALFORMED. For next:
                       nothing more can be read, and each further call says the same. For read: this
                       member is cut here; next may be tried (with a fresh *why): it goes on after
                       LIMIT stream_bytes and after SYSTEM in a directory, else it is BROKEN too */
};

/* `path` is a file, a directory, or "-" for standard input. NULL on failure: SYSTEM (cannot
 * open), MALFORMED ("not a bundle: ...": an empty file, no archive, a directory without any proc/),
 * USAGE (the live /proc of a machine). A cut, a limit or damage before the first member is told
 * by the first bundle_next(). *limits is copied. Failures name the file, with the packed byte
 * offset near which it happened as position; failures of one member name the member. */
struct bundle *bundle_open(const char *path, const struct bundle_limits *limits,
                           struct failure *why);

/* As bundle_open(), for who must see everything: each entry is handed out, folders, links, hard
 * links and unsafe paths too, with its path as the archive says, without any judgement. `tap` gets every
 * byte of the unpacked archive once, in order, also behind its end mark. Of a directory, all that is in it
 * comes, links not followed, FIFOs, sockets and devices not opened; the tap then gets nothing. */
typedef void bundle_tap(void *context, struct slice bytes);
struct bundle *bundle_open_everything(const char *path, const struct bundle_limits *limits,
                                      bundle_tap *tap, void *context, struct failure *why);

void bundle_close(struct bundle *bundle); /* safe with NULL */

enum bundle_result bundle_next(struct bundle *bundle, struct bundle_member *member,
                               struct failure *why);

/* The chunk is borrowed and valid until the next call on this bundle. A member not read to its
 * end is skipped by the next bundle_next(). */
enum bundle_result bundle_read(struct bundle *bundle, struct slice *chunk, struct failure *why);

/* Facts about the reading, for `info` and for progress. */
struct bundle_facts {
    const char *form; /* "tar, zstd", "tar, gzip", "tar", "directory": valid until close  */
    const char *root; /* the prefix that was taken off, "" or "host1/": valid until the next call;
                         NULL: none was found yet                                        */
    uint64_t members; /* handed out                                                      */
    uint64_t proc_members; /* of them, below the root's proc/; 0 at the end: not a bundle */
    uint64_t packed_bytes, unpacked_bytes; /* so far                                     */
    uint64_t packed_size_bytes;            /* of the file; 0 when not known (pipe)        */
    uint64_t skipped_unsafe;               /* members refused for their path             */
    uint64_t skipped_special;              /* hard links, devices, FIFOs, sockets         */
    uint64_t skipped_other_root;           /* members of a second tree; of a directory: other
                                              roots at the same depth                    */
    uint64_t unreadable;             /* files and folders of a directory that could not be opened */
    struct failure first_unreadable; /* the first of them: member and reason             */
    uint64_t header_at; /* in the unpacked archive: the present member's header; at END its end */
    bool has_manifest;  /* a manifest was in the root: our own form         */
};
struct bundle_facts bundle_facts(const struct bundle *bundle);
