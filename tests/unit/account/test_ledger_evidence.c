/* Owners of shared memory, balloons by their drivers, percpu by the boot log, suspects: lines and
 * figures that stand on evidence beyond the counters. */
#include "tests/unit/account/ledger_rules.h"

#include "analyzer/base/array.h"

static struct ledger ledger;

#define HEAD  "MemTotal: 600000 kB\nMemFree: 100000 kB\n"
#define SHMEM HEAD "AnonPages: 1000 kB\nCached: 50000 kB\nShmem: 20000 kB\nBuffers: 0 kB\n"
#define SHM_HEAD                                                                                   \
    "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  "     \
    "cgid      atime      dtime      ctime                   rss                  swap\n"
#define SEGMENT(shmid, rss)                                                                        \
    "      4660 " shmid "   600               8388608   134   134      0     0     0     0     0 " \
    "1 0 1 " rss " 0\n"

static struct snapshot *with_meminfo(const char *text)
{
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", text);
    return snapshot;
}

static void without_evidence_shmem_has_no_parts(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(SHMEM);
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.shmem", 20000);
    expect_line(&ledger, "user.shmem.other", KIB_ABSENT);
    snapshot_free(snapshot);
}

static void segments_are_owners(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(SHMEM);
    snapshot_give(snapshot, "proc/sysvipc/shm",
                  SHM_HEAD SEGMENT("1", "4194304") SEGMENT("2", "1048576"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.shmem.sysv", 5120);
    expect_line(&ledger, "user.shmem.other", 20000 - 5120);
    assert_int_equal(ledger_find(&ledger, "user.shmem.sysv")->grade, GRADE_DERIVED);
    assert_int_equal(ledger.owner_count, 2);
    assert_int_equal(ledger.owners[0].bytes, KIB(4096));
    assert_non_null(strstr(ledger.owners[0].detail, "mapped by nobody"));
    snapshot_free(snapshot);
}

/* More than Shmem has: cut, and nothing is left over. The residual's interval stays narrow, for what
 * is open only divides an exact figure. */
static void owners_are_cut_to_shmem(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(SHMEM);
    snapshot_give(snapshot, "proc/sysvipc/shm", SHM_HEAD SEGMENT("1", "41943040"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.shmem.sysv", 20000);
    expect_line(&ledger, "user.shmem.other", 0);
    expect_bounds(&ledger, "user.shmem.sysv", 0, 20000);
    assert_true(ledger.residual_low_bytes == ledger.residual_bytes);
    assert_true(ledger.residual_high_bytes == ledger.residual_bytes);
    snapshot_free(snapshot);
}

/* A device that is mounted twice holds its blocks once; what statfs could not tell is left out. */
static void mounts_in_memory_are_owners(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(SHMEM);
    snapshot_give(snapshot, "derived/statfs",
                  "mount type tmpfs device 0:22 block_bytes 4096 blocks 9000 free_blocks 8000 "
                  "files 9 free_files 1 path /run\n"
                  "mount type tmpfs device 0:22 block_bytes 4096 blocks 9000 free_blocks 8000 "
                  "files 9 free_files 1 path /srv/run\n"
                  "mount type tmpfs device 0:23 block_bytes 4096 blocks 500 free_blocks 250 "
                  "files 9 free_files 1 path /tmp\n"
                  "mount type tmpfs device 0:24 errno 13 path /secret\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.shmem.tmpfs", 5000);
    expect_line(&ledger, "user.shmem.other", 15000);
    assert_int_equal(ledger.owner_count, 2);
    assert_string_equal(ledger.owners[0].name, "/run");
    assert_int_equal(ledger.owners[0].bytes, KIB(4000));
    snapshot_free(snapshot);
}

static void hold_memfd(struct snapshot *snapshot, uint64_t pid, uint64_t inode, uint64_t kib)
{
    struct system_details *details = &snapshot->system.details;
    struct held_memory *held =
        ARRAY_PUSH(details->held, details->held_count, details->held_capacity);
    assert_non_null(held);
    *held = (struct held_memory){.pid = pid,
                                 .kind = HELD_MEMFD,
                                 .has_identity = true,
                                 .major = 0,
                                 .minor = 1,
                                 .inode = inode,
                                 .bytes = amount_of(KIB(kib))};
}

/* A memfd that many descriptors hold is there once, mapped or not. */
static void held_memfds_are_owners(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(SHMEM);
    hold_memfd(snapshot, 10, 5, 3000);
    hold_memfd(snapshot, 10, 5, 3000);
    hold_memfd(snapshot, 11, 5, 3000);
    hold_memfd(snapshot, 11, 6, 1000);
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.shmem.memfd", 4000);
    expect_line(&ledger, "user.shmem.other", 16000);
    assert_int_equal(ledger.owner_count, 2);
    assert_non_null(strstr(ledger.owners[0].detail, "held by 3 descriptors of pid 10"));
    snapshot_free(snapshot);
}

/* An unmapped segment whose size fits may be made of the huge pages that are in use. */
static void segments_of_huge_pages_are_in_doubt(void **state)
{
    (void)state;
    struct snapshot *snapshot =
        with_meminfo(SHMEM "HugePages_Total: 4\nHugePages_Free: 3\nHugepagesize: 2048 kB\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "4\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
    snapshot_give(snapshot, "proc/sysvipc/shm",
                  SHM_HEAD SEGMENT("1", "4194304") SEGMENT("2", "1048576"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.shmem.sysv", 5120);
    expect_bounds(&ledger, "user.shmem.sysv", 3072, 5120);
    snapshot_free(snapshot);
}

#define INFLATED "nr_free_pages 1\nballoon_inflate 24576\nballoon_deflate 0\n"

static struct snapshot *with_balloon(const char *features)
{
    struct snapshot *snapshot = with_meminfo(HEAD "Slab: 1000 kB\n");
    snapshot_give(snapshot, "proc/vmstat", INFLATED);
    if (features) {
        snapshot_give(snapshot, "sys/bus/virtio/devices/virtio0/device", "0x0005\n");
        snapshot_give(snapshot, "sys/bus/virtio/devices/virtio0/features", features);
    }
    return snapshot;
}

static void the_driver_says_where_its_balloon_is(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_balloon("0010100000\n"); /* bit 2: deflate on OOM */
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "balloon", 98304);
    expect_residual(&ledger, 600000 - 100000 - 1000 - 98304);
    snapshot_free(snapshot);
    snapshot = with_balloon("0100100000\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "balloon", KIB_ABSENT);
    expect_beside(&ledger, "balloon", 98304, "");
    expect_residual(&ledger, 600000 - 100000 - 1000);
    snapshot_free(snapshot);
    snapshot = with_balloon(NULL); /* nobody says it: a suspect with a figure, no line */
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "balloon", KIB_ABSENT);
    expect_no_beside(&ledger, "balloon");
    expect_residual(&ledger, 600000 - 100000 - 1000);
    snapshot_free(snapshot);
}

static const struct ledger_suspect *suspect(const char *id)
{
    for (size_t i = 0; i < ledger.suspect_count; i++)
        if (strcmp(ledger.suspects[i].id, id) == 0)
            return &ledger.suspects[i];
    return NULL;
}

#define ZONES                                                                                      \
    "Node 0, zone   Normal\n  pages free     25000\n        managed  150000\n"                     \
    "  pagesets\n    cpu: 0\n              count: 0\n"

/* 100000 free, 400000 of slab, 1000 of vmalloc: 99000 are left, of which two suspects may hold 8000
 * and 32000. */
static void suspects_stand_by_what_they_likely_hold(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "Slab: 400000 kB\nVmallocUsed: 1000 kB\n"
                                                  "VmallocChunk: 0 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONES);
    snapshot_give(snapshot, "proc/net/sockstat",
                  "sockets: used 9\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem 2000\n");
    snapshot_give(snapshot, "proc/slabinfo",
                  "slabinfo - version: 2.1\n# name\n"
                  "skbuff_head_cache 1000 1000 256 16 1 : tunables 0 0 0 : slabdata 63 63 0\n");
    ledger_of(snapshot, &ledger);
    expect_residual(&ledger, 99000);
    assert_string_equal(ledger.suspects[0].id, "socket_buffers");
    assert_int_equal(suspect("socket_buffers")->weight, SUSPECT_MEASURED);
    assert_int_equal(suspect("socket_buffers")->at_most_bytes, KIB(8000));
    assert_string_equal(ledger.suspects[1].id, "socket_queues");
    assert_int_equal(suspect("socket_queues")->weight, SUSPECT_CAPACITY);
    assert_int_equal(suspect("socket_queues")->at_most_bytes, KIB(32000));
    assert_int_equal(ledger.unexplained_low_bytes, KIB(99000 - 8000 - 32000));
    assert_int_equal(ledger.unexplained_high_bytes, KIB(99000 - 8000));
    assert_false(ledger.residual_is_usual);
    snapshot_free(snapshot);
}

/* The same room with a residual of 1200 KiB, 0.2 % of MemTotal, and of 4 KiB more. */
static void room_is_no_evidence_while_the_residual_is_usual(void **state)
{
    static const struct {
        const char *slab, *first;
        bool is_usual;
    } cases[] = {
        {HEAD "Slab: 497800 kB\nVmallocUsed: 1000 kB\nVmallocChunk: 0 kB\n", "socket_buffers",
         true },
        {HEAD "Slab: 497796 kB\nVmallocUsed: 1000 kB\nVmallocChunk: 0 kB\n", "socket_queues",
         false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct snapshot *snapshot = with_meminfo(cases[i].slab);
        snapshot_give(snapshot, "proc/zoneinfo", ZONES);
        snapshot_give(snapshot, "proc/net/sockstat",
                      "sockets: used 9\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem 2\n");
        snapshot_give(snapshot, "proc/slabinfo",
                      "slabinfo - version: 2.1\n# name\n"
                      "skbuff_head_cache 1000 1000 256 16 1 : tunables 0 0 0 : slabdata 63 63 0\n");
        ledger_of(snapshot, &ledger);
        assert_true(ledger.residual_is_usual == cases[i].is_usual);
        assert_string_equal(ledger.suspects[0].id, cases[i].first);
        assert_int_equal(ledger.unexplained_low_bytes, 0);
        assert_int_equal(ledger.unexplained_high_bytes, (uint64_t)ledger.residual_bytes - KIB(8));
        snapshot_free(snapshot);
    }
}

/* What is not counted at all may be all of it: nothing is then unexplained. */
static void what_is_not_counted_explains_all(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "VmallocUsed: 0 kB\nVmallocChunk: 0 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONES);
    ledger_of(snapshot, &ledger);
    assert_int_equal(suspect("vmalloc")->weight, SUSPECT_UNCOUNTED);
    assert_int_equal(ledger.unexplained_low_bytes, 0);
    snapshot_free(snapshot);
}

static void the_first_percpu_chunk_is_known_from_the_boot_log(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "Percpu: 520 kB\n");
    snapshot->system.details.first_percpu_chunk = amount_of(KIB(496));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "percpu", 24);
    expect_bounds(&ledger, "percpu", 24, 24);
    assert_null(suspect("percpu"));
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_evidence_shmem_has_no_parts),
        cmocka_unit_test(segments_are_owners),
        cmocka_unit_test(owners_are_cut_to_shmem),
        cmocka_unit_test(mounts_in_memory_are_owners),
        cmocka_unit_test(held_memfds_are_owners),
        cmocka_unit_test(segments_of_huge_pages_are_in_doubt),
        cmocka_unit_test(the_driver_says_where_its_balloon_is),
        cmocka_unit_test(suspects_stand_by_what_they_likely_hold),
        cmocka_unit_test(room_is_no_evidence_while_the_residual_is_usual),
        cmocka_unit_test(what_is_not_counted_explains_all),
        cmocka_unit_test(the_first_percpu_chunk_is_known_from_the_boot_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
