/* analyzer/account/object_identity.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/object_identity.h"

static struct snapshot *snapshot;
static struct object_identities identities;

static int set_up(void **state)
{
    (void)state;
    snapshot = snapshot_of_nothing(4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    object_identities_deinit(&identities);
    snapshot_free(snapshot);
    return 0;
}

/* The index of a new object. */
static uint32_t put(const char *name, uint32_t minor, uint64_t inode)
{
    struct smaps_mapping block = {.start = 0x1000,
                                  .end = 0x2000,
                                  .inode = inode,
                                  .device_minor = minor,
                                  .name = slice_of(name)};
    assert_true(mapping_store_add(&snapshot->mappings, &snapshot->strings, &block));
    return snapshot->mappings.mappings[snapshot->mappings.count - 1].object;
}

static void find(void)
{
    struct failure why = {0};
    assert_true(object_identities_find(snapshot, &identities, &why));
}

static void one_inode_under_two_paths_is_one_file(void **state)
{
    (void)state;
    uint32_t late = put("/b", 8, 7), early = put("/a", 8, 7), gone = put("/0 (deleted)", 8, 7);
    uint32_t other_device = put("/a", 9, 7), other_inode = put("/a", 8, 6);
    find();
    assert_int_equal(identities.first[late], early);
    assert_int_equal(identities.first[gone], early);
    assert_int_equal(identities.first[early], early);
    assert_int_equal(identities.next[early], late);
    assert_int_equal(identities.next[late], gone);
    assert_int_equal(identities.next[gone], NO_OBJECT);
    assert_int_equal(identities.first[other_device], other_device);
    assert_int_equal(identities.first[other_inode], other_inode);
}

static void what_has_no_inode_is_told_by_its_name(void **state)
{
    (void)state;
    uint32_t none = put("", 0, 0), heap = put("[heap]", 0, 0), named = put("[anon:x]", 0, 0);
    find();
    assert_int_equal(identities.first[none], none);
    assert_int_equal(identities.first[heap], heap);
    assert_int_equal(identities.first[named], named);
}

/* One inode for all of anon_inode; the shmid of a segment is a number of its own, and may be 0. */
static void files_inside_the_kernel_have_odd_inodes(void **state)
{
    (void)state;
    uint32_t ring = put("anon_inode:[io_uring]", 13, 4),
             perf = put("anon_inode:[perf_event]", 13, 4);
    uint32_t segment = put("/SYSV00000001 (deleted)", 1, 5),
             memfd = put("/memfd:x (deleted)", 1, 5);
    uint32_t zero = put("/SYSV00000002 (deleted)", 1, 0);
    find();
    assert_int_equal(identities.first[ring], ring);
    assert_int_equal(identities.first[perf], perf);
    assert_int_equal(identities.first[segment], segment);
    assert_int_equal(identities.first[memfd], memfd);
    assert_int_equal(identities.first[zero], zero);
    assert_true(object_has_inode(&snapshot->mappings.objects[zero]));
}

static void an_upgraded_file_is_replaced(void **state)
{
    (void)state;
    uint32_t old = put("/lib/a.so (deleted)", 8, 7), now = put("/lib/a.so", 8, 9);
    uint32_t only_deleted = put("/lib/b.so (deleted)", 8, 10);
    uint32_t elsewhere = put("/lib/c.so (deleted)", 8, 11);
    put("/lib/c.so", 9, 12); /* of another mount namespace, perhaps */
    uint32_t oldest = put("/lib/d.so (deleted)", 8, 13);
    put("/lib/d.so", 8, 14);
    put("/lib/d.so", 9, 15);
    find();
    assert_true(identities.replaced[old]);
    assert_false(identities.replaced[now]);
    assert_false(identities.replaced[only_deleted]);
    assert_false(identities.replaced[elsewhere]);
    assert_true(identities.replaced[oldest]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_inode_under_two_paths_is_one_file),
        TEST(what_has_no_inode_is_told_by_its_name),
        TEST(files_inside_the_kernel_have_odd_inodes),
        TEST(an_upgraded_file_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
