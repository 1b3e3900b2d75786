#include "analyzer/account/anon_kin.h"

#include <stdlib.h>

#define GENERATIONS_MAX 64 /* a damaged bundle may have circles */

bool anon_kin_init(const struct snapshot *snapshot, struct anon_kin *kin)
{
    *kin = (struct anon_kin){.snapshot = snapshot};
    kin->parent = calloc(snapshot->process_count + 1, sizeof *kin->parent);
    kin->met = calloc(snapshot->process_count + 1, sizeof *kin->met);
    if (!kin->parent || !kin->met)
        return false;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i], *parent = NULL;
        if (process->files & PROCESS_STAT)
            parent = snapshot_process(snapshot, process->ppid);
        if (parent)
            kin->parent[i] = (uint32_t)(parent - snapshot->processes) + 1;
    }
    return true;
}

static void free_parts(struct anon_kin *kin)
{
    free(kin->family_of);
    free(kin->starts);
    free(kin->ends);
    kin->family_of = NULL;
    kin->starts = kin->ends = NULL;
    kin->count = kin->capacity = 0;
}

void anon_kin_deinit(struct anon_kin *kin)
{
    free_parts(kin);
    free(kin->parent);
    free(kin->met);
    *kin = (struct anon_kin){0};
}

static bool make_room(struct anon_kin *kin, size_t count)
{
    if (count <= kin->capacity)
        return true;
    free_parts(kin);
    size_t room = count > SIZE_MAX / 2 ? count : count * 2;
    kin->family_of = calloc(room, sizeof *kin->family_of);
    kin->starts = calloc(room, sizeof *kin->starts);
    kin->ends = calloc(room, sizeof *kin->ends);
    if (!kin->family_of || !kin->starts || !kin->ends)
        return false;
    kin->capacity = room;
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct kin_border *left = a, *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return left->part < right->part ? -1 : left->part > right->part;
}

static uint32_t family_of(struct anon_kin *kin, uint32_t part)
{
    while (kin->family_of[part] != part) {
        kin->family_of[part] = kin->family_of[kin->family_of[part]];
        part = kin->family_of[part];
    }
    return part;
}

static void unite(struct anon_kin *kin, uint32_t a, uint32_t b)
{
    a = family_of(kin, a);
    b = family_of(kin, b);
    if (a < b)
        kin->family_of[b] = a;
    else
        kin->family_of[a] = b;
}

/* fork keeps the start of the stack, and execve chooses another one. */
static bool same_image(const struct process *a, const struct process *b)
{
    return !a->start_stack || !b->start_stack || a->start_stack == b->start_stack;
}

/* Unites each part with that of the nearest ancestor in the run. */
static void unite_with_ancestors(struct anon_kin *kin, const struct shared_stretch *stretch,
                                 const struct kin_border *run, size_t count)
{
    const struct process *processes = kin->snapshot->processes;
    for (size_t i = 0; i < count; i++)
        kin->met[stretch->parts[run[i].part].process] = run[i].part + 1;
    for (size_t i = 0; i < count; i++) {
        uint32_t process = stretch->parts[run[i].part].process;
        uint32_t ancestor = kin->parent[process];
        for (unsigned step = 1; ancestor && !kin->met[ancestor - 1] && step < GENERATIONS_MAX;
             step++)
            ancestor = kin->parent[ancestor - 1];
        if (ancestor && kin->met[ancestor - 1] &&
            same_image(&processes[process], &processes[ancestor - 1]))
            unite(kin, run[i].part, kin->met[ancestor - 1] - 1);
    }
    for (size_t i = 0; i < count; i++)
        kin->met[stretch->parts[run[i].part].process] = 0;
}

struct sibling {
    const struct process *process;
    uint32_t part;
};

static int by_parent(const void *a, const void *b)
{
    const struct process *left = ((const struct sibling *)a)->process;
    const struct process *right = ((const struct sibling *)b)->process;
    if (left->ppid != right->ppid)
        return left->ppid < right->ppid ? -1 : 1;
    if (left->start_stack != right->start_stack)
        return left->start_stack < right->start_stack ? -1 : 1;
    return left->pid < right->pid ? -1 : left->pid > right->pid;
}

static bool unite_siblings(struct anon_kin *kin, const struct shared_stretch *stretch,
                           const struct kin_border *run, size_t count)
{
    struct sibling *siblings = malloc(count * sizeof *siblings);
    size_t known = 0;
    if (!siblings)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct process *process =
            &kin->snapshot->processes[stretch->parts[run[i].part].process];
        if (process->files & PROCESS_STAT)
            siblings[known++] = (struct sibling){process, run[i].part};
    }
    qsort(siblings, known, sizeof *siblings, by_parent);
    for (size_t i = 1; i < known; i++)
        if (siblings[i].process->ppid == siblings[i - 1].process->ppid &&
            same_image(siblings[i].process, siblings[i - 1].process))
            unite(kin, siblings[i].part, siblings[i - 1].part);
    free(siblings);
    return true;
}

/* Parts that begin (or end) at one address form a run. */
static bool unite_runs(struct anon_kin *kin, const struct shared_stretch *stretch,
                       const struct kin_border *borders)
{
    for (size_t first = 0, end; first < kin->count; first = end) {
        for (end = first + 1; end < kin->count && borders[end].at == borders[first].at;)
            end++;
        if (end - first < 2)
            continue;
        unite_with_ancestors(kin, stretch, borders + first, end - first);
        if (!unite_siblings(kin, stretch, borders + first, end - first))
            return false;
    }
    return true;
}

bool anon_kin_find(struct anon_kin *kin, const struct shared_stretch *stretch)
{
    if (!make_room(kin, stretch->count))
        return false;
    kin->count = stretch->count;
    for (size_t i = 0; i < stretch->count; i++) {
        const struct stretch_part *part = &stretch->parts[i];
        const struct mapping *mapping = &kin->snapshot->mappings.mappings[part->mapping];
        kin->family_of[i] = (uint32_t)i;
        kin->starts[i] = (struct kin_border){mapping->start, (uint32_t)i};
        kin->ends[i] = (struct kin_border){mapping->end, (uint32_t)i};
    }
    qsort(kin->starts, kin->count, sizeof *kin->starts, by_address);
    qsort(kin->ends, kin->count, sizeof *kin->ends, by_address);
    if (!unite_runs(kin, stretch, kin->starts) || !unite_runs(kin, stretch, kin->ends))
        return false;
    for (size_t i = 0; i < kin->count; i++)
        kin->family_of[i] = family_of(kin, (uint32_t)i);
    return true;
}

/* How many borders lie below `at`. */
static size_t borders_below(const struct kin_border *borders, size_t count, uint64_t at)
{
    size_t first = 0;
    while (first < count) {
        size_t middle = first + (count - first) / 2;
        if (borders[middle].at < at)
            first = middle + 1;
        else
            count = middle;
    }
    return first;
}

size_t anon_kin_parts_between(const struct anon_kin *kin, uint64_t start, uint64_t end)
{
    size_t begun = borders_below(kin->starts, kin->count, end);
    size_t ended = borders_below(kin->ends, kin->count, start == UINT64_MAX ? start : start + 1);
    return begun > ended ? begun - ended : 0;
}
