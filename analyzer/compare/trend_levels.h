/* The figures of one snapshot, put into a table of trends. Not for other layers. */
#pragma once

#include "analyzer/compare/trend.h"

/* Each sets is_read[] for the parts that this snapshot can tell. False when memory ran out. */
bool trend_put_ledger(struct trends *trends, const struct snapshot *snapshot, bool *is_read,
                      struct failure *why);
bool trend_put_processes(struct trends *trends, const struct snapshot *snapshot, bool *is_read,
                         struct failure *why);
bool trend_put_objects(struct trends *trends, const struct snapshot *snapshot, bool *is_read,
                       struct failure *why);
bool trend_put_kernel(struct trends *trends, const struct snapshot *snapshot, bool *is_read,
                      struct failure *why);
