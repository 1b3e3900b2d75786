/* Each suspect by the evidence that names it, and the residual measured by the flags of pages. */
#include "tests/unit/account/ledger_rules.h"

#include "analyzer/base/array.h"

static struct ledger ledger;

#define MEMINFO                                                                                    \
    "MemTotal: 600000 kB\nMemFree: 100000 kB\nSlab: 300000 kB\nVmallocUsed: 1000 kB\n"             \
    "VmallocChunk: 0 kB\n"
#define ZONES                                                                                      \
    "Node 0, zone   Normal\n  pages free     25000\n        present  200000\n"                     \
    "        managed  150000\n  pagesets\n    cpu: 0\n              count: 0\n"
#define RESIDUAL_KIB 199000 /* 600000 - 100000 - 300000 - 1000 */

static struct snapshot *machine(const char *more)
{
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    char *text = text_with(MEMINFO "-", "-", more);
    snapshot_give(snapshot, "proc/meminfo", text);
    free(text);
    snapshot_give(snapshot, "proc/zoneinfo", ZONES);
    return snapshot;
}

static const struct ledger_suspect *suspect(const char *id)
{
    for (size_t i = 0; i < ledger.suspect_count; i++)
        if (strcmp(ledger.suspects[i].id, id) == 0)
            return &ledger.suspects[i];
    return NULL;
}

/* Computes, and frees the snapshot. most_kib 0: not named. */
static void expect_suspect(struct snapshot *snapshot, const char *id, enum suspect_weight weight,
                           uint64_t most_kib)
{
    ledger_of(snapshot, &ledger);
    expect_residual(&ledger, RESIDUAL_KIB);
    const struct ledger_suspect *found = suspect(id);
    if (!most_kib)
        assert_null(found);
    else if (!found)
        fail_msg("no suspect %s", id);
    else {
        assert_int_equal(found->weight, weight);
        assert_int_equal(found->at_most_bytes, KIB(most_kib));
    }
    snapshot_free(snapshot);
}

#define ALLOCINFO "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n"

/* Sites of the page cache, of slab and of modules' vmalloc lie in lines; small ones are kmalloc. */
static void call_sites_of_whole_pages_are_named(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine("");
    snapshot_give(snapshot, "proc/allocinfo",
                  ALLOCINFO "40960000 100 mm/filemap.c:10 func:filemap_alloc_folio \n"
                            "20480000 5000 drivers/net/ring.c:20 [ring] func:fill_ring \n"
                            "8192000 8000 net/core/skbuff.c:30 func:small \n"
                            "4096000 1000 drivers/gpu/pool.c:40 [pool] func:pool_take \n"
                            "4097 1 drivers/odd.c:50 func:odd \n");
    ledger_of(snapshot, &ledger);
    assert_non_null(suspect("call_site.1"));
    assert_int_equal(suspect("call_site.1")->at_most_bytes, 20480000);
    assert_non_null(strstr(suspect("call_site.1")->evidence, "drivers/net/ring.c:20"));
    assert_int_equal(suspect("call_site.2")->at_most_bytes, 4096000);
    assert_null(suspect("call_site.3"));
    assert_string_equal(ledger.suspects[0].id, "call_site.1");
    snapshot_free(snapshot);
}

/* 1000 slabs of 4 pages are 16000 KiB of it. */
static void arc_counts_without_its_slabs(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine("");
    snapshot->system.details.arc_bytes = amount_of(KIB(100000));
    expect_suspect(snapshot, "zfs_arc", SUSPECT_MEASURED, 100000);
    snapshot = machine("");
    snapshot->system.details.arc_bytes = amount_of(KIB(100000));
    snapshot_give(snapshot, "proc/slabinfo",
                  "slabinfo - version: 2.1\n# name\n"
                  "zio_buf_comb_512 1000 1000 512 32 4 : tunables 0 0 0 : slabdata 1000 1000 0\n"
                  "kmalloc-512 1000 1000 512 32 4 : tunables 0 0 0 : slabdata 500 500 0\n");
    expect_suspect(snapshot, "zfs_arc", SUSPECT_MEASURED, 84000);
    expect_suspect(machine(""), "zfs_arc", SUSPECT_MEASURED, 0);
}

static void used_cma_areas_are_named(void **state)
{
    (void)state;
    expect_suspect(machine("CmaTotal: 65536 kB\nCmaFree: 60000 kB\n"), "cma_drivers",
                   SUSPECT_CAPACITY, 5536);
    expect_suspect(machine("CmaTotal: 65536 kB\nCmaFree: 65536 kB\n"), "cma_drivers",
                   SUSPECT_CAPACITY, 0);
}

static void hold(struct snapshot *snapshot, struct held_memory held)
{
    struct system_details *details = &snapshot->system.details;
    struct held_memory *slot =
        ARRAY_PUSH(details->held, details->held_count, details->held_capacity);
    assert_non_null(slot);
    *slot = held;
}

static struct held_memory buffer(uint64_t pid, uint64_t inode, uint64_t kib)
{
    return (struct held_memory){.pid = pid,
                                .kind = HELD_DMABUF,
                                .has_identity = true,
                                .inode = inode,
                                .bytes = amount_of(KIB(kib))};
}

/* A buffer that two processes hold counts once; of the two sums the larger one. */
static void dma_buffers_count_once(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine("");
    hold(snapshot, buffer(10, 7, 4000));
    hold(snapshot, buffer(11, 7, 4000));
    hold(snapshot, buffer(11, 8, 500));
    expect_suspect(snapshot, "dma_bufs", SUSPECT_CAPACITY, 4500);
    snapshot = machine("");
    hold(snapshot, buffer(10, 7, 4000));
    snapshot_give(snapshot, "sys/kernel/dmabuf/buffers/7/size", "4096000\n");
    snapshot_give(snapshot, "sys/kernel/dmabuf/buffers/9/size", "1024000\n");
    expect_suspect(snapshot, "dma_bufs", SUSPECT_CAPACITY, 5000);
}

/* 800000 KiB are present now; 50000 pages more than at boot need 64 bytes each. */
static void page_structs_of_added_memory_are_named(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine("");
    snapshot->system.details.boot_present = amount_of(KIB(600000));
    expect_suspect(snapshot, "memmap_hot_added", SUSPECT_CAPACITY, 50000 * 64 / 1024);
    snapshot = machine("");
    snapshot->system.details.boot_present = amount_of(KIB(800000));
    expect_suspect(snapshot, "memmap_hot_added", SUSPECT_CAPACITY, 0);
    snapshot = machine("");
    snapshot->system.details.boot_present = amount_of(KIB(600000));
    snapshot_give(snapshot, "proc/vmstat",
                  "nr_free_pages 1\nnr_memmap_pages 0\n"); /* counted by the kernel */
    expect_suspect(snapshot, "memmap_hot_added", SUSPECT_CAPACITY, 0);
}

static void pipes_have_room_up_to_their_limit(void **state)
{
    (void)state;
    const struct pipe_count pipes = {.pipes = 4, .descriptors = 9, .known = true};
    struct snapshot *snapshot = machine("");
    snapshot->system.details.pipes = pipes;
    expect_suspect(snapshot, "pipe_buffers", SUSPECT_CAPACITY, 4096);
    assert_non_null(strstr(suspect("pipe_buffers")->evidence, "4 pipes among 9 descriptors"));
    assert_int_equal(ledger.unexplained_low_bytes, KIB(RESIDUAL_KIB - 4096));
    snapshot = machine("");
    snapshot->system.details.pipes = pipes;
    snapshot_give(snapshot, "proc/sys/fs/pipe-max-size", "65536\n");
    expect_suspect(snapshot, "pipe_buffers", SUSPECT_CAPACITY, 256);
}

#define PACKET "sk RefCnt Type Proto Iface R Rmem User Inode\n"

/* What may be of any size is named, but explains nothing. */
static void packet_sockets_may_have_rings(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine("");
    snapshot_give(snapshot, "proc/net/packet", PACKET "0 3 3 0003 2 1 4352 0 21467\n");
    expect_suspect(snapshot, "packet_sockets", SUSPECT_CAPACITY, RESIDUAL_KIB);
    assert_int_equal(ledger.unexplained_low_bytes, KIB(RESIDUAL_KIB));
    snapshot = machine("");
    snapshot_give(snapshot, "proc/net/packet", PACKET);
    expect_suspect(snapshot, "packet_sockets", SUSPECT_CAPACITY, 0);
}

/* 50000 pages have no flag and 1000 are of a balloon; of these the lines place vmalloc, slab and free
 * memory beyond their flags, and what is reserved and not marked so: 1000 + 4000 + 2000 + 8000 KiB. */
static void the_census_measures_the_residual(void **state)
{
    (void)state;
    struct snapshot *snapshot = machine("");
    ledger_of(snapshot, &ledger);
    assert_false(ledger.census.known);
    snapshot_give(snapshot, "derived/census",
                  "census 1\npage_bytes 4096\nframes 200000\nwithin_ram yes\ncounts yes\n"
                  "flags 0 pages 50000 mapped 0\nflags 80 pages 74000 mapped 0\n"
                  "flags 400 pages 24500 mapped 0\nflags 800000 pages 1000 mapped 0\n"
                  "flags 100000000 pages 48000 mapped 0\nend rows 5 complete yes\n");
    ledger_of(snapshot, &ledger);
    assert_true(ledger.census.known && ledger.census.is_whole);
    assert_int_equal(ledger.census.unflagged_bytes, KIB(200000));
    assert_int_equal(ledger.census.offline_bytes, KIB(4000));
    assert_int_equal(ledger.census.placed_bytes, KIB(1000 + 4000 + 2000 + 8000));
    assert_int_equal(ledger.census.measured_bytes, KIB(204000 - 15000));
    assert_int_equal(ledger.census.difference_bytes, KIB(189000) - KIB(RESIDUAL_KIB));
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_sites_of_whole_pages_are_named),
        cmocka_unit_test(arc_counts_without_its_slabs),
        cmocka_unit_test(used_cma_areas_are_named),
        cmocka_unit_test(dma_buffers_count_once),
        cmocka_unit_test(page_structs_of_added_memory_are_named),
        cmocka_unit_test(pipes_have_room_up_to_their_limit),
        cmocka_unit_test(packet_sockets_may_have_rings),
        cmocka_unit_test(the_census_measures_the_residual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
