/* What the files of the loader share. Not for other layers. */
#pragma once

#include "analyzer/base/key_index.h"
#include "analyzer/bundle/bundle.h"
#include "analyzer/model/inode_set.h"
#include "analyzer/model/snapshot_load.h"

#define WILDCARDS_MAX 2

/* Modules, samples, nodes and pools are looked up by walking their lists, so a hostile bundle must
 * not make these long. The largest real machines have some hundred of each. */
#define LISTED_MAX 8192

/* A member's path and the parts of it that stood for '*'. */
struct member_path {
    struct slice whole;
    struct slice wildcard[WILDCARDS_MAX];
    int64_t mtime_ns; /* 0: unknown */
};

struct loader {
    const struct load_options *options;
    struct snapshot *snapshot;
    struct key_index by_pid; /* rows of snapshot.processes */
    struct smaps_parser *smaps;
    size_t smaps_process;          /* whose smaps is being parsed: index into processes  */
    uint64_t smaps_unknown_before; /* parser's count of unknown lines before this file   */
    struct pages_load *pages;      /* load_pages.c; NULL: no pages were met             */
    uint64_t smallest_page_bytes;  /* least KernelPageSize met; 0 none                   */
    char *version_storage;         /* proc/version, NUL-terminated; NULL absent           */
    char *cpuinfo_storage;         /* proc/cpuinfo, NUL-terminated; NULL absent          */
    uint64_t meta_page_size_bytes; /* from meta/collector; 0 absent                      */
    uint64_t proc_members;         /* members below proc/                                */
    bool met_manifest;
    struct inode_set pipes; /* met among descriptors */
    /* Numbers of pages, until the page size is known: details_scale_pages(). */
    struct amount hyperv_balloon_pages, first_chunk_pages;
};

/* Adds *why to the snapshot's problems (up to PROBLEMS_KEPT) and clears it. */
void loader_problem(struct loader *loader, const char *member, struct failure *why);

/* Remembers the name of a field that this version does not know, once. */
void loader_unknown_field(struct loader *loader, const char *file, const char *name);

/* The process of `pid`, added if new. NULL with *why when memory or the limit ran out. */
struct process *loader_process(struct loader *loader, uint64_t pid, struct failure *why);

/* load_system.c: a member outside proc/PID. True when a route took it; *ok tells whether it
 * could be parsed. */
bool load_system_member(struct loader *loader, struct member_path *path, struct slice text,
                        bool *ok, struct failure *why);
/* Whether a route would take it: other members are not read at all. */
bool system_member_wanted(struct slice path);
/* Whether a path fits a pattern, component by component: "*" takes one, "*SUFFIX" one with that end.
 * `wildcard` has room for WILDCARDS_MAX and gets what stood for each. */
bool member_matches(const char *pattern, struct slice path, struct slice *wildcard);

/* load_process.c: proc/PID/FILE. */
struct process_member {
    uint64_t pid;
    struct slice file; /* "smaps", or "task/TID/smaps" */
};
bool process_member_split(struct slice path, struct process_member *out);
bool process_member_wanted(struct slice file);
/* How a member is loaded that is parsed as it comes, in chunks and over all its parts. */
struct process_stream {
    bool (*begin)(struct loader *loader, uint64_t pid, struct failure *why);
    bool (*feed)(struct loader *loader, struct slice chunk, struct failure *why);
    bool (*end)(struct loader *loader, bool cut, struct failure *why);
    enum process_file cut_mark; /* set when something of it is missing */
};
extern const struct process_stream smaps_stream, pages_stream;
/* NULL: it is collected whole and then parsed. */
const struct process_stream *process_member_stream(struct slice file);
bool load_process_member(struct loader *loader, const struct process_member *member,
                         struct slice text, struct failure *why);
/* Whether load_options let a streamed member of a process through. */
bool loader_wants_stream(const struct loader *loader, const struct process_stream *stream,
                         uint64_t pid);
bool smaps_prepare(struct loader *loader, struct failure *why);

/* load_pages.c: after the last member and address_spaces_find(). */
bool pages_complete(struct loader *loader, struct failure *why);
void pages_load_destroy(struct pages_load *load); /* NULL is fine */

/* load_journal.c */
bool load_journal(struct loader *loader, struct slice text, struct failure *why);
/* Notes a member that was met in the archive. */
bool loader_met_member(struct loader *loader, struct slice path, uint64_t bytes,
                       enum outcome outcome, struct failure *why);

/* load_identity.c */
bool load_manifest(struct loader *loader, struct slice text, struct failure *why);
bool identity_set(struct identity *identity, enum identity_fact fact, struct slice text,
                  const char *source);
/* After the last member: what no manifest told is derived from the tree. */
bool identity_complete(struct loader *loader, struct failure *why);

#define OUT_OF_MEMORY(why) failure_set((why), FAILURE_SYSTEM, 0, "out of memory")
