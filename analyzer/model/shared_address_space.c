#include "analyzer/model/shared_address_space.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/model/snapshot.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

void address_space_digest_add(struct address_space_digest *digest,
                              const struct smaps_mapping *block)
{
    uint64_t hash = digest->hash;
    hash = mix(hash, block->start);
    hash = mix(hash, block->end);
    hash = mix(hash, block->offset_bytes);
    hash = mix(hash, block->inode);
    hash = mix(hash, (uint64_t)block->device_major << 32 | block->device_minor);
    hash = mix(hash, block->permissions);
    hash = mix(hash, block->value_bytes[SMAPS_RSS]);
    hash = mix(hash, block->value_bytes[SMAPS_PSS]);
    hash = mix(hash, block->value_bytes[SMAPS_PRIVATE_CLEAN]);
    hash = mix(hash, block->value_bytes[SMAPS_PRIVATE_DIRTY]);
    hash = mix(hash, block->value_bytes[SMAPS_SWAP]);
    digest->hash = hash;
    uint64_t shared = add_saturating(block->value_bytes[SMAPS_SHARED_CLEAN],
                                     block->value_bytes[SMAPS_SHARED_DIRTY]);
    uint64_t own = add_saturating(block->value_bytes[SMAPS_PRIVATE_CLEAN],
                                  block->value_bytes[SMAPS_PRIVATE_DIRTY]);
    bool special = block->name.length_bytes && block->name.at[0] == '[' &&
                   !slice_equal(block->name, SLICE("[heap]")) &&
                   !slice_starts(block->name, SLICE("[stack")) &&
                   !slice_starts(block->name, SLICE("[anon"));
    if (special)
        return;
    /* Of a file's mapping, what was written to: at least so much of it is not private. */
    if (block->inode || block->device_major || block->device_minor)
        shared = subtract_to_zero(block->value_bytes[SMAPS_ANONYMOUS], own);
    digest->shared_anonymous_bytes = add_saturating(digest->shared_anonymous_bytes, shared);
}

/* Those that could share: read to the end, with memory that is nobody else's. */
static bool may_share(const struct process *process)
{
    return process->smaps.blocks && !(process->files & PROCESS_SMAPS_CUT) &&
           (process->files & PROCESS_STAT) && process->smaps.bytes[SMAPS_RSS] &&
           !process->digest.shared_anonymous_bytes;
}

/* What status says of an address space is the same for all that share it, but for the moment. */
static bool page_tables_agree(const struct process *a, const struct process *b)
{
    struct amount left = a->status_size[STATUS_VM_PTE], right = b->status_size[STATUS_VM_PTE];
    return !left.known || !right.known || left.bytes == right.bytes;
}

static bool look_alike(const struct process *a, const struct process *b)
{
    return a->digest.hash == b->digest.hash && a->smaps.blocks == b->smaps.blocks &&
           a->smaps.bytes[SMAPS_SIZE] == b->smaps.bytes[SMAPS_SIZE] &&
           a->smaps.bytes[SMAPS_RSS] == b->smaps.bytes[SMAPS_RSS] &&
           a->smaps.bytes[SMAPS_PSS] == b->smaps.bytes[SMAPS_PSS] && page_tables_agree(a, b);
}

struct candidate {
    const struct process *process;
    uint32_t index;
};

/* Brothers stand next to each other, in the order of PID. */
static int by_digest(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    uint64_t keys[2][2] = {
        {left->process->digest.hash,  left->process->ppid },
        {right->process->digest.hash, right->process->ppid},
    };
    for (unsigned i = 0; i < 2; i++)
        if (keys[0][i] != keys[1][i])
            return keys[0][i] < keys[1][i] ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

/* The first of the set that an index belongs to; paths are halved on the way. */
static uint32_t first_of(uint32_t *parent, uint32_t index)
{
    while (parent[index] != index) {
        parent[index] = parent[parent[index]];
        index = parent[index];
    }
    return index;
}

static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
    uint32_t left = first_of(parent, a), right = first_of(parent, b);
    if (left < right)
        parent[right] = left;
    else
        parent[left] = right;
}

static void join_candidates(struct snapshot *snapshot, const struct candidate *candidates,
                            size_t count, uint32_t *parent)
{
    for (size_t i = 0; i < count; i++) {
        const struct process *process = candidates[i].process;
        const struct process *before = i ? candidates[i - 1].process : NULL;
        if (before && before->ppid == process->ppid && look_alike(before, process))
            join(parent, candidates[i - 1].index, candidates[i].index);
        const struct process *father = snapshot_process(snapshot, process->ppid);
        if (father && father != process && may_share(father) && look_alike(father, process))
            join(parent, (uint32_t)(father - snapshot->processes), candidates[i].index);
    }
}

static void join_told(struct snapshot *snapshot, uint32_t *parent)
{
    const struct told_spaces *told = &snapshot->told_spaces;
    for (size_t i = 0; i < told->count; i++) {
        const struct process *process = snapshot_process(snapshot, told->pairs[i].pid);
        const struct process *first = snapshot_process(snapshot, told->pairs[i].first);
        if (process && first)
            join(parent, (uint32_t)(first - snapshot->processes),
                 (uint32_t)(process - snapshot->processes));
    }
}

bool address_spaces_find(struct snapshot *snapshot)
{
    size_t count = 0, all = snapshot->process_count;
    struct candidate *candidates = malloc((all + 1) * sizeof *candidates);
    uint32_t *parent = malloc((all + 1) * sizeof *parent);
    bool ok = candidates && parent && all < UINT32_MAX;
    for (size_t i = 0; ok && i < all; i++) {
        parent[i] = (uint32_t)i;
        if (!snapshot->told_spaces.complete && may_share(&snapshot->processes[i]))
            candidates[count++] = (struct candidate){&snapshot->processes[i], (uint32_t)i};
    }
    if (ok) {
        qsort(candidates, count, sizeof *candidates, by_digest);
        join_candidates(snapshot, candidates, count, parent);
        join_told(snapshot, parent);
    }
    for (size_t i = 0; ok && i < all; i++) {
        uint32_t first = first_of(parent, (uint32_t)i);
        if (first == i)
            continue;
        snapshot->processes[i].address_space = first + 1;
        snapshot->processes[first].address_space = first + 1;
    }
    free(candidates);
    free(parent);
    return ok;
}

bool process_repeats_address_space(const struct snapshot *snapshot, size_t index)
{
    uint32_t first = snapshot->processes[index].address_space;
    return first && first - 1 != index;
}
