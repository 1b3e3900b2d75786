/* What the passes share, and the two steps of all of them: archive a member, record what
 * became of it. The steps are apart since the outcome may be known only later. */
#pragma once

#include "collector/collect.h"
#include "collector/pack/bundle_writer.h"
#include "collector/pack/journal.h"
#include "collector/read/process.h"
#include "collector/read/readers.h"
#include "collector/read/tree.h"
#include "collector/redact/stream.h"

struct run {
    const struct collect_options *options;
    const char *label; /* of this bundle; NULL: none */
    struct progress *progress;
    struct collect_summary *summary;
    struct tree tree;
    struct pages_access access;
    struct readers readers;
    struct output_file output;
    struct bundle_writer writer;
    struct journal journal;
    struct process_list processes;
    struct redact redact;
    struct redact_stream redacted;
    uint64_t started_ns;
    uint64_t paused_ns; /* out of regard for processes */
    bool budget_over;   /* something was left out for it */
    unsigned pass;      /* 1 to 4 */
    unsigned samples;   /* taken so far */
    char stuck[2048];   /* folders that could not be listed in time, each ended with NUL */
    size_t stuck_length;
};

/* The outcome of a member together with its place in the archive. */
struct member {
    struct fetch_result fetched;
    unsigned parts;
};

/* What is left of the bundle before is forgotten; tree, readers and the key of hashes stay. */
void run_begin(struct run *run, struct collect_summary *summary, const char *label);

/* Fetches what the request names into the archive as `path`, or in parts. False only if the
 * bundle cannot be written. */
bool run_archive(struct run *run, const struct fetch_request *request, const char *path,
                 struct member *member, struct failure *why);

/* One chunk of a member into the archive: *parts counts those before it. */
bool run_archive_chunk(struct run *run, const char *path, const struct fetch_chunk *chunk,
                       unsigned *parts, struct failure *why);

/* Archives bytes that are here already. */
bool run_archive_bytes(struct run *run, const char *path, const char *bytes, size_t length,
                       struct member *member, struct failure *why);

/* Journal, summary, and the line for --verbose. */
bool run_record(struct run *run, const char *path, const struct member *member,
                struct failure *why);

/* A member that was not even tried, or of which only the outcome is known. */
bool run_record_outcome(struct run *run, const char *path, enum outcome outcome, int error,
                        struct failure *why);

bool run_note(struct run *run, const char *text, struct failure *why);

/* Notes what held a reader up at `path`: the process `pid`, if it is not 0, with what the
 * kernel tells of the place where it is. */
bool run_note_stuck(struct run *run, const char *path, uint32_t pid, enum outcome outcome,
                    struct failure *why);

/* The member's path as it may leave the machine: `path` itself, or the text of `other`. */
const char *run_path_to_tell(const struct run *run, const char *path, struct text *other);

/* name_list_read() by a reader; what the list says of a folder that could not be listed in time
 * is recorded and noted here, once. *names must be freed in any case. */
bool run_names(struct run *run, const struct name_query *query, struct name_list *names, int *error,
               struct failure *why);

/* Is it, or does it lie in, a folder that could not be listed? It is left alone from then on. */
bool run_is_stuck(const struct run *run, const char *path);

bool run_is_there(struct run *run, const char *path);

/* zoneinfo, meminfo, vmstat, zoneinfo: back to back into memory, then into the archive. */
bool run_sample(struct run *run, struct failure *why);

/* All that pass 1 reads of the system as a whole. */
bool run_system(struct run *run, struct failure *why);

/* Reads /proc/sys/vm/stat_refresh, with a deadline, and records what came of it. */
bool run_refresh(struct run *run, struct failure *why);

/* derived/statfs. */
bool run_statfs(struct run *run, struct failure *why);

/* All that the present pass reads of each process. */
bool run_processes(struct run *run, struct failure *why);

/* The record of each process as a whole. */
bool run_process_records(struct run *run, struct failure *why);
