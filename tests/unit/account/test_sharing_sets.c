/* analyzer/account/shared_stretches.c and sharing_sets.c: who shares which memory. */
#include "tests/unit/model/one_tree.h"

#include "analyzer/account/sharing_sets.h"

#define LIBRARY UINT64_C(0x700000000000)
#define HEAP    UINT64_C(0x600000000000)

enum { SHARED_KIB = 1024 };

static struct shared_stretches stretches;
static struct sharing_sets sets;

static int tear_down(void **state)
{
    sharing_sets_deinit(&sets);
    shared_stretches_deinit(&stretches);
    return tree_tear_down(state);
}

/* A process with one mapping of which `mappers` have all pages. Files are mapped at addresses that
 * differ: without, two processes are taken for one address space. */
static void put(uint64_t pid, struct block block, uint64_t mappers)
{
    if (block.end == 0)
        block.end = block.start + KIB(SHARED_KIB);
    block.rss = SHARED_KIB;
    block.pss = SHARED_KIB / mappers;
    block.shared_clean = SHARED_KIB;
    char *text = blocks_text(&block, 1);
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .comm = "sh", .smaps = text});
    free(text);
}

/* From there, no process is hidden. */
static void put_kernel_thread(void)
{
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

static void compute(void)
{
    struct failure why = {0};
    loaded = tree_load(&tree);
    assert_true(shared_stretches_compute(loaded, &stretches, &why));
    assert_true(sharing_sets_compute(&stretches, &sets, &why));
}

static size_t count_stretches(size_t *closed)
{
    struct stretch_cursor cursor = {0};
    struct shared_stretch stretch;
    size_t count = 0;
    *closed = 0;
    for (; shared_stretches_next(&stretches, &cursor, &stretch); count++)
        *closed += stretch.closed;
    return count;
}

static struct block library(uint64_t start, uint64_t inode)
{
    return (struct block){
        .start = start, .permissions = "r-xp", .inode = inode, .name = "/lib/libc.so"};
}

static void a_file_is_shared_wherever_it_is_mapped(void **state)
{
    (void)state;
    put(10, library(LIBRARY, 7), 2);
    put(11, library(LIBRARY + MIB(64), 7), 2);
    put(12, library(LIBRARY, 8), 2);
    put(13, library(LIBRARY + MIB(64), 8), 2);
    put_kernel_thread();
    compute();
    size_t closed;
    assert_true(stretches.all_mappers_read);
    assert_int_equal(count_stretches(&closed), 2);
    assert_int_equal(closed, 2);
    assert_int_equal(sets.count, 2);
    for (size_t i = 0; i < sets.count; i++) {
        const struct sharing_set *set = &sets.sets[i];
        assert_int_equal(set->count, 2);
        assert_int_equal(set->kind, OBJECT_FILE);
        assert_int_equal(set->stretches, 1);
        assert_int_equal(set->exactly.low, KIB(SHARED_KIB));
        assert_int_equal(set->exactly.high, KIB(SHARED_KIB));
        assert_int_equal(set->distinct.low, KIB(SHARED_KIB));
        assert_int_equal(set->distinct.high, KIB(SHARED_KIB));
    }
}

static void anonymous_memory_is_shared_at_one_address_only(void **state)
{
    (void)state;
    put(10, (struct block){.start = HEAP}, 2);
    put(11, (struct block){.start = HEAP}, 2);
    put(12, (struct block){.start = HEAP + KIB(SHARED_KIB)}, 2); /* touches, does not overlap */
    put(13, (struct block){.start = HEAP + KIB(SHARED_KIB)}, 2);
    put_kernel_thread();
    compute();
    size_t closed;
    assert_int_equal(count_stretches(&closed), 2);
    assert_int_equal(sets.count, 2);
    assert_int_equal(sets.sets[0].kind, OBJECT_ANON);
    assert_int_equal(sets.sets[0].count, 2);
}

static void mappings_that_overlap_are_one_stretch(void **state)
{
    (void)state;
    put(10, (struct block){.start = HEAP}, 2);
    put(11, (struct block){.start = HEAP + KIB(SHARED_KIB) - KIB(4)}, 2);
    put_kernel_thread();
    compute();
    struct stretch_cursor cursor = {0};
    struct shared_stretch stretch;
    assert_true(shared_stretches_next(&stretches, &cursor, &stretch));
    assert_int_equal(stretch.count, 2);
    assert_int_equal(stretch.size_bytes, KIB(2 * SHARED_KIB - 4));
    assert_false(shared_stretches_next(&stretches, &cursor, &stretch));
}

static void stretches_of_the_same_processes_are_one_set(void **state)
{
    (void)state;
    for (uint64_t pid = 10; pid < 12; pid++) {
        struct block blocks[2] = {library(LIBRARY + MIB(64) * pid, 7),
                                  library(LIBRARY + MIB(64) * pid + MIB(8), 9)};
        blocks[1].name = "/lib/libm.so";
        for (size_t i = 0; i < 2; i++) {
            blocks[i].end = blocks[i].start + KIB(SHARED_KIB);
            blocks[i].rss = blocks[i].shared_clean = SHARED_KIB;
            blocks[i].pss = SHARED_KIB / 2;
        }
        char *text = BLOCKS_TEXT(blocks);
        tree_put_process(&tree, &(struct tree_process){.pid = pid, .comm = "sh", .smaps = text});
        free(text);
    }
    put_kernel_thread();
    compute();
    assert_int_equal(sets.count, 1);
    assert_int_equal(sets.sets[0].stretches, 2);
    assert_int_equal(sets.sets[0].exactly.low, KIB(2 * SHARED_KIB));
    assert_int_equal(sets.sets[0].distinct.high, KIB(2 * SHARED_KIB));
}

/* Somebody who is not in the snapshot may map the same pages: nothing is exactly theirs then. */
static void without_all_mappers_nothing_is_closed(void **state)
{
    (void)state;
    put(10, library(LIBRARY, 7), 2);
    put(11, library(LIBRARY + MIB(64), 7), 2);
    compute();
    size_t closed;
    assert_false(stretches.all_mappers_read);
    assert_int_equal(count_stretches(&closed), 1);
    assert_int_equal(closed, 0);
    assert_int_equal(sets.count, 1);
    assert_int_equal(sets.sets[0].exactly.low, 0);
    assert_int_equal(sets.sets[0].exactly.high, KIB(SHARED_KIB));
}

/* 10 maps the file twice, 11 reads one page of it: so much is shared between the two at least. */
static void what_one_process_maps_twice_is_not_shared_with_another(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = LIBRARY,
         .end = LIBRARY + KIB(64),
         .inode = 7,
         .rss = 64,
         .pss = 31,
         .shared_clean = 64},
        {.start = LIBRARY + MIB(1),
         .end = LIBRARY + MIB(1) + KIB(64),
         .inode = 7,
         .rss = 64,
         .pss = 31,
         .shared_clean = 64},
        {.start = LIBRARY,
         .end = LIBRARY + KIB(64),
         .inode = 7,
         .rss = 4,
         .pss = 1,
         .shared_clean = 4 },
    };
    for (size_t i = 0; i < 2; i++) {
        char *text = blocks_text(&blocks[2 * i], 2 - i);
        tree_put_process(&tree, &(struct tree_process){.pid = 10 + i, .comm = "t", .smaps = text});
        free(text);
    }
    put_kernel_thread();
    compute();
    assert_int_equal(sets.count, 1);
    assert_true(sets.sets[0].distinct.low <= KIB(4));
    assert_true(sets.sets[0].distinct.high >= KIB(4));
    assert_true(sets.sets[0].exactly.low <= KIB(4));
}

/* KSM left one page of the 256 of each: it is mapped so often, and no process maps two. */
static void pages_that_ksm_merged_are_not_as_many_as_rss(void **state)
{
    (void)state;
    for (uint64_t pid = 10; pid < 12; pid++) {
        struct block block = {.start = HEAP,
                              .end = HEAP + KIB(SHARED_KIB),
                              .rss = SHARED_KIB,
                              .pss = 2,
                              .shared_clean = SHARED_KIB};
        char *plain = blocks_text(&block, 1),
             *merged = text_with(plain, "VmFlags: ", "VmFlags: mg ");
        tree_put_process(&tree, &(struct tree_process){.pid = pid, .comm = "k", .smaps = merged});
        free(plain);
        free(merged);
    }
    put_kernel_thread();
    compute();
    assert_int_equal(sets.count, 1);
    assert_int_equal(sets.sets[0].exactly.low, 0);
    assert_true(sets.sets[0].distinct.low <= KIB(4));
    assert_true(sets.sets[0].distinct.high >= KIB(4));
}

static void a_process_that_shares_with_nobody_we_know_is_no_set(void **state)
{
    (void)state;
    put(10, library(LIBRARY, 7), 2);
    compute();
    size_t closed;
    assert_int_equal(count_stretches(&closed), 1);
    assert_int_equal(sets.count, 0);
    assert_int_equal(sets.process_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_shared_wherever_it_is_mapped, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(anonymous_memory_is_shared_at_one_address_only, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(mappings_that_overlap_are_one_stretch, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(stretches_of_the_same_processes_are_one_set, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_all_mappers_nothing_is_closed, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_one_process_maps_twice_is_not_shared_with_another,
                                        tree_set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_that_ksm_merged_are_not_as_many_as_rss, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_process_that_shares_with_nobody_we_know_is_no_set,
                                        tree_set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
