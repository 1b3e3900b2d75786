#include "tests/unit/account/page_fixture.h"

struct snapshot *pages_snapshot;

static struct snapshot_tree tree;

int pages_set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    for (uint64_t i = 0; i < 3; i++) { /* not the same figures: that would be one address space */
        const struct block blocks[] = {
            {.start = 0x10000,
             .end = 0x50000,
             .rss = 64 + 4 * i,
             .pss = 64 + 4 * i,
             .private_dirty = 64 + 4 * i},
            {.start = 0x60000,                .end = 0x80000, .inode = 7, .name = "/lib/libc.so"},
        };
        char *text = BLOCKS_TEXT(blocks);
        tree_put_process(&tree, &(struct tree_process){.pid = 10 + i, .comm = "sh", .smaps = text});
        free(text);
    }
    pages_snapshot = tree_load(&tree);
    struct page_store *store = &pages_snapshot->pages;
    store->page_bytes = 4096;
    store->has_mapcounts = true;
    store->mapping_count = store->mapping_capacity = 6;
    store->mappings = calloc(6, sizeof *store->mappings);
    assert_non_null(store->mappings);
    for (uint32_t i = 0; i < 6; i++) {
        store->mappings[i].process = i / 2;
        store->mappings[i].mapping =
            (uint32_t)pages_snapshot->processes[i / 2].first_mapping + i % 2 + 1;
        pages_snapshot->processes[i / 2].files |= PROCESS_PAGES;
        pages_snapshot->processes[i / 2].first_page_mapping = i - i % 2;
        pages_snapshot->processes[i / 2].page_mapping_count = 2;
    }
    return 0;
}

int pages_tear_down(void **state)
{
    (void)state;
    snapshot_free(pages_snapshot);
    tree_remove(&tree);
    return 0;
}

void pages_give(uint32_t process, unsigned mapping, uint64_t frame, uint64_t pages,
                uint16_t mapcount, uint16_t attributes)
{
    struct page_run run = {
        .mapping = process * 2 + mapping, .mapcount = mapcount, .attributes = attributes};
    assert_true(page_runs_add(&pages_snapshot->pages.frames, run, frame, pages));
}
