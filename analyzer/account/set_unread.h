/* Members of a set whose mappings were not read, or not all of them. */
#pragma once

#include "analyzer/account/process_usage.h"
#include "analyzer/account/set_sharing.h"

/* Whether smaps_rollup was read, and has PSS and the private pages. */
bool process_rollup_tells(const struct process *process);

/* Adds what the rollup, else status or statm, tells beyond the mappings that were read. Private pages
 * and swap end with the set only if all processes of the address space are in it, and this is the
 * first (`alone`). */
void set_unread_add(const struct process_usage *usage, bool alone, struct set_sharing *set);

/* Swap slots of private memory that one process has: of them at least and at most so many are its
 * own. Shared memory is in Swap where SwapPss leaves it out, and in neither where there is none. */
struct byte_range private_swap(uint32_t present, const uint64_t *smaps_bytes);
