#include "analyzer/account/moved_memory.h"

#include <stdlib.h>

#include "analyzer/account/stretch_tally.h"

/* Processes that share a stretch are joined, each to another one of them, up to one that stands for all. */
struct join_work {
    const struct shared_stretches *stretches;
    uint64_t page_bytes;
    uint32_t *joined_to; /* by process */
    bool *moved;         /* by process: a stretch that begins with it misses a mapper */
};

static uint32_t representative(uint32_t *joined_to, uint32_t process)
{
    while (joined_to[process] != process) {
        joined_to[process] = joined_to[joined_to[process]];
        process = joined_to[process];
    }
    return process;
}

static bool stretch_is_addressed(const struct snapshot *snapshot,
                                 const struct shared_stretch *stretch)
{
    return object_is_addressed(snapshot, &snapshot->mappings.objects[stretch->object]);
}

static size_t end_of_process(const struct shared_stretch *stretch, size_t first)
{
    size_t end = first + 1;
    while (end < stretch->count && stretch->parts[end].process == stretch->parts[first].process)
        end++;
    return end;
}

/* Were all mappers of its pages here, their PSS would add up to at least what one of them maps. */
static bool misses_a_mapper(const struct join_work *work, const struct shared_stretch *stretch)
{
    struct stretch_tally tally = {0};
    for (size_t first = 0, end; first < stretch->count; first = end) {
        end = end_of_process(stretch, first);
        stretch_tally_add_process(work->stretches->snapshot, stretch->parts + first, end - first,
                                  &tally);
    }
    const struct sharing_question question = {
        .in = tally.base, .page_bytes = work->page_bytes, .most_bytes = UINT64_MAX, .closed = true};
    return sharing_bounds(&question).contradicted;
}

/* Joins who shares a stretch; whether anything moved at all. */
static bool join(struct join_work *work)
{
    const struct snapshot *snapshot = work->stretches->snapshot;
    struct stretch_cursor cursor = {0};
    struct shared_stretch stretch;
    bool any = false;
    while (shared_stretches_next(work->stretches, &cursor, &stretch)) {
        if (!stretch_is_addressed(snapshot, &stretch))
            continue;
        uint32_t first = representative(work->joined_to, stretch.parts[0].process);
        for (size_t i = 1; i < stretch.count; i++)
            work->joined_to[representative(work->joined_to, stretch.parts[i].process)] = first;
        if (!misses_a_mapper(work, &stretch))
            continue;
        work->moved[stretch.parts[0].process] = any = true;
    }
    return any;
}

/* What is true of one process is true of all that it was joined with. */
static void spread(struct join_work *work, struct moved_memory *moved)
{
    size_t count = moved->snapshot->process_count;
    for (size_t i = 0; i < count; i++)
        if (work->moved[i])
            moved->of_process[representative(work->joined_to, (uint32_t)i)] = true;
    for (size_t i = 0; i < count; i++)
        moved->of_process[i] = moved->of_process[representative(work->joined_to, (uint32_t)i)];
}

static int by_process(const void *a, const void *b)
{
    const struct stretch_part *left = a, *right = b;
    if (left->process != right->process)
        return left->process < right->process ? -1 : 1;
    return left->start < right->start ? -1 : left->start > right->start;
}

static bool collect_parts(const struct shared_stretches *stretches, struct moved_memory *moved)
{
    struct stretch_cursor cursor = {0};
    struct shared_stretch stretch;
    moved->parts = malloc((stretches->count + 1) * sizeof *moved->parts);
    if (!moved->parts)
        return false;
    moved->closed = true;
    while (shared_stretches_next(stretches, &cursor, &stretch)) {
        if (!moved_memory_has(moved, &stretch))
            continue;
        moved->closed = moved->closed && stretch.closed;
        for (size_t i = 0; i < stretch.count; i++)
            moved->parts[moved->count++] = stretch.parts[i];
    }
    qsort(moved->parts, moved->count, sizeof *moved->parts, by_process);
    return true;
}

bool moved_memory_find(const struct shared_stretches *stretches, struct moved_memory *out)
{
    size_t count = stretches->snapshot->process_count;
    struct moved_memory moved = {.snapshot = stretches->snapshot};
    struct join_work work = {.stretches = stretches};
    if (!snapshot_page_size(stretches->snapshot, &work.page_bytes) || !work.page_bytes)
        work.page_bytes = 1;
    work.joined_to = calloc(count + 1, sizeof *work.joined_to);
    work.moved = calloc(count + 1, sizeof *work.moved);
    moved.of_process = calloc(count + 1, sizeof *moved.of_process);
    bool ok = work.joined_to && work.moved && moved.of_process;
    for (size_t i = 0; ok && i < count; i++)
        work.joined_to[i] = (uint32_t)i;
    if (ok && join(&work)) {
        spread(&work, &moved);
        ok = collect_parts(stretches, &moved);
    }
    free(work.joined_to);
    free(work.moved);
    if (!ok)
        moved_memory_deinit(&moved);
    else
        *out = moved;
    return ok;
}

void moved_memory_deinit(struct moved_memory *moved)
{
    free(moved->of_process);
    free(moved->parts);
    *moved = (struct moved_memory){0};
}

bool moved_memory_has(const struct moved_memory *moved, const struct shared_stretch *stretch)
{
    return moved->of_process[stretch->parts[0].process] &&
           stretch_is_addressed(moved->snapshot, stretch);
}

bool moved_memory_stretch(const struct moved_memory *moved, struct shared_stretch *out)
{
    if (!moved->count)
        return false;
    *out = (struct shared_stretch){.parts = moved->parts,
                                   .count = moved->count,
                                   .size_bytes = UINT64_MAX,
                                   .closed = moved->closed};
    out->object = moved->snapshot->mappings.mappings[moved->parts->mapping].object;
    return true;
}
