/* analyzer/account/anon_families.c, with anon_kin.c and anon_family_fold.c. */
#include "tests/unit/model/snapshot_tree.h"

#include <inttypes.h>

#include "analyzer/account/anon_families.h"

#define STACK_A UINT64_C(0x7ffe00001000)
#define STACK_B UINT64_C(0x7ffe00555000)
#define HEAP    0x600000

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static struct anon_families families;

static void put_stat(uint64_t pid, uint64_t ppid, uint64_t start_time_ticks, uint64_t start_stack)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "proc/%" PRIu64 "/stat", pid);
    snprintf(text, sizeof text,
             "%" PRIu64 " (srv) S %" PRIu64 " 1 1 0 -1 4194304 100 0 5 0 0 0 0 0 20 0 1 0 %" PRIu64
             " 8192000 500 18446744073709551615 1 1 %" PRIu64
             " 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
             pid, ppid, start_time_ticks, start_stack);
    tree_put(&tree, path, text);
}

/* A process that maps what `blocks` say. */
static void put(uint64_t pid, uint64_t ppid, uint64_t start_stack, const struct block *blocks,
                size_t count)
{
    char path[64], *text = blocks_text(blocks, count);
    snprintf(path, sizeof path, "proc/%" PRIu64 "/smaps", pid);
    tree_put(&tree, path, text);
    put_stat(pid, ppid, 1000 - pid, start_stack);
    free(text);
}

/* 16 KiB of which `own` KiB are its own, and the others shared by `mappers`. */
static struct block heap_at(uint64_t start, uint64_t own, uint64_t mappers)
{
    return (struct block){.start = start,
                          .end = start + KIB(64),
                          .name = "[heap]",
                          .rss = 16,
                          .pss = own + (16 - own) / mappers,
                          .shared_clean = 16 - own,
                          .private_dirty = own};
}

static void put_heap(uint64_t pid, uint64_t ppid, uint64_t start_stack, uint64_t mappers)
{
    const struct block heap = heap_at(HEAP, 0, mappers);
    put(pid, ppid, start_stack, &heap, 1);
}

/* Tells that nobody is hidden. */
static void put_kernel_thread(void)
{
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

static void compute(void)
{
    struct failure why = {0};
    struct shared_stretches stretches;
    snapshot = tree_load(&tree);
    assert_true(shared_stretches_compute(snapshot, &stretches, &why));
    assert_true(anon_families_compute(&stretches, &families, &why));
    shared_stretches_deinit(&stretches);
}

/* PIDs of a family's members, "10,11". */
static void assert_members(const struct anon_family *family, const char *pids)
{
    char text[256] = "";
    for (size_t i = 0, used = 0; i < family->member_count; i++) {
        uint32_t process = families.members[family->first_member + i].process;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRIu64, i ? "," : "",
                                 snapshot->processes[process].pid);
    }
    assert_string_equal(text, pids);
}

static int set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    put_kernel_thread();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    anon_families_deinit(&families);
    snapshot_free(snapshot);
    snapshot = NULL;
    tree_remove(&tree);
    return 0;
}

/* The parent, two children of which one has written to a page, a grandchild. */
static void parent_children_and_grandchild_are_one(void **state)
{
    (void)state;
    const struct block written = heap_at(HEAP, 4, 4);
    put(10, 1, STACK_A, (const struct block[]){heap_at(HEAP, 0, 4)}, 1);
    put(11, 10, STACK_A, &written, 1);
    put_heap(12, 10, STACK_A, 4);
    put_heap(13, 12, STACK_A, 4);
    compute();
    assert_int_equal(families.count, 1);
    assert_members(&families.families[0], "10,11,12,13");
    assert_int_equal(families.families[0].start, HEAP);
    assert_int_equal(families.families[0].end, HEAP + KIB(64));
    assert_int_equal(families.families[0].sums.rss_bytes, KIB(64));
    assert_int_equal(families.families[0].sums.uss_bytes, KIB(4));
    assert_int_equal(families.families[0].sums.pss_bytes, KIB(4 + 4 + 4 + 4 + 3));
    assert_int_equal(families.families[0].resident.low, KIB(20));
    assert_true(families.families[0].resident.high < KIB(24));
    /* The highest PID has the earliest start. */
    assert_int_equal(snapshot->processes[families.families[0].owner].pid, 13);
}

static void brothers_stay_one_when_their_parent_ended(void **state)
{
    (void)state;
    put_heap(11, 1, STACK_A, 2);
    put_heap(12, 1, STACK_A, 2);
    compute();
    assert_int_equal(families.count, 1);
    assert_members(&families.families[0], "11,12");
    assert_int_equal(families.families[0].resident.low, KIB(16));
    assert_int_equal(families.families[0].resident.high, KIB(16));
}

/* Without randomised addresses two servers have their heaps at one place, and share nothing. What either
 * holds is not known better than that the other may share it. */
static void strangers_at_one_address_are_two(void **state)
{
    (void)state;
    put_heap(10, 1, STACK_A, 2);
    put_heap(11, 10, STACK_A, 2);
    put_heap(20, 1, STACK_B, 2);
    put_heap(21, 20, STACK_B, 2);
    compute();
    assert_int_equal(families.count, 2);
    assert_members(&families.families[0], "10,11");
    assert_members(&families.families[1], "20,21");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(families.families[i].resident.low, KIB(16));
        assert_int_equal(families.families[i].resident.high, KIB(32));
    }
}

static void no_relatives_are_no_family(void **state)
{
    (void)state;
    put_heap(10, 5, STACK_A, 2);
    put_heap(20, 6, STACK_A, 2);
    compute();
    assert_int_equal(families.count, 0);
}

/* A heap that grew has the same start, a stack that grew the same end; what shares neither is apart. */
static void one_border_in_common_is_enough(void **state)
{
    (void)state;
    struct block parent[] = {heap_at(HEAP, 0, 2), heap_at(0x7f0000000000, 0, 2)};
    struct block child[] = {heap_at(HEAP, 0, 2), heap_at(0x7f0000000000, 0, 2)};
    child[0].end += KIB(64);
    parent[1].name = child[1].name = "[stack]";
    child[1].start -= KIB(64);
    put(10, 1, STACK_A, parent, 2);
    put(11, 10, STACK_A, child, 2);
    struct block inside = heap_at(HEAP + KIB(8), 0, 2);
    inside.end = HEAP + KIB(32);
    put(12, 10, STACK_A, &inside, 1);
    compute();
    assert_int_equal(families.count, 2);
    assert_members(&families.families[0], "10,11");
    assert_members(&families.families[1], "10,11");
    assert_int_equal(families.families[0].start, HEAP); /* wider: 12 may share it */
    assert_true(families.families[0].resident.high > families.families[1].resident.high);
    assert_int_equal(families.families[1].resident.high, KIB(16));
}

static void stretches_of_the_same_members_are_one(void **state)
{
    (void)state;
    struct block blocks[] = {heap_at(HEAP, 0, 2), heap_at(HEAP + MIB(1), 0, 2)};
    blocks[0].name = blocks[1].name = NULL;
    put(10, 1, STACK_A, blocks, 2);
    put(11, 10, STACK_A, blocks, 2);
    compute();
    assert_int_equal(families.count, 1);
    assert_int_equal(families.families[0].places, 2);
    assert_int_equal(families.families[0].resident.low, KIB(32));
    assert_int_equal(families.families[0].end, HEAP + MIB(1) + KIB(64));
    assert_int_equal(families.members[families.families[0].first_member].mappings, 2);
}

static void files_and_what_nobody_shares_are_no_families(void **state)
{
    (void)state;
    struct block blocks[] = {heap_at(HEAP, 16, 1), heap_at(HEAP + MIB(1), 0, 2)};
    blocks[1].name = "/usr/lib/libc.so";
    blocks[1].inode = 7;
    put(10, 1, STACK_A, blocks, 2);
    put(11, 10, STACK_A, blocks, 2);
    compute();
    assert_int_equal(families.count, 0);
}

/* stat may come from anywhere, and say that each is the other's parent. */
static void circles_of_parents_end(void **state)
{
    (void)state;
    put_heap(10, 11, STACK_A, 2);
    put_heap(11, 10, STACK_A, 2);
    const struct block elsewhere = heap_at(HEAP + MIB(1), 0, 2);
    put(12, 13, STACK_A, &elsewhere, 1);
    put_stat(13, 14, 900, STACK_A);
    put_stat(14, 13, 900, STACK_A);
    put(15, 13, STACK_B, &elsewhere, 1);
    compute();
    assert_int_equal(families.count, 1);
    assert_members(&families.families[0], "10,11");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parent_children_and_grandchild_are_one),
        TEST(brothers_stay_one_when_their_parent_ended),
        TEST(strangers_at_one_address_are_two),
        TEST(no_relatives_are_no_family),
        TEST(one_border_in_common_is_enough),
        TEST(stretches_of_the_same_members_are_one),
        TEST(files_and_what_nobody_shares_are_no_families),
        TEST(circles_of_parents_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
