#pragma once

#include "analyzer/account/sharing_sets.h"
#include "analyzer/views/group_view.h"

struct share_report {
    const struct snapshot *snapshot;
    const struct page_sharing *pages;  /* NULL: figures are bounds from smaps */
    const struct sharing_sets *sets;   /* NULL: not asked for */
    const struct group_report *groups; /* NULL: not asked for */
    bool one_set;                      /* --pid: the only group is that set */
    bool all_mappers_read;
};

/* Sets, groups, or what is to be said of one set: whatever the report has. */
bool share_print(const struct share_report *report, const struct view_options *options,
                 struct failure *why);
bool share_print_json(const struct share_report *report, uint64_t rows, FILE *to,
                      struct failure *why);

/* The columns of the sets, for --help. */
const struct column *share_columns(size_t *count);
