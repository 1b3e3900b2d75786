/* analyzer/account/object_groups.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/object_groups.h"

static struct snapshot_tree tree;
static struct snapshot *snapshot;
static struct objects objects;
static struct process_groups groups;
static struct object_groups rows;

static void put(uint64_t pid, const char *comm, uint64_t rss, uint64_t pss, uint64_t own)
{
    const struct block block[] = {
        {.start = 0x100000 * pid,
         .end = 0x100000 * pid + KIB(64),
         .permissions = "r--p",
         .inode = 7,
         .name = "/data",
         .rss = rss,
         .pss = pss,
         .shared_clean = rss - own,
         .private_clean = own}
    };
    char *text = BLOCKS_TEXT(block);
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .comm = comm, .smaps = text});
    free(text);
}

/* Two of a and one of b map the same 12 KiB; another 4 KiB only both of a, and 4 KiB one of a alone. */
static int set_up(void **state)
{
    (void)state;
    struct failure why = {0};
    tree_create(&tree);
    put(10, "a", 20, 10, 4);
    put(11, "a", 16, 6, 0);
    put(12, "b", 12, 4, 0);
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    snapshot = tree_load(&tree);
    assert_true(objects_compute(snapshot, NULL, NULL, &objects, &why));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    object_groups_deinit(&rows);
    process_groups_deinit(&groups);
    objects_deinit(&objects);
    snapshot_free(snapshot);
    tree_remove(&tree);
    return 0;
}

static void compute(const char *how)
{
    const size_t chosen[] = {0};
    struct failure why = {0};
    assert_int_equal(objects.count, 1);
    assert_true(process_groups_compute(snapshot, how, &groups, &why));
    assert_true(object_groups_compute(snapshot, &objects, chosen, 1, &groups, &rows, &why));
}

static bool holds(struct byte_range range, uint64_t truth)
{
    return range.low <= truth && truth <= range.high;
}

static void each_group_has_its_part(void **state)
{
    (void)state;
    compute("program");
    assert_int_equal(rows.count, 2);
    const struct object_group *a = &rows.rows[0], *b = &rows.rows[1];
    assert_string_equal(groups.groups[a->group].name, "a");
    assert_int_equal(a->sharers, 2);
    assert_int_equal(a->rss_bytes, KIB(36));
    assert_int_equal(a->pss_bytes, KIB(16));
    assert_int_equal(a->uss_bytes, KIB(4));
    assert_true(holds(a->footprint, KIB(20)));
    assert_true(holds(a->last_mapped, KIB(8)));
    assert_true(holds(a->with_others, KIB(12)));
    assert_true(a->footprint.high < KIB(36));
    assert_int_equal(b->sharers, 1);
    assert_int_equal(b->footprint.low, KIB(12));
    assert_int_equal(b->footprint.high, KIB(12));
    assert_int_equal(b->last_mapped.high, 0);
}

static void all_together_hold_all_of_it(void **state)
{
    (void)state;
    compute("^[ab]$=both");
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.rows[0].sharers, 3);
    assert_int_equal(rows.rows[0].footprint.low, KIB(20));
    assert_int_equal(rows.rows[0].footprint.high, KIB(20));
    assert_int_equal(rows.rows[0].last_mapped.low, KIB(20));
    assert_int_equal(rows.rows[0].with_others.high, 0);
}

/* Those in no group share with it all the same. */
static void who_is_in_no_group_is_another(void **state)
{
    (void)state;
    compute("^b$=b");
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.rows[0].with_others.low, KIB(12));
    assert_int_equal(rows.rows[0].last_mapped.high, 0);
}

/* Somebody who is hidden may map what seems to be the group's alone. */
static void who_may_be_hidden_is_another(void **state)
{
    (void)state;
    objects.all_mappers_known = false;
    compute("^[ab]$=both");
    assert_true(rows.rows[0].with_others.high > 0);
    assert_int_equal(rows.rows[0].last_mapped.low, KIB(4));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_group_has_its_part),
        TEST(all_together_hold_all_of_it),
        TEST(who_is_in_no_group_is_another),
        TEST(who_may_be_hidden_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
