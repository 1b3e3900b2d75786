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

/* Each sets is_read[] for the parts that this snapshot can tell. False when memory ran out. */
bool trend_put_ledger(struct trends *trends, const struct trend_source *source, bool *is_read,
                      struct failure *why);
bool trend_put_processes(struct trends *trends, const struct trend_source *source, bool *is_read,
                         struct failure *why);
bool trend_put_objects(struct trends *trends, const struct trend_source *source, bool *is_read,
                       struct failure *why);
bool trend_put_kernel(struct trends *trends, const struct trend_source *source, bool *is_read,
                      struct failure *why);
