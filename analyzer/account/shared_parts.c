/* Rows of shared memory as parts that sum to Shmem. */
#include "analyzer/account/shared_sources.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"

/* In the order in which parts are cut when they sum to more than Shmem: the last is the surest. */
static const struct part_row {
    enum shared_kind kind;
    const char *counted, *mapped; /* sources: of rows with a figure of their own, of mapped ones */
} part_rows[] = {
    {SHARED_TMPFS, "statfs: sum of used blocks, each device once",
     "smaps: sum of PSS of files in /dev/shm"                                                                    },
    {SHARED_GPU,   "descriptors: blocks of each object once",
     "smaps: sum of PSS of GPU drivers' objects"                                                                 },
    {SHARED_MEMFD, "descriptors: blocks of each memfd once",       "smaps: sum of PSS of memfds"                 },
    {SHARED_ANON,  "descriptors",                                  "smaps: sum of PSS of shared anonymous memory"},
    {SHARED_SYSV,  "sysvipc/shm: sum of rss",                      "smaps: sum of PSS of System V segments"      },
};

#define PART_COUNT (sizeof part_rows / sizeof part_rows[0])

static enum shared_kind part_of(enum shared_kind kind)
{
    return kind == SHARED_FILE ? SHARED_TMPFS : kind;
}

static uint64_t swapped_bytes(const struct system_sample *now)
{
    uint64_t total, free;
    if (!field_get(&now->meminfo, MEMINFO_SWAP_TOTAL, &total) ||
        !field_get(&now->meminfo, MEMINFO_SWAP_FREE, &free))
        return 0;
    return subtract_to_zero(total, free);
}

static uint64_t huge_pages_in_use(const struct system_state *system)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < system->pool_count; i++) {
        const struct huge_page_pool *pool = &system->pools[i];
        uint64_t free = pool->free.known ? pool->free.bytes : 0;
        if (pool->node < 0 && pool->total.known)
            sum = add_saturating(sum, multiply_saturating(subtract_to_zero(pool->total.bytes, free),
                                                          pool->page_bytes));
    }
    return sum;
}

/* Takes `excess` from the rows of one part; returns what is left of it. */
static uint64_t cut_rows(struct shared_memory *shared, enum shared_kind part, uint64_t excess)
{
    for (size_t i = 0; i < shared->count && excess; i++) {
        struct shared_owner *row = &shared->rows[i];
        if (part_of(row->kind) != part || row->resident.bytes == 0)
            continue;
        uint64_t cut = excess < row->resident.bytes ? excess : row->resident.bytes;
        row->resident.bytes -= cut;
        row->is_cut = true;
        excess -= cut;
    }
    return excess;
}

/* Blocks in swap are in some rows and not in Shmem. What is beyond that was read at another moment,
 * or counted twice: the least sure rows are cut. */
static void bound_rows(struct shared_memory *shared, uint64_t shmem_bytes, uint64_t swapped)
{
    uint64_t sum = 0, with_swap = 0;
    for (size_t i = 0; i < shared->count; i++) {
        const struct shared_owner *row = &shared->rows[i];
        sum = add_saturating(sum, row->resident.bytes);
        if (row->counts_swap)
            with_swap = add_saturating(with_swap, row->resident.bytes);
    }
    uint64_t most = add_saturating(shmem_bytes, swapped < with_swap ? swapped : with_swap);
    uint64_t excess = subtract_to_zero(sum, most);
    for (size_t i = 0; i < PART_COUNT && excess; i++)
        excess = cut_rows(shared, part_rows[i].kind, excess);
}

struct part_sums {
    uint64_t with_swap, doubtful;
    bool counted, mapped, is_cut;
};

static void add_to_part(struct shared_part *part, struct part_sums *sums,
                        const struct shared_owner *row)
{
    part->known = part->known || row->resident.known;
    part->is_least = part->is_least || row->sized_by_mappings;
    part->bytes = add_saturating(part->bytes, row->resident.bytes);
    if (row->sized_by_mappings) {
        uint64_t rounding = multiply_saturating(row->mappers, 1024); /* to whole KiB in each */
        part->noise_bytes =
            add_saturating(part->noise_bytes, add_saturating(rounding, row->collector_bytes));
    }
    sums->counted = sums->counted || !row->sized_by_mappings;
    sums->mapped = sums->mapped || row->sized_by_mappings;
    sums->is_cut = sums->is_cut || row->is_cut;
    if (row->counts_swap)
        sums->with_swap = add_saturating(sums->with_swap, row->resident.bytes);
    if (row->may_be_huge)
        sums->doubtful = add_saturating(sums->doubtful, row->resident.bytes);
}

static void finish_part(const struct part_row *row, const struct part_sums *sums, uint64_t swapped,
                        uint64_t huge, struct shared_part *part)
{
    uint64_t doubtful = sums->doubtful < huge ? sums->doubtful : huge;
    uint64_t in_swap = sums->with_swap < swapped ? sums->with_swap : swapped;
    part->low_bytes = subtract_to_zero(part->bytes, add_saturating(doubtful, in_swap));
    if (sums->is_cut)
        part->low_bytes = 0;
    part->high_bytes = part->bytes;
    bool counted = sums->counted || !sums->mapped;
    snprintf(part->source, sizeof part->source, "%s%s%s", counted ? row->counted : "",
             counted && sums->mapped ? "; " : "", sums->mapped ? row->mapped : "");
}

static void sum_by_kind(const struct snapshot *snapshot, struct shared_memory *shared,
                        uint64_t swapped)
{
    struct part_sums sums[SHARED_KIND_COUNT] = {0};
    uint64_t huge = huge_pages_in_use(&snapshot->system);
    for (size_t i = 0; i < shared->count; i++) {
        enum shared_kind kind = part_of(shared->rows[i].kind);
        if (!shared->rows[i].is_huge)
            add_to_part(&shared->parts[kind], &sums[kind], &shared->rows[i]);
    }
    shared->parts[SHARED_SYSV].known = shared->parts[SHARED_SYSV].known || shared->has_sysv;
    for (size_t i = 0; i < PART_COUNT; i++)
        finish_part(&part_rows[i], &sums[part_rows[i].kind], swapped, huge,
                    &shared->parts[part_rows[i].kind]);
}

/* What is too much is in swap: cut, the least sure part first. */
static void cut_parts(struct shared_memory *shared, uint64_t shmem_bytes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < PART_COUNT; i++)
        sum = add_saturating(sum, shared->parts[part_rows[i].kind].bytes);
    for (size_t i = 0; i < PART_COUNT && sum > shmem_bytes; i++) {
        struct shared_part *part = &shared->parts[part_rows[i].kind];
        uint64_t cut = sum - shmem_bytes < part->bytes ? sum - shmem_bytes : part->bytes;
        if (cut == 0)
            continue;
        part->bytes -= cut;
        sum -= cut;
        part->low_bytes = 0;
    }
    shared->other_bytes = subtract_to_zero(shmem_bytes, sum);
}

static void bound_parts(struct shared_memory *shared, uint64_t shmem_bytes)
{
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        struct shared_part *part = &shared->parts[part_rows[i].kind];
        if (part->high_bytes > shmem_bytes)
            part->high_bytes = shmem_bytes;
        if (part->is_least)
            part->high_bytes = add_saturating(part->bytes, shared->other_bytes);
        if (part->low_bytes > part->bytes)
            part->low_bytes = part->bytes;
        low = add_saturating(low, part->low_bytes);
        high = add_saturating(high, part->high_bytes);
    }
    shared->other_low_bytes = subtract_to_zero(shmem_bytes, high);
    shared->other_high_bytes = subtract_to_zero(shmem_bytes, low);
}

/* A saturated sum can be cut wrong: then nothing is known. */
static bool sums_up(const struct shared_memory *shared, uint64_t shmem_bytes)
{
    uint64_t sum = shared->other_bytes;
    bool known = false;
    for (size_t i = 0; i < PART_COUNT; i++) {
        sum = add_saturating(sum, shared->parts[part_rows[i].kind].bytes);
        known = known || shared->parts[part_rows[i].kind].known;
    }
    return known && sum == shmem_bytes;
}

void shared_sum_parts(const struct snapshot *snapshot, struct shared_memory *shared)
{
    uint64_t shmem = 0, swapped = swapped_bytes(&snapshot->system.now);
    bool has_shmem = field_get(&snapshot->system.now.meminfo, MEMINFO_SHMEM, &shmem);
    if (has_shmem)
        bound_rows(shared, shmem, swapped);
    sum_by_kind(snapshot, shared, swapped);
    if (!has_shmem)
        return;
    cut_parts(shared, shmem);
    bound_parts(shared, shmem);
    shared->has_parts = sums_up(shared, shmem);
}
