/* proc/PID/pages into the page store, and what the store knows only at the end. */
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/model/loader.h"
#include "analyzer/model/shared_address_space.h"
#include "analyzer/parse/process/pages.h"

/* Where a process's mappings stand in the store: processes are put in order at the end. */
struct pages_owner {
    uint64_t pid;
    size_t first, count;
};

struct pages_load {
    struct loader *loader;
    struct pages_visitor visitor;
    struct pages_parser *parser;
    struct pages_owner *owners;
    size_t owner_count, owner_capacity;
    /* What the store had before the mapping under way: it counts only when it is whole. */
    size_t frames_before, slots_before, mappings_before;
    bool fed; /* the member is not empty, as that of a kernel thread is */
};

static struct page_store *store_of(struct pages_load *load)
{
    return &load->loader->snapshot->pages;
}

static bool take_head(void *context, const struct pages_head *head, struct failure *why)
{
    struct page_store *store = store_of(context);
    if (head->frames > PAGE_FRAME_MOST + 1)
        return failure_set(why, FAILURE_LIMIT, 0, "frame numbers of more than %d bits",
                           PAGE_FRAME_BITS);
    if (store->page_bytes && store->page_bytes != head->page_bytes)
        return failure_set(why, FAILURE_MALFORMED, 0,
                           "pages of another size than those of other processes");
    if (store->page_bytes && store->frames_end != head->frames)
        return failure_set(why, FAILURE_MALFORMED, 0,
                           "another number of frames than with other processes");
    store->has_mapcounts =
        (store->has_mapcounts || !store->page_bytes) && (head->features & PAGES_HAS_MAPCOUNTS);
    store->page_bytes = head->page_bytes;
    store->frames_end = head->frames;
    return true;
}

static void remember_place(struct pages_load *load)
{
    struct page_store *store = store_of(load);
    load->frames_before = store->frames.count;
    load->slots_before = store->slots.count;
    load->mappings_before = store->mapping_count;
}

static bool take_mapping(void *context, uint64_t start, uint64_t length, struct failure *why)
{
    struct pages_load *load = context;
    struct page_store *store = store_of(load);
    remember_place(load);
    if (store->mapping_count >= load->loader->options->limits.mappings)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %llu mappings",
                           (unsigned long long)load->loader->options->limits.mappings);
    struct page_mapping *mapping =
        ARRAY_PUSH(store->mappings, store->mapping_count, store->mapping_capacity);
    if (!mapping)
        return OUT_OF_MEMORY(why);
    mapping->start = start * store->page_bytes;
    mapping->pages = length;
    return true;
}

static bool add_run(struct pages_load *load, const struct pages_run *run, struct failure *why)
{
    struct page_store *store = store_of(load);
    uint64_t most = load->loader->options->limits.page_runs;
    uint64_t first = run->first;
    struct page_runs *runs = &store->frames;
    struct page_run like = {
        .mapping = (uint32_t)(store->mapping_count - 1),
        .attributes = (uint16_t)run->flags,
        .mapcount = run->mapcount < PAGE_MAPCOUNT_MAX ? (uint16_t)run->mapcount : PAGE_MAPCOUNT_MAX,
    };
    if (run->kind == PAGES_REPEATED)
        like.attributes |= PAGE_REPEATS;
    if (run->kind == PAGES_SWAPPED) {
        runs = &store->slots;
        if (run->count > UINT64_C(1) << PAGE_SLOT_AREA_SHIFT ||
            first > (UINT64_C(1) << PAGE_SLOT_AREA_SHIFT) - run->count)
            return failure_set(why, FAILURE_LIMIT, 0, "a swap slot of more than %d bits",
                               PAGE_SLOT_AREA_SHIFT);
        first |= (uint64_t)run->area << PAGE_SLOT_AREA_SHIFT;
    }
    if (store->frames.count + store->slots.count + run->count / PAGE_RUN_MOST >= most)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %llu runs of pages",
                           (unsigned long long)most);
    return page_runs_add(runs, like, first, run->count) || OUT_OF_MEMORY(why);
}

/* They get numbers that no frame has, so that from here on they are as other frames. */
static bool add_alone(struct pages_load *load, struct pages_run run, struct failure *why)
{
    struct page_store *store = store_of(load);
    run.kind = PAGES_ASCENDING;
    run.first = store->frames_end + store->alone;
    if (run.count > PAGE_FRAME_MOST + 1 - run.first)
        return failure_set(why, FAILURE_LIMIT, 0, "more than 2^%d pages", PAGE_FRAME_BITS);
    store->alone += run.count;
    return add_run(load, &run, why);
}

static bool take_run(void *context, const struct pages_run *run, struct failure *why)
{
    struct pages_load *load = context;
    struct page_mapping *mapping = &store_of(load)->mappings[store_of(load)->mapping_count - 1];
    switch (run->kind) {
    case PAGES_HOLE:
        return true;
    case PAGES_DEVICE:
        mapping->device += run->count;
        return true;
    case PAGES_OTHER:
        if (run->first == PAGES_OTHER_ALONE)
            return add_alone(load, *run, why);
        *(run->first == PAGES_OTHER_SPECIAL ? &mapping->special : &mapping->unread) += run->count;
        return true;
    default:
        return add_run(load, run, why);
    }
}

static bool create_load(struct loader *loader)
{
    struct pages_load *load = calloc(1, sizeof *load);
    if (!load)
        return false;
    load->loader = loader;
    load->visitor = (struct pages_visitor){load, take_head, take_mapping, take_run};
    load->parser = pages_parser_create(&load->visitor);
    loader->pages = load;
    return load->parser;
}

static bool pages_begin(struct loader *loader, uint64_t pid, struct failure *why)
{
    struct process *process = loader_process(loader, pid, why);
    if (!process)
        return false;
    if (process->files & PROCESS_PAGES)
        return failure_set(why, FAILURE_MALFORMED, 0, "a second list of pages of one process");
    if (!loader->pages && !create_load(loader))
        return OUT_OF_MEMORY(why);
    struct pages_load *load = loader->pages;
    struct pages_owner *owner = ARRAY_PUSH(load->owners, load->owner_count, load->owner_capacity);
    if (!owner)
        return OUT_OF_MEMORY(why);
    *owner = (struct pages_owner){.pid = pid, .first = loader->snapshot->pages.mapping_count};
    process->files |= PROCESS_PAGES;
    pages_parser_reset(load->parser);
    remember_place(load);
    load->fed = false;
    return true;
}

static bool pages_feed(struct loader *loader, struct slice chunk, struct failure *why)
{
    loader->pages->fed = true;
    return pages_parser_feed(loader->pages->parser, chunk, why);
}

static bool pages_end(struct loader *loader, bool cut, struct failure *why)
{
    struct pages_load *load = loader->pages;
    struct page_store *store = &loader->snapshot->pages;
    struct pages_owner *owner = &load->owners[load->owner_count - 1];
    struct process *process = loader_process(loader, owner->pid, why);
    if (!load->fed && !cut) {
        load->owner_count--;
        if (process)
            process->files &= ~(uint32_t)PROCESS_PAGES;
        return true;
    }
    bool whole = pages_parser_finish(load->parser, why);
    if (!pages_parser_mapping_whole(load->parser)) {
        store->frames.count = load->frames_before;
        store->slots.count = load->slots_before;
        store->mapping_count = load->mappings_before;
    }
    owner->count = store->mapping_count - owner->first;
    if (process && (cut || !whole))
        process->files |= PROCESS_PAGES_CUT;
    return whole;
}

const struct process_stream pages_stream = {pages_begin, pages_feed, pages_end, PROCESS_PAGES_CUT};

/* The mapping of smaps that begins last, at or before the page mapping's start, if it reaches there. */
static void join_mappings(const struct snapshot *snapshot, const struct process *process,
                          struct page_mapping *mappings, size_t count)
{
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mapping *first = &snapshot->mappings.mappings[process->first_mapping];
        while (next < process->mapping_count && first[next].end <= mappings[i].start)
            next++;
        if (next < process->mapping_count && first[next].start <= mappings[i].start)
            mappings[i].mapping = (uint32_t)(process->first_mapping + next) + 1;
    }
}

/* Runs of processes that have the address space of another one would count its pages twice. */
static void drop_repeated(const struct snapshot *snapshot, struct page_runs *runs)
{
    size_t kept = 0;
    for (size_t i = 0; i < runs->count; i++) {
        uint32_t process = snapshot->pages.mappings[runs->runs[i].mapping].process;
        if (!process_repeats_address_space(snapshot, process))
            runs->runs[kept++] = runs->runs[i];
    }
    runs->count = kept;
}

bool pages_complete(struct loader *loader, struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    struct page_store *store = &snapshot->pages;
    if (!loader->pages)
        return true;
    if (snapshot->mappings.count >= UINT32_MAX || store->mapping_count >= UINT32_MAX)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %u mappings with pages", UINT32_MAX);
    for (size_t i = 0; i < loader->pages->owner_count; i++) {
        const struct pages_owner *owner = &loader->pages->owners[i];
        struct process *process = snapshot_process(snapshot, owner->pid);
        struct page_mapping *mappings = &store->mappings[owner->first];
        process->first_page_mapping = owner->first;
        process->page_mapping_count = owner->count;
        for (size_t j = 0; j < owner->count; j++)
            mappings[j].process = (uint32_t)(process - snapshot->processes);
        join_mappings(snapshot, process, mappings, owner->count);
    }
    drop_repeated(snapshot, &store->frames);
    drop_repeated(snapshot, &store->slots);
    page_runs_sort(&store->frames);
    page_runs_sort(&store->slots);
    return true;
}

void pages_load_destroy(struct pages_load *load)
{
    if (!load)
        return;
    pages_parser_destroy(load->parser);
    free(load->owners);
    free(load);
}
