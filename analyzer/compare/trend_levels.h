/* The figures of one snapshot, put into a table of trends. Not for other layers. */
#pragma once

#include "analyzer/compare/diff_noise.h"
#include "analyzer/compare/trend.h"

/* One snapshot, with what more than one level needs of it. */
struct trend_source {
    const struct snapshot *snapshot;
    struct ledger *ledger;   /* NULL: it has none */
    struct diff_noise noise; /* of this snapshot alone: .after is empty */
};

/* What identifies a process among all snapshots, with its zero. */
struct trend_process_key {
    char text[160];
};

struct trend_process_key trend_process_key(const struct snapshot *snapshot,
                                           const struct process *process);

/* Its name (comm); empty if that was not read. */
struct slice trend_process_name(const struct snapshot *snapshot, const struct process *process);

/* Whether it has trends: it is in scope, no part of the collector, and the first of its address space. */
bool trend_has_process(const struct trends *trends, const struct snapshot *snapshot,
                       const struct process *process);

/* Memory comes in pages: one more or less tells nothing. And PSS is cut, in each of so many mappings. */
uint64_t trend_noise_of_pages(const struct snapshot *snapshot, uint64_t mappings);

/* Once all figures of the snapshot are put: what other processes' mappings, or fewer, told before is
 * not compared with what this one tells. */
void trend_apply_cover(struct trends *trends, const struct snapshot *snapshot, bool *is_read);

/* Each sets is_read[] for the parts that this snapshot can tell. False when memory ran out. */
bool trend_put_ledger(struct trends *trends, const struct trend_source *source, bool *is_read,
                      struct failure *why);
bool trend_put_processes(struct trends *trends, const struct trend_source *source, bool *is_read,
                         struct failure *why);
bool trend_put_classes(struct trends *trends, const struct trend_source *source, bool *is_read,
                       struct failure *why);
bool trend_put_mappings(struct trends *trends, const struct trend_source *source, bool *is_read,
                        struct failure *why);
bool trend_put_objects(struct trends *trends, const struct trend_source *source, bool *is_read,
                       struct failure *why);
bool trend_put_kernel(struct trends *trends, const struct trend_source *source, bool *is_read,
                      struct failure *why);
