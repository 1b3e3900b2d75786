/* Anonymous memory that fork left to several processes: heaps, stacks and the like of which relatives
 * still have pages in common. Source: smaps and stat. docs/accounting.md, section 9. */
#pragma once

#include "analyzer/account/byte_range.h"
#include "analyzer/account/shared_stretches.h"

struct family_sums {
    uint64_t rss_bytes, pss_bytes, uss_bytes, swap_bytes;
};

/* One process's part of a family's memory. */
struct family_member {
    uint32_t process; /* index into snapshot.processes: of those with one address space the first */
    uint32_t mappings;
    struct family_sums sums;
};

/* All memory of one name that the same relatives have in common, with their copies of it. */
struct anon_family {
    uint32_t object;     /* index into snapshot.mappings.objects: its name */
    uint32_t owner;      /* index into snapshot.processes: the member that started first */
    uint64_t start, end; /* lowest and highest address */
    uint64_t places;     /* stretches of address space that it lies in */
    size_t first_member; /* in anon_families.members, by PID */
    uint32_t member_count;
    struct family_sums sums;    /* over members */
    struct byte_range resident; /* distinct pages, copies too */
    uint64_t members_hash;
};

struct anon_families {
    struct anon_family *families; /* by resident.high, largest first */
    size_t count, capacity;
    struct family_member *members;
    size_t member_count, member_capacity;
    bool all_mappers_read; /* nobody is missing who could map anything */
};

/* Huge pages of the pool are in none of the figures, as in RSS. Fails when memory ran out. */
bool anon_families_compute(const struct shared_stretches *stretches, struct anon_families *out,
                           struct failure *why);
void anon_families_deinit(struct anon_families *families);
