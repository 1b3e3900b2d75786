/* Processes that share one address space: made by vfork(2), or by clone(2) with CLONE_VM and without
 * CLONE_THREAD. Each shows the whole memory as its own, so that sums count it more than once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/model/process.h"

struct snapshot;

/* What the kernel told of who shares: derived/shared_mm. */
struct told_space {
    uint64_t pid, first; /* both have one address space */
};

struct told_spaces {
    struct told_space *pairs; /* owned */
    size_t count, capacity;
    bool complete; /* all that look alike were compared: nobody else shares */
};

/* Takes a block into the digest of its process: equal lists of mappings have equal digests. */
void address_space_digest_add(struct address_space_digest *digest,
                              const struct smaps_mapping *block);

/* Sets process.address_space of all that share one. The processes must be in the order of PID.
 *
 * Where the collector asked the kernel for all, what it told is all. Otherwise it is an inference: the lists of mappings must be the same,
 * with the same figures, in processes of one parent or in parent and child. A fork that has just begun
 * looks the same, but then the pages without a file are shared between two, and shown so; in one
 * address space they are private. Hence those with such shared pages are taken for two: a process
 * made by fork that then calls vfork is not found.
 * Grows with the number of processes. False when memory ran out. */
bool address_spaces_find(struct snapshot *snapshot);

/* Whether a process of lower PID has the address space of process number `index`. */
bool process_repeats_address_space(const struct snapshot *snapshot, size_t index);
