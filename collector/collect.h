/* One run from beginning to end: one bundle, or a series of them. */
#pragma once

#include "collector/progress.h"
#include "collector/redact/redact.h"
#include "schema/failure.h"
#include "schema/outcome.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct collect_options {
    const char *output;       /* file; "-" standard output; NULL memtally-HOST-TIME.tar.zst here */
    const char *label;        /* NULL: none */
    const char *proc_root;    /* NULL: this machine's / */
    const char *in_force;     /* the options as given, for the manifest */
    uint64_t read_timeout_ns; /* a reader that reads nothing for so long is stopped */
    unsigned readers;         /* processes that read; 0: as many as processors */
    uint64_t budget_ns;       /* for the whole run: then no more detail is read; 0: none */
    unsigned share;           /* percent of the time that a process's lock may be taken; 0 all */
    bool page_census;         /* count all page frames by kind */
    bool pages;               /* which frame or slot is behind each page of every process */
    bool is_series;           /* one bundle after the other, with the time in each name */
    uint64_t repeat;          /* so many; 0: until a signal comes                       */
    uint64_t every_ns;        /* from start to start, a second at least                 */
    bool urgent;              /* priority above others, not below */
    struct redact_options redact;
    bool quiet;
    bool verbose;
};

struct collect_summary {
    char name[PATH_MAX]; /* where the bundle went */
    uint64_t processes;
    uint64_t mappings;
    uint64_t members[OUTCOME_COUNT]; /* how many of each outcome */
    uint64_t bytes;                  /* of the bundle */
    uint64_t duration_ns;
    uint64_t uncovered;           /* processes whose memory was not read whole */
    uint64_t uncovered_rss_bytes; /* what they hold resident, shared pages counted in each */
    bool in_memory;               /* the bundle lies in a tmpfs */
    bool in_namespace;            /* only the processes of a PID namespace could be seen */
    enum outcome pages;           /* READ, or why --pages came to nothing */
    bool interrupted;
};

/* Called when a bundle has been published. */
typedef void collect_taken(void *context, const struct collect_summary *summary);

/* Writes and publishes bundles; of one that fails nothing stays behind, and it is the last. */
bool collect(const struct collect_options *options, struct progress *progress, collect_taken *taken,
             void *context, struct failure *why);
