/* Processes of both snapshots put into groups (account/process_group.h), matched by their names: a
 * group goes on where its processes were all replaced. */
#pragma once

#include "analyzer/account/process_group.h"

struct snapshot_diff;

/* One side of a group; amounts of address spaces, each once. */
struct group_side {
    uint64_t processes;
    uint64_t bytes; /* PSS; RSS of processes whose PSS is not known on each side that they have */
    uint64_t rss_bytes, swap_bytes;
};

struct group_change {
    const char *name; /* borrowed from the groups; outside text */
    struct group_side before, after;
    const struct set_sharing *held_before, *held_after; /* each page once; NULL: not on that side */
    int64_t change_bytes, rss_change, swap_change;
    uint64_t noise_bytes; /* of the processes, together */
    bool beyond_noise;
};

struct diff_groups {
    const char *how; /* borrowed: a key's word, or patterns */
    struct process_groups before, after;
    struct set_sharing *held_before, *held_after; /* owned: one a group; NULL: not asked for */
    struct group_change *rows;                    /* owned; largest change first */
    size_t count, capacity;
};

/* Needs the processes of `diff`. `how` as in process_groups_compute(). What groups hold once is found where
 * the scope asks for groups of all processes. */
bool diff_groups_compute(const struct snapshot_diff *diff, const char *how, struct diff_groups *out,
                         struct failure *why);
void diff_groups_deinit(struct diff_groups *groups);
