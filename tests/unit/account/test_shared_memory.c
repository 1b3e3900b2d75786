/* analyzer/account/shared_memory.c */
#include "tests/unit/model/one_tree.h"

#include "analyzer/account/shared_memory.h"

static struct shared_memory shared;

static int tear_down(void **state)
{
    shared_memory_deinit(&shared);
    return tree_tear_down(state);
}

static void put_process(uint64_t pid, const struct block *blocks, size_t count)
{
    char *text = blocks_text(blocks, count);
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .smaps = text});
    free(text);
}

static void compute(void)
{
    struct failure why = {0};
    if (!loaded)
        loaded = tree_load(&tree);
    assert_true(shared_memory_compute(loaded, &shared, &why));
}

static const struct shared_owner *row_of(enum shared_kind kind, const char *name)
{
    for (size_t i = 0; i < shared.count; i++)
        if (shared.rows[i].kind == kind && strcmp(shared.rows[i].name, name) == 0)
            return &shared.rows[i];
    fail_msg("no %s %s", shared_kind_word(kind), name);
    return NULL;
}

static uint32_t text_id(const char *text)
{
    uint32_t id;
    assert_true(string_pool_add(&loaded->strings, slice_of(text), &id));
    return id;
}

#define SHM_HEAD                                                                                   \
    "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n"

/* One attached and mapped by process 10, one that nobody maps, whose creator is gone. */
static void segments_have_creators_and_mappers(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x10000,
         .end = 0x20000,
         .inode = 7,
         .name = "/SYSV00000005 (deleted)",
         .rss = 48,
         .pss = 48},
    };
    put_process(10, blocks, 1);
    tree_put(&tree, "proc/sysvipc/shm",
             SHM_HEAD "5 7 600 65536 10 10 1 1000 0 1000 0 0 0 0 49152 4096\n"
                      "-1 8 600 65536 99 99 0 0 0 0 0 0 0 0 32768 0\n");
    compute();
    assert_int_equal(shared.count, 2);
    const struct shared_owner *used = row_of(SHARED_SYSV, "shmid 7, key 0x00000005");
    assert_int_equal(used->resident.bytes, KIB(48));
    assert_int_equal(used->swap.bytes, KIB(4));
    assert_int_equal(used->mapped.bytes, KIB(48));
    assert_int_equal(used->mappers, 1);
    assert_false(used->unmapped);
    assert_int_equal(used->creator, CREATOR_LIVES);
    assert_int_equal(used->uid.bytes, 1000);
    const struct shared_owner *orphan = row_of(SHARED_SYSV, "shmid 8, key 0xffffffff");
    assert_true(orphan->unmapped);
    assert_int_equal(orphan->creator, CREATOR_GONE);
    assert_int_equal(orphan->creator_pid, 99);
    assert_int_equal(shared.resident_bytes, KIB(80));
    assert_int_equal(shared.unmapped_bytes, KIB(32));
}

/* A device with three mount points holds its blocks once; a file of it that is mapped is part of it. */
static void a_mounted_device_counts_once(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x10000, .end = 0x20000, .inode = 3, .name = "/run/file", .rss = 8, .pss = 8},
        {.start = 0x30000,
         .end = 0x40000,
         .inode = 4,
         .name = "/dev/zero (deleted)",
         .rss = 16,
         .pss = 16                                                                            },
    };
    put_process(10, blocks, 1);
    loaded = tree_load(&tree);
    struct system_details *details = &loaded->system.details;
    details->mounts = calloc(4, sizeof *details->mounts);
    assert_non_null(details->mounts);
    const char *const points[] = {"/run", "/var/run", "/run/again"};
    for (size_t i = 0; i < 3; i++)
        details->mounts[i] = (struct memory_mount){.type = text_id("tmpfs"),
                                                   .point = text_id(points[i]),
                                                   .major = 8, /* as the blocks above */
                                                   .minor = 1,
                                                   .used_bytes = amount_of(KIB(100))};
    details->mounts[3] = (struct memory_mount){.type = text_id("hugetlbfs"),
                                               .point = text_id("/dev/hugepages"),
                                               .minor = 99,
                                               .used_bytes = amount_of(MIB(2))};
    details->mount_count = details->mount_capacity = 4;
    compute();
    assert_int_equal(shared.count, 1);
    const struct shared_owner *run = row_of(SHARED_TMPFS, "/run");
    assert_int_equal(run->resident.bytes, KIB(100));
    assert_int_equal(run->mapped.bytes, KIB(8));
    assert_int_equal(shared.unmapped_bytes, KIB(92));
    assert_true(shared.has_mounts);
}

static struct held_memory held(uint64_t pid, enum held_kind kind, uint64_t inode, uint64_t bytes,
                               const char *name)
{
    return (struct held_memory){.pid = pid,
                                .kind = kind,
                                .has_identity = true,
                                .major = 8,
                                .minor = 1,
                                .inode = inode,
                                .bytes = amount_of(bytes),
                                .name = text_id(name)};
}

/* Two descriptors hold one memfd that is mapped, one holds a memfd that nobody maps. */
static void descriptors_hold_what_nobody_maps(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x10000,
         .end = 0x20000,
         .inode = 3,
         .name = "/memfd:a (deleted)",
         .rss = 8,
         .pss = 8},
    };
    put_process(10, blocks, 1);
    loaded = tree_load(&tree);
    struct system_details *details = &loaded->system.details;
    details->held = calloc(4, sizeof *details->held);
    assert_non_null(details->held);
    details->held[0] = held(10, HELD_MEMFD, 3, KIB(64), "/memfd:a (deleted)");
    details->held[1] = held(11, HELD_MEMFD, 9, KIB(32), "/memfd:b (deleted)");
    details->held[2] = held(12, HELD_MEMFD, 3, KIB(64), "/memfd:a (deleted)");
    details->held[3] = held(12, HELD_DMABUF, 5, KIB(64), "/dmabuf:");
    details->held_count = details->held_capacity = 4;
    compute();
    assert_int_equal(shared.count, 2);
    const struct shared_owner *mapped = row_of(SHARED_MEMFD, "/memfd:a (deleted)");
    assert_int_equal(mapped->holders, 2);
    assert_int_equal(mapped->mappers, 1);
    assert_int_equal(mapped->resident.bytes, KIB(64));
    assert_int_equal(mapped->mapped.bytes, KIB(8));
    assert_false(mapped->unmapped);
    assert_true(row_of(SHARED_MEMFD, "/memfd:b (deleted)")->unmapped);
    assert_int_equal(shared.parts[SHARED_MEMFD].bytes, KIB(96));
    assert_int_equal(shared.unmapped_bytes, KIB(56 + 32));
}

/* A copy of /proc without our collector has only the names of descriptors. One whose name is mapped is
 * taken for that file; memory without a name is nobody's memfd. */
static void names_of_descriptors_have_no_size(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x10000,
         .end = 0x20000,
         .inode = 3,
         .name = "/memfd:a (deleted)",
         .rss = 8,
         .pss = 8},
        {.start = 0x30000,         .end = 0x40000,     .rss = 64, .pss = 64},
    };
    put_process(10, blocks, 2);
    loaded = tree_load(&tree);
    struct system_details *details = &loaded->system.details;
    details->held = calloc(3, sizeof *details->held);
    assert_non_null(details->held);
    for (size_t i = 0; i < 3; i++)
        details->held[i] = (struct held_memory){
            .pid = 10,
            .kind = HELD_MEMFD,
            .name = text_id(i == 1 ? "/memfd:a (deleted)" : "/memfd:b (deleted)")};
    details->held_count = details->held_capacity = 3;
    compute();
    assert_int_equal(shared.count, 2);
    const struct shared_owner *mapped = row_of(SHARED_MEMFD, "/memfd:a (deleted)");
    assert_int_equal(mapped->resident.bytes, KIB(8));
    assert_int_equal(mapped->holders, 1);
    assert_false(mapped->unmapped);
    const struct shared_owner *only_held = row_of(SHARED_MEMFD, "/memfd:b (deleted)");
    assert_false(only_held->resident.known);
    assert_int_equal(only_held->holders, 2);
    assert_true(only_held->unmapped);
    assert_int_equal(shared.resident_bytes, KIB(8));
}

/* Segments of huge pages are in hugetlb. */
static void huge_pages_are_no_shared_memory(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x10000,
         .end = 0x20000,
         .inode = 7,
         .name = "/SYSV00000005 (deleted)",
         .shared_hugetlb = 2048},
    };
    put_process(10, blocks, 1);
    tree_put(&tree, "proc/sysvipc/shm",
             SHM_HEAD "5 7 600 2097152 10 10 1 1000 0 1000 0 0 0 0 2097152 0\n");
    compute();
    assert_int_equal(shared.resident_bytes, 0);
    assert_int_equal(row_of(SHARED_SYSV, "shmid 7, key 0x00000005")->resident.bytes, 0);
}

/* What only mappings show has their size. */
static void mappings_alone_show_owners(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x10000,
         .end = 0x20000,
         .inode = 3,
         .name = "/dev/zero (deleted)",
         .rss = 8,
         .pss = 4                                                                                                  },
        {.start = 0x30000, .end = 0x40000, .inode = 4,        .name = "/dev/shm/x",  .rss = 8,             .pss = 8},
        {.start = 0x50000, .end = 0x60000, .inode = 5,        .name = "/memfd:huge", .shared_hugetlb = 64},
        {.start = 0x70000,  .end = 0x80000,     .inode = 6, .name = "/bin/sh",              .rss = 8,             .pss = 8        },
    };
    put_process(10, blocks, 4);
    put_process(11, blocks, 1);
    compute();
    assert_int_equal(shared.count, 2);
    assert_int_equal(row_of(SHARED_ANON, "/dev/zero (deleted)")->resident.bytes, KIB(8));
    assert_int_equal(row_of(SHARED_ANON, "/dev/zero (deleted)")->mappers, 2);
    assert_int_equal(row_of(SHARED_FILE, "/dev/shm/x")->resident.bytes, KIB(8));
    assert_int_equal(shared.unmapped_bytes, 0);
}

/* Anonymous memory has inode 0: a memfd known by its name only must not take it for its own, and two
 * memfds of one name stay two where they are told apart. */
static void only_identities_and_names_join(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x10000, .end = 0x20000, .name = "[heap]", .rss = 64, .pss = 64},
        { .start = 0x30000,
         .end = 0x40000,
         .inode = 3,
         .name = "/memfd:a (deleted)",
         .rss = 8,
         .pss = 8},
    };
    put_process(10, blocks, 2);
    loaded = tree_load(&tree);
    struct system_details *details = &loaded->system.details;
    details->held = calloc(2, sizeof *details->held);
    assert_non_null(details->held);
    details->held[0] =
        (struct held_memory){.pid = 10, .kind = HELD_MEMFD, .name = text_id("/memfd:b (deleted)")};
    details->held[1] = held(11, HELD_MEMFD, 9, KIB(32), "/memfd:a (deleted)");
    details->held_count = details->held_capacity = 2;
    compute();
    assert_int_equal(shared.count, 3);
    assert_int_equal(shared.resident_bytes, KIB(8 + 32));
    assert_false(row_of(SHARED_MEMFD, "/memfd:b (deleted)")->resident.known);
    assert_int_equal(row_of(SHARED_MEMFD, "/memfd:b (deleted)")->mappers, 0);
    assert_int_equal(shared.rows[0].holder_pid, 11);
}

#define MEMINFO "MemTotal: 600000 kB\nShmem: 40 kB\nSwapTotal: 100 kB\nSwapFree: 90 kB\n"

/* 64 KiB by the descriptor, 32 by sysvipc, 40 in Shmem, 10 in swap: what is beyond both is cut from the
 * rows, what is in swap from the part only. */
static void rows_are_cut_to_shmem_and_swap(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", MEMINFO);
    tree_put(&tree, "proc/sysvipc/shm",
             SHM_HEAD "5 7 600 65536 10 10 1 1000 0 1000 0 0 0 0 32768 0\n");
    put_process(10, NULL, 0);
    loaded = tree_load(&tree);
    struct system_details *details = &loaded->system.details;
    details->held = calloc(1, sizeof *details->held);
    assert_non_null(details->held);
    details->held[0] = held(11, HELD_MEMFD, 9, KIB(64), "/memfd:a (deleted)");
    details->held_count = details->held_capacity = 1;
    compute();
    assert_int_equal(shared.resident_bytes, KIB(50));
    assert_true(row_of(SHARED_MEMFD, "/memfd:a (deleted)")->is_cut);
    assert_int_equal(row_of(SHARED_MEMFD, "/memfd:a (deleted)")->resident.bytes, KIB(18));
    assert_int_equal(shared.parts[SHARED_MEMFD].bytes, KIB(8));
    assert_int_equal(shared.parts[SHARED_SYSV].bytes, KIB(32));
    assert_int_equal(shared.other_bytes, 0);
    assert_true(shared.has_parts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(segments_have_creators_and_mappers), TEST(a_mounted_device_counts_once),
        TEST(descriptors_hold_what_nobody_maps),  TEST(names_of_descriptors_have_no_size),
        TEST(huge_pages_are_no_shared_memory),    TEST(mappings_alone_show_owners),
        TEST(only_identities_and_names_join),     TEST(rows_are_cut_to_shmem_and_swap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
