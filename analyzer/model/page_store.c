#include "analyzer/model/page_store.h"

#include "analyzer/base/array.h"

bool page_runs_add(struct page_runs *runs, struct page_run like, uint64_t frame, uint64_t pages)
{
    while (pages) {
        struct page_run *run = ARRAY_PUSH(runs->runs, runs->count, runs->capacity);
        if (!run)
            return false;
        uint64_t here = pages < PAGE_RUN_MOST ? pages : PAGE_RUN_MOST;
        *run = like;
        run->frame = frame & PAGE_FRAME_MOST;
        run->pages = here & PAGE_RUN_MOST;
        frame += like.attributes & PAGE_REPEATS ? 0 : here;
        pages -= here;
    }
    return true;
}

void page_store_deinit(struct page_store *store)
{
    free(store->frames.runs);
    free(store->slots.runs);
    free(store->mappings);
    *store = (struct page_store){0};
}

uint64_t page_store_bytes(const struct page_store *store)
{
    return (store->frames.count + store->slots.count) * sizeof(struct page_run) +
           store->mapping_count * sizeof(struct page_mapping);
}
