/* analyzer/account/object_cost.c */
#include "tests/unit/model/one_tree.h"

#include "analyzer/account/object_cost.h"

static struct objects objects;

#define SHM_HEADER                                                                                 \
    "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid" \
    "      atime      dtime      ctime                   rss                  swap\n"

static void put_sharer(uint64_t pid, uint64_t start_time_ticks, const char *name, uint64_t inode)
{
    const struct block block[] = {
        {.start = 0x10000 * pid,
         .end = 0x10000 * pid + KIB(16),
         .permissions = "rw-s",
         .inode = inode,
         .name = name,
         .rss = 16,
         .pss = 5,
         .shared_clean = 16}
    };
    char *text = BLOCKS_TEXT(block);
    tree_put_process(
        &tree, &(struct tree_process){
                   .pid = pid, .start_time_ticks = start_time_ticks, .comm = "db", .smaps = text});
    free(text);
}

/* Three that map 16 KiB each, a third of it: PSS 5.33 KiB, printed as 5. */
static void put_three(const char *name, uint64_t inode)
{
    put_sharer(10, 700, name, inode);
    put_sharer(11, 500, name, inode);
    put_sharer(12, 600, name, inode);
}

static void put_kernel_thread(void)
{
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

static struct object_cost cost(void)
{
    struct failure why = {0};
    loaded = tree_load(&tree);
    assert_true(objects_compute(loaded, NULL, NULL, &objects, &why));
    assert_int_equal(objects.count, 1);
    return object_cost_of(loaded, &objects, &objects.usages[0]);
}

static uint64_t owner_pid(const struct object_cost *of)
{
    assert_int_not_equal(of->owner, NO_OWNER);
    return loaded->processes[of->owner].pid;
}

static int tear_down(void **state)
{
    objects_deinit(&objects);
    return tree_tear_down(state);
}

static void pages_count_once_and_to_the_page(void **state)
{
    (void)state;
    put_three("/memfd:x (deleted)", 7);
    put_kernel_thread();
    struct object_cost of = cost();
    assert_int_equal(objects.usages[0].pss_bytes, KIB(15));
    assert_int_equal(of.resident.low, KIB(16));
    assert_int_equal(of.resident.high, KIB(16));
    assert_null(of.segment);
    assert_int_equal(owner_pid(&of), 11);
    assert_false(of.owner_is_creator);
}

static void who_may_be_hidden_may_share(void **state)
{
    (void)state;
    put_three("/memfd:x (deleted)", 7);
    struct object_cost of = cost();
    assert_true(objects.all_mappers_read);
    assert_false(objects.all_mappers_known);
    assert_int_equal(of.resident.low, KIB(16));
    assert_int_equal(of.resident.high, KIB(48));
}

static void a_segment_is_its_creators(void **state)
{
    (void)state;
    put_three("/SYSV000010e1 (deleted)", 3);
    tree_put(&tree, "proc/sysvipc/shm",
             SHM_HEADER "4320 2 600 4096 10 10 1 5 0 6 0 0 0 0 4096 0\n"
                        "4321 3 600 16384 12 10 3 5 0 6 0 0 0 0 16384 0\n");
    struct object_cost of = cost();
    assert_non_null(of.segment);
    assert_int_equal(of.segment->attach_count, 3);
    assert_int_equal(of.segment->uid, 5);
    assert_int_equal(owner_pid(&of), 12);
    assert_true(of.owner_is_creator);
}

static void a_segment_of_a_creator_that_ended_is_the_first_sharers(void **state)
{
    (void)state;
    put_three("/SYSV000010e1 (deleted)", 3);
    tree_put(&tree, "proc/sysvipc/shm",
             SHM_HEADER "4321 3 600 16384 99 10 3 5 0 6 0 0 0 0 16384 0\n");
    struct object_cost of = cost();
    assert_non_null(of.segment);
    assert_int_equal(owner_pid(&of), 11);
    assert_false(of.owner_is_creator);
}

/* Each IPC namespace counts its own. */
static void a_segment_of_another_key_is_another_one(void **state)
{
    (void)state;
    put_three("/SYSV000010e1 (deleted)", 3);
    tree_put(&tree, "proc/sysvipc/shm",
             SHM_HEADER "4320 3 600 16384 12 10 3 5 0 6 0 0 0 0 16384 0\n");
    assert_null(cost().segment);
}

/* Two huge pages of both, one of the first alone. */
static void put_huge_pages(void)
{
    for (uint64_t pid = 10; pid < 12; pid++) {
        const struct block block[] = {
            {.start = 0x10000000 * pid,
             .end = 0x10000000 * pid + KIB(6144),
             .permissions = "rw-s",
             .inode = 5,
             .name = "/anon_hugepage (deleted)",
             .shared_hugetlb = 4096,
             .private_hugetlb = pid == 10 ? 2048 : 0}
        };
        char *text = BLOCKS_TEXT(block);
        tree_put_process(&tree, &(struct tree_process){.pid = pid, .comm = "db", .smaps = text});
        free(text);
    }
}

static void huge_pages_count_once(void **state)
{
    (void)state;
    put_huge_pages();
    put_kernel_thread();
    struct object_cost of = cost();
    assert_int_equal(of.huge.low, KIB(6144));
    assert_int_equal(of.huge.high, KIB(6144));
    assert_int_equal(of.resident.high, 0);
}

static void huge_pages_of_who_was_not_read_may_be_others(void **state)
{
    (void)state;
    put_huge_pages();
    struct object_cost of = cost();
    assert_int_equal(of.huge.low, KIB(6144));
    assert_int_equal(of.huge.high, KIB(2048 + 2 * 4096));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_count_once_and_to_the_page),
        TEST(who_may_be_hidden_may_share),
        TEST(huge_pages_count_once),
        TEST(huge_pages_of_who_was_not_read_may_be_others),
        TEST(a_segment_is_its_creators),
        TEST(a_segment_of_a_creator_that_ended_is_the_first_sharers),
        TEST(a_segment_of_another_key_is_another_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
