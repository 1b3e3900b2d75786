/* analyzer/account/file_life.c: what becomes of shared memory without a name when a set ends. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/process_group.h"

#define SHM_HEADING "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime\n"

static struct snapshot_tree tree;

static void put_mapper(uint64_t pid, const char *name, const char *descriptors)
{
    const struct block block[] = {
        {.start = MIB(pid),
         .end = MIB(pid + 1),
         .permissions = "rw-s",
         .inode = 7,
         .name = name,
         .rss = 1024,
         .pss = 512,
         .shared_clean = 1024}
    };
    char path[64], *text = BLOCKS_TEXT(block);
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .smaps = text});
    free(text);
    if (!descriptors)
        return;
    snprintf(path, sizeof path, "proc/%u/%s", (unsigned)pid,
             descriptors[0] == 'h' || !descriptors[0] ? "fd.memory" : "fd.links");
    tree_put(&tree, path, descriptors);
}

/* Two processes, 20 and 21, that map all of an object; a third one; and a kernel thread, which tells
 * that nobody is hidden. */
static void put_machine(const char *name, const char *of_20, const char *of_22)
{
    tree_create(&tree);
    put_mapper(20, name, of_20);
    put_mapper(21, name, of_20);
    const struct block other[] = {
        {.start = MIB(8), .end = MIB(9), .rss = 4, .pss = 4, .private_dirty = 4}
    };
    char *text = BLOCKS_TEXT(other);
    tree_put_process(&tree, &(struct tree_process){.pid = 22, .smaps = text});
    free(text);
    if (of_22)
        tree_put(&tree, of_22[0] == 'h' || !of_22[0] ? "proc/22/fd.memory" : "proc/22/fd.links",
                 of_22);
    tree_put(&tree, "proc/2/stat",
             "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
             "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

/* Of the 1 MiB: low and high of what is free at once when these processes end. Removes the tree. */
static struct byte_range freed_by(const char *pids)
{
    struct failure why = {0};
    struct snapshot *snapshot = tree_load(&tree);
    struct shared_stretches stretches;
    struct process_groups groups;
    assert_true(shared_stretches_compute(snapshot, &stretches, &why));
    assert_true(stretches.all_mappers_read);
    assert_true(process_group_of_pids(snapshot, pids, &groups, &why));
    struct set_sharing *figures =
        set_sharing_compute(&stretches, groups.set_of, groups.count, &why);
    assert_non_null(figures);
    struct set_sharing set = figures[0];
    assert_int_equal(set.last_mapped.low, set.last_mapped.high);
    assert_int_equal(set.fate[FATE_FREE].low + set.fate[FATE_SHMEM].high, set.last_mapped.low);
    assert_int_equal(set.fate[FATE_FREE].high + set.fate[FATE_SHMEM].low, set.last_mapped.low);
    free(figures);
    process_groups_deinit(&groups);
    shared_stretches_deinit(&stretches);
    snapshot_free(snapshot);
    tree_remove(&tree);
    return set.fate[FATE_FREE];
}

#define HELD       "held kind memfd device 8:1 inode 7 bytes 1048576 path /memfd:x\n"
#define OTHER_HELD "held kind memfd device 8:1 inode 8 bytes 1048576 path /memfd:x\n"
#define LINKS      "0 -> /dev/null\n"
#define LINK_TO_IT "3 -> /memfd:x (deleted)\n"

static void a_memfd_ends_with_the_last_who_has_it(void **state)
{
    (void)state;
    static const struct {
        const char *of_mappers, *of_other;
        uint64_t low, high;
    } cases[] = {
        {HELD,       "",         MIB(1), MIB(1)}, /* their own descriptors end with them      */
        {"",         HELD,       0,      0     }, /* another process has it open              */
        {"",         OTHER_HELD, MIB(1), MIB(1)}, /* of that name, but another file           */
        {HELD,       NULL,       0,      MIB(1)}, /* descriptors of one were not listed       */
        {LINK_TO_IT, LINKS,      MIB(1), MIB(1)}, /* names alone: nobody else has this name   */
        {LINKS,      LINK_TO_IT, 0,      MIB(1)}, /* a name, perhaps of the same file         */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_machine("/memfd:x (deleted)", cases[i].of_mappers, cases[i].of_other);
        struct byte_range freed = freed_by("20,21");
        assert_int_equal(freed.low, cases[i].low);
        assert_int_equal(freed.high, cases[i].high);
    }
}

/* Another hard link may be left, for all that the name says. */
static void a_deleted_file_of_a_tmpfs_stays_while_it_is_open(void **state)
{
    (void)state;
    put_machine("/dev/shm/x (deleted)", "", "held kind shm device 8:1 inode 7 path /dev/shm/x\n");
    assert_int_equal(freed_by("20,21").high, 0);
    put_machine("/dev/shm/x (deleted)", "", "");
    struct byte_range freed = freed_by("20,21");
    assert_int_equal(freed.low, 0);
    assert_int_equal(freed.high, MIB(1));
    put_machine("/dev/shm/x", "", "");
    assert_int_equal(freed_by("20,21").high, 0);
}

static void a_segment_stays_until_it_was_removed(void **state)
{
    (void)state;
    static const struct {
        const char *row, *forced;
        uint64_t low, high;
    } cases[] = {
        {"1 7 600 1048576 20 20 2 0 0 0 0 1 0 1\n",  "0\n", 0,      0     },
        {"1 7 600 1048576 20 20 2 0 0 0 0 1 0 1\n",  "1\n", MIB(1), MIB(1)},
        {"1 7 600 1048576 20 20 2 0 0 0 0 1 0 1\n",  NULL,  0,      MIB(1)},
        {"0 7 1600 1048576 20 20 2 0 0 0 0 1 0 1\n", NULL,  MIB(1), MIB(1)},
        {"0 7 1600 1048576 20 20 3 0 0 0 0 1 0 1\n", NULL,  0,      MIB(1)}, /* a third attachment */
        {"0 8 1600 1048576 20 20 2 0 0 0 0 1 0 1\n", "0\n", 0,      MIB(1)}, /* another segment    */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = NULL;
        put_machine("/SYSV00000001 (deleted)", "", "");
        assert_true(asprintf(&text, SHM_HEADING "%s", cases[i].row) > 0);
        tree_put(&tree, "proc/sysvipc/shm", text);
        free(text);
        if (cases[i].forced)
            tree_put(&tree, "proc/sys/kernel/shm_rmid_forced", cases[i].forced);
        struct byte_range freed = freed_by("20,21");
        assert_int_equal(freed.low, cases[i].low);
        assert_int_equal(freed.high, cases[i].high);
    }
}

static void what_another_maps_stays(void **state)
{
    (void)state;
    put_machine("/memfd:x (deleted)", "", "");
    assert_int_equal(freed_by("20").high, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_memfd_ends_with_the_last_who_has_it),
        cmocka_unit_test(a_deleted_file_of_a_tmpfs_stays_while_it_is_open),
        cmocka_unit_test(a_segment_stays_until_it_was_removed),
        cmocka_unit_test(what_another_maps_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
