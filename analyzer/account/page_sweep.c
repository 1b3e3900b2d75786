#include "analyzer/account/page_sweep.h"

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"

/* A run that the sweep is in. */
struct active_run {
    uint64_t end; /* behind its last frame */
    const struct page_run *run;
};

struct sweep {
    const struct page_mapping *mappings;
    struct active_run *heap; /* the run that ends first is at the top */
    size_t count, capacity;
    uint64_t *met;       /* by process: the number of the last segment that it was met in */
    uint32_t *processes; /* those of the segment */
    uint64_t segments;
    page_visit visit;
    void *context;
};

/* A word for each process. Sets whose words give the same sum are told apart by their members. */
static uint64_t word_of(uint32_t process)
{
    uint64_t word = (process + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

static bool heap_push(struct sweep *sweep, const struct page_run *run)
{
    size_t at = sweep->count;
    if (!array_reserve((void **)&sweep->heap, &sweep->capacity, at, sizeof *sweep->heap))
        return false;
    sweep->count++;
    struct active_run item = {page_run_end(run), run};
    for (; at > 0 && sweep->heap[(at - 1) / 2].end > item.end; at = (at - 1) / 2)
        sweep->heap[at] = sweep->heap[(at - 1) / 2];
    sweep->heap[at] = item;
    return true;
}

static void heap_pop(struct sweep *sweep)
{
    struct active_run item = sweep->heap[--sweep->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < sweep->count; at = child) {
        if (child + 1 < sweep->count && sweep->heap[child + 1].end < sweep->heap[child].end)
            child++;
        if (sweep->heap[child].end >= item.end)
            break;
        sweep->heap[at] = sweep->heap[child];
    }
    sweep->heap[at] = item;
}

/* Who maps frames [from, to), of all runs that are in the heap. */
static bool emit(struct sweep *sweep, uint64_t from, uint64_t to, struct failure *why)
{
    struct page_segment segment = {.frame = from,
                                   .pages = to - from,
                                   .run = sweep->heap[0].run,
                                   .processes = sweep->processes,
                                   .met = sweep->met,
                                   .number = ++sweep->segments,
                                   .mapcount_least = UINT16_MAX};
    for (size_t i = 0; i < sweep->count; i++) {
        const struct page_run *run = sweep->heap[i].run;
        uint32_t process = sweep->mappings[run->mapping].process;
        segment.times =
            add_saturating(segment.times, run->attributes & PAGE_REPEATS ? run->pages : 1);
        if (run->mapping < segment.run->mapping)
            segment.run = run;
        if (run->mapcount < segment.mapcount_least)
            segment.mapcount_least = run->mapcount;
        if (run->mapcount > segment.mapcount_most)
            segment.mapcount_most = run->mapcount;
        if (sweep->met[process] == sweep->segments)
            continue;
        sweep->met[process] = sweep->segments;
        sweep->processes[segment.process_count++] = process;
        segment.hash += word_of(process);
    }
    return sweep->visit(sweep->context, &segment, why);
}

static bool sweep_runs(struct sweep *sweep, const struct page_runs *runs, struct failure *why)
{
    uint64_t at = 0;
    for (size_t next = 0; next < runs->count || sweep->count;) {
        uint64_t stop = sweep->count ? sweep->heap[0].end : UINT64_MAX;
        if (next < runs->count && runs->runs[next].frame < stop)
            stop = runs->runs[next].frame;
        if (sweep->count && stop > at && !emit(sweep, at, stop, why))
            return false;
        at = stop;
        while (sweep->count && sweep->heap[0].end == at)
            heap_pop(sweep);
        for (; next < runs->count && runs->runs[next].frame == at; next++)
            if (!heap_push(sweep, &runs->runs[next]))
                return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    return true;
}

bool page_sweep(const struct page_runs *runs, const struct page_mapping *mappings,
                size_t process_count, page_visit visit, void *context, struct failure *why)
{
    struct sweep sweep = {.mappings = mappings, .visit = visit, .context = context};
    sweep.met = calloc(process_count + 1, sizeof *sweep.met);
    sweep.processes = calloc(process_count + 1, sizeof *sweep.processes);
    bool ok = sweep.met && sweep.processes ? sweep_runs(&sweep, runs, why)
                                           : failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    free(sweep.heap);
    free(sweep.met);
    free(sweep.processes);
    return ok;
}
