/* analyzer/model/load_pages.c: from members to the page store. */
#include "tests/unit/model/snapshot_tree.h"

#include "tests/unit/parse/pages_bytes.h"

#define MAP_START UINT64_C(0x10000)

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static uint64_t most_runs;

static int set_up(void **state)
{
    (void)state;
    most_runs = UINT64_C(1) << 20;
    tree_create(&tree);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    snapshot_free(snapshot);
    tree_remove(&tree);
    return 0;
}

/* A process with two mappings of 16 pages: of memory, and of a file. */
static void put_process(uint64_t pid, const struct pages_bytes *pages)
{
    const struct block blocks[] = {
        {.start = MAP_START,
         .end = MAP_START + KIB(64),
         .rss = pid,
         .pss = pid,
         .private_dirty = pid},
        {.start = MAP_START + KIB(64),
         .end = MAP_START + KIB(128),
         .inode = 7,
         .name = "/lib/libc.so"},
    };
    char *text = BLOCKS_TEXT(blocks), path[64];
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .comm = "sh", .smaps = text});
    free(text);
    snprintf(path, sizeof path, "proc/%u/pages", (unsigned)pid);
    tree_put_bytes(&tree, path, pages->bytes, pages->count);
}

static void load(void)
{
    const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT, .keep_pages = true};
    struct load_options limited = options;
    struct failure why = {0};
    limited.limits.page_runs = most_runs;
    snapshot = snapshot_load(tree.folder, &limited, &why);
    assert_non_null(snapshot);
}

static void put_frames(struct pages_bytes *out, uint64_t first, uint64_t count)
{
    put_run(out, PAGES_ASCENDING, count, PAGES_HAS_ATTRIBUTES);
    put_step(out, (int64_t)first);
    put_attributes(out, 1, PAGES_FLAG_ANON);
}

static void pages_are_joined_with_mappings_and_processes(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 1024);
    put_mapping(&b, MAP_START / 4096, 16);
    put_frames(&b, 100, 10);
    put_run(&b, PAGES_OTHER, 1, 0);
    put_number(&b, PAGES_OTHER_SPECIAL);
    put_run(&b, PAGES_OTHER, 2, 0);
    put_number(&b, PAGES_OTHER_NOT_READ);
    put_run(&b, PAGES_DEVICE, 3, 0);
    put_step(&b, 0);
    put_mapping(&b, 0, 16);
    put_run(&b, PAGES_SWAPPED, 16, PAGES_HAS_ATTRIBUTES);
    put_step(&b, 5);
    put_number(&b, 2);
    put_mapping(&b, 50, 1); /* where smaps has none */
    put_run(&b, PAGES_REPEATED, 1, 0);
    put_step(&b, 3);
    put_end(&b, 3, 6);
    put_process(30, &b);
    put_process(9, &b); /* comes behind, by name */
    load();
    assert_int_equal(snapshot->problem_count, 0);
    const struct page_store *store = &snapshot->pages;
    assert_int_equal(store->page_bytes, 4096);
    assert_true(store->has_mapcounts);
    assert_int_equal(store->mapping_count, 6);
    assert_int_equal(store->frames.count, 4);
    assert_int_equal(store->slots.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct process *process = &snapshot->processes[i];
        const struct page_mapping *mappings = &store->mappings[process->first_page_mapping];
        assert_int_equal(process->page_mapping_count, 3);
        assert_int_equal(process->files & (PROCESS_PAGES | PROCESS_PAGES_CUT), PROCESS_PAGES);
        assert_int_equal(mappings[0].process, i);
        assert_int_equal(mappings[0].mapping, process->first_mapping + 1);
        assert_int_equal(mappings[0].start, MAP_START);
        assert_int_equal(mappings[0].special, 1);
        assert_int_equal(mappings[0].unread, 2);
        assert_int_equal(mappings[0].device, 3);
        assert_int_equal(mappings[1].mapping, process->first_mapping + 2);
        assert_int_equal(mappings[2].mapping, 0);
    }
    assert_int_equal(store->frames.runs[0].frame, 3);
    assert_true(store->frames.runs[0].attributes & PAGE_REPEATS);
    assert_int_equal(store->frames.runs[3].frame, 100);
    assert_int_equal(store->frames.runs[3].pages, 10);
    assert_int_equal(store->slots.runs[0].frame, (UINT64_C(2) << PAGE_SLOT_AREA_SHIFT) + 5);
}

/* The list of a leader that has ended is empty. */
static void a_thread_stands_in_for_its_dead_leader(void **state)
{
    (void)state;
    struct pages_bytes none = {0}, b;
    put_head(&b, 1024);
    put_mapping(&b, 16, 16);
    put_frames(&b, 100, 16);
    put_end(&b, 1, 1);
    put_process(9, &none);
    tree_put_bytes(&tree, "proc/9/task/11/pages", b.bytes, b.count);
    load();
    assert_int_equal(snapshot->problem_count, 0);
    assert_int_equal(snapshot->process_count, 1);
    assert_int_equal(snapshot->pages.frames.count, 1);
    assert_int_equal(snapshot->processes[0].files & (PROCESS_PAGES | PROCESS_PAGES_CUT),
                     PROCESS_PAGES);
}

static void put_alone(struct pages_bytes *out, uint64_t count)
{
    put_run(out, PAGES_OTHER, count, 0);
    put_number(out, PAGES_OTHER_ALONE + PAGES_FLAG_ANON);
}

/* Neither of the two numbers was in the bundle: what is alone never meets anything. */
static void pages_alone_have_frames_of_their_own(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 1024);
    put_mapping(&b, 16, 30);
    put_alone(&b, 10);
    put_frames(&b, 1023, 1);
    put_alone(&b, 19);
    put_end(&b, 1, 3);
    put_process(9, &b);
    put_process(10, &b);
    load();
    assert_int_equal(snapshot->problem_count, 0);
    const struct page_runs *frames = &snapshot->pages.frames;
    assert_int_equal(frames->count, 6);
    assert_int_equal(frames->runs[0].frame, 1023);
    assert_int_equal(frames->runs[1].frame, 1023);
    for (size_t i = 2; i < 6; i++) {
        assert_int_equal(frames->runs[i].frame, page_run_end(&frames->runs[i - 1]));
        assert_int_equal(frames->runs[i].attributes, PAGES_FLAG_ANON);
        assert_int_equal(frames->runs[i].mapcount, 1);
    }
    assert_int_equal(page_run_end(&frames->runs[5]), 1024 + 2 * 29);
}

static void more_pages_alone_than_numbers_are_refused(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 1024);
    put_mapping(&b, 1, UINT64_C(1) << 41);
    put_alone(&b, 1 << 20);
    put_alone(&b, PAGE_FRAME_MOST);
    put_process(9, &b);
    load();
    assert_int_equal(snapshot->problem_count, 1);
    assert_int_equal(snapshot->problems[0].kind, FAILURE_LIMIT);
    assert_int_equal(snapshot->pages.frames.count, 0);
}

static void all_members_have_as_many_frames(void **state)
{
    (void)state;
    struct pages_bytes b;
    for (uint64_t pid = 9; pid < 11; pid++) {
        put_head(&b, 1024 * pid);
        put_mapping(&b, 16, 16);
        put_frames(&b, 100, 16);
        put_end(&b, 1, 1);
        put_process(pid, &b);
    }
    load();
    assert_int_equal(snapshot->problem_count, 1);
    assert_int_equal(snapshot->problems[0].kind, FAILURE_MALFORMED);
    assert_int_equal(snapshot->pages.frames.count, 1);
}

static void of_a_cut_member_whole_mappings_count(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 1024);
    put_mapping(&b, 16, 16);
    put_frames(&b, 100, 16);
    put_mapping(&b, 0, 16);
    put_frames(&b, 300, 10);
    put_process(9, &b);
    load();
    assert_int_equal(snapshot->problem_count, 1);
    assert_int_equal(snapshot->problems[0].kind, FAILURE_TRUNCATED);
    assert_int_equal(snapshot->pages.frames.count, 1);
    assert_int_equal(snapshot->pages.mapping_count, 1);
    assert_true(snapshot->processes[0].files & PROCESS_PAGES_CUT);
}

/* Same smaps, same parent, one address space: as after vfork. */
static void one_address_space_counts_once(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 1024);
    put_mapping(&b, 16, 16);
    put_frames(&b, 100, 16);
    put_end(&b, 1, 1);
    put_process(9, &b);
    put_process(30, &b);
    load();
    assert_int_equal(snapshot->pages.frames.count, 2); /* smaps differ: two address spaces */
    snapshot_free(snapshot);
    char smaps[2048];
    snprintf(smaps, sizeof smaps, "%s/proc/30/smaps", tree.folder);
    remove(smaps);
    const struct block same[] = {
        {.start = MAP_START, .end = MAP_START + KIB(64), .rss = 9, .pss = 9, .private_dirty = 9},
        {.start = MAP_START + KIB(64),
         .end = MAP_START + KIB(128),
         .inode = 7,
         .name = "/lib/libc.so"                                                        },
    };
    char *text = BLOCKS_TEXT(same);
    tree_put(&tree, "proc/30/smaps", text);
    free(text);
    load();
    assert_int_equal(snapshot->processes[1].address_space, 1);
    assert_int_equal(snapshot->pages.frames.count, 1);
    assert_int_equal(snapshot->pages.mappings[snapshot->pages.frames.runs[0].mapping].process, 0);
}

static void runs_have_a_limit(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 1024);
    put_mapping(&b, 16, 16);
    put_frames(&b, 100, 8);
    put_frames(&b, 100, 8);
    put_end(&b, 1, 2);
    put_process(9, &b);
    most_runs = 2;
    load();
    assert_int_equal(snapshot->problem_count, 0);
    snapshot_free(snapshot);
    most_runs = 1;
    load();
    assert_int_equal(snapshot->problem_count, 1);
    assert_int_equal(snapshot->problems[0].kind, FAILURE_LIMIT);
    assert_int_equal(snapshot->pages.frames.count, 0);
}

static void an_empty_member_says_nothing(void **state)
{
    (void)state;
    struct pages_bytes b = {0};
    put_process(9, &b);
    load();
    assert_int_equal(snapshot->problem_count, 0);
    assert_false(snapshot->processes[0].files & (PROCESS_PAGES | PROCESS_PAGES_CUT));
}

static void pages_are_loaded_on_demand_only(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 1024);
    put_end(&b, 0, 0);
    put_process(9, &b);
    snapshot = tree_load(&tree);
    assert_int_equal(snapshot->pages.page_bytes, 0);
    assert_false(snapshot->processes[0].files & PROCESS_PAGES);
}

#define IN_TREE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(pages_are_joined_with_mappings_and_processes),
        IN_TREE(pages_alone_have_frames_of_their_own),
        IN_TREE(a_thread_stands_in_for_its_dead_leader),
        IN_TREE(more_pages_alone_than_numbers_are_refused),
        IN_TREE(all_members_have_as_many_frames),
        IN_TREE(of_a_cut_member_whole_mappings_count),
        IN_TREE(one_address_space_counts_once),
        IN_TREE(runs_have_a_limit),
        IN_TREE(an_empty_member_says_nothing),
        IN_TREE(pages_are_loaded_on_demand_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
