/* What every view takes: where to, and how the user wants figures shown. Views only print; a wrong
 * number is never their fault. */
#pragma once

#include <stdio.h>

#include "analyzer/model/snapshot.h"
#include "analyzer/views/json.h"
#include "analyzer/views/table.h"

/* What a row of ps stands for. */
enum ps_rows { PS_PROCESSES, PS_USERS, PS_MAPPINGS, PS_GROUPS };

/* How pmap shows a process: procps' modes, or our own table. */
struct pmap_style {
    bool extended, device;      /* -x, -d                 */
    unsigned details;           /* how often -X was given */
    bool show_path, quiet, own; /* -p, -q, --long         */
};

/* diff --by: one table alone, and all of its rows. */
enum diff_level {
    DIFF_SCREEN, /* without --by: the first rows of each */
    DIFF_BY_LEDGER,
    DIFF_BY_GROUP,
    DIFF_BY_PROGRAM,
    DIFF_BY_PROCESS,
    DIFF_BY_CLASS,
    DIFF_BY_OBJECT,
    DIFF_BY_MAPPING,
    DIFF_BY_KERNEL,
    DIFF_LEVEL_COUNT
};

/* --identities, --rules: which half of check counts, and is printed as text. */
enum check_part { CHECK_WHOLE, CHECK_IDENTITIES, CHECK_RULES };

struct baseline; /* analyzer/compare/baseline.h */

struct view_options {
    struct table_options table;
    bool totals;  /* -t */
    bool all;     /* -a: also lines that are zero, rows without memory */
    bool verbose; /* -v: sources */
    bool sharers; /* --sharers */
    enum ps_rows ps_rows;
    enum check_part check_part;
    enum diff_level diff_level;
    unsigned sections; /* --only: bits by enum kernel_section; 0: all */
    struct pmap_style pmap;
    const struct baseline *baseline; /* --baseline; NULL: none */
    FILE *to;
};

/* In place of a table that has no row: none changed beyond noise, or none is there. */
void print_no_row(const struct view_options *options);

/* "HOST, Linux 6.1.0 x86_64, 2026-11-21 04:00:00 UTC" and, when the bundle is cut, a line that says
 * so: the first lines of every text report. */
void print_snapshot_heading(const struct snapshot *snapshot, const struct view_options *options);

/* The "snapshot" object of every JSON output, under `key`. */
void json_add_snapshot(struct json_document *document, const char *key,
                       const struct snapshot *snapshot);

/* Prints `text` from outside, escaped. */
void print_escaped(FILE *to, struct slice text);
