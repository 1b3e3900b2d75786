/* analyzer/model/load_details.c, load_figures.c, load_balloons.c: what a bundle says beyond counters. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/model/loader.h"

static struct snapshot *snapshot;

static int set_up(void **state)
{
    (void)state;
    snapshot = snapshot_of_nothing(4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    snapshot_free(snapshot);
    return 0;
}

static const struct system_details *details(void)
{
    return &snapshot->system.details;
}

static void expect_bytes(struct amount amount, uint64_t bytes)
{
    assert_true(amount.known);
    assert_int_equal(amount.bytes, bytes);
}

static void expect_text(uint32_t id, const char *text)
{
    assert_string_equal(snapshot_text(snapshot, id).at, text);
}

static void figures_are_found_by_path(void **state)
{
    (void)state;
    int64_t number = 7;
    assert_false(figure_number(snapshot, "proc/sys/vm/swappiness", &number));
    assert_null(figure_text(snapshot, "proc/sys/vm/swappiness"));
    snapshot_give(snapshot, "proc/sys/vm/swappiness", "60\n");
    snapshot_give(snapshot, "proc/sys/kernel/shmmax", "18446744073692774399\n");
    snapshot_give(snapshot, "sys/kernel/mm/transparent_hugepage/enabled",
                  "always [madvise] never\n");
    snapshot_give(snapshot, "sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/swpout",
                  "-5\n");
    snapshot_give(snapshot, "sys/kernel/mm/cma/reserved/alloc_pages_success", "12\nmore\n");
    snapshot_give(snapshot, "sys/block/zram0/disksize", " 1048576 \n");
    assert_int_equal(details()->figures.count, 6);
    assert_true(figure_number(snapshot, "proc/sys/vm/swappiness", &number));
    assert_int_equal(number, 60);
    assert_true(figure_number(
        snapshot, "sys/kernel/mm/transparent_hugepage/hugepages-64kB/stats/swpout", &number));
    assert_int_equal(number, -5);
    assert_true(figure_number(snapshot, "sys/kernel/mm/cma/reserved/alloc_pages_success", &number));
    assert_int_equal(number, 12);
    assert_true(figure_number(snapshot, "sys/block/zram0/disksize", &number));
    assert_int_equal(number, 1048576);
    assert_false(figure_number(snapshot, "proc/sys/kernel/shmmax", &number));
    assert_string_equal(figure_text(snapshot, "proc/sys/kernel/shmmax"), "18446744073692774399");
    assert_false(figure_number(snapshot, "sys/kernel/mm/transparent_hugepage/enabled", &number));
    assert_string_equal(figure_text(snapshot, "sys/kernel/mm/transparent_hugepage/enabled"),
                        "always [madvise] never");
    /* a path that the pool of strings knows, but no figure has */
    assert_null(figure_text(snapshot, "always [madvise] never"));
}

static void of_two_files_with_one_path_the_later_counts(void **state)
{
    (void)state;
    int64_t number;
    snapshot_give(snapshot, "proc/sys/vm/swappiness", "60\n");
    snapshot_give(snapshot, "proc/sys/vm/swappiness", "a lot\n");
    assert_int_equal(details()->figures.count, 1);
    assert_false(figure_number(snapshot, "proc/sys/vm/swappiness", &number));
    assert_string_equal(figure_text(snapshot, "proc/sys/vm/swappiness"), "a lot");
}

static void thousands_of_figures_are_found(void **state)
{
    (void)state;
    char path[64], text[32];
    enum { COUNT = 5000 };
    for (int i = 0; i < COUNT; i++) {
        snprintf(path, sizeof path, "sys/kernel/dmabuf/buffers/%d/size", i);
        snprintf(text, sizeof text, "%d\n", i * 4096);
        snapshot_give(snapshot, path, text);
    }
    for (int i = 0; i < COUNT; i++) {
        int64_t number = -1;
        snprintf(path, sizeof path, "sys/kernel/dmabuf/buffers/%d/size", i);
        assert_true(figure_number(snapshot, path, &number));
        assert_int_equal(number, i * 4096);
    }
}

static void there_is_a_limit_of_figures(void **state)
{
    (void)state;
    enum { ALLOWED = 65536 };
    char path[64];
    for (unsigned i = 0; i <= ALLOWED; i++) {
        const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT};
        struct loader loader = {.options = &options, .snapshot = snapshot};
        struct failure why = {0};
        bool ok = true;
        snprintf(path, sizeof path, "proc/sys/vm/%u", i);
        struct member_path member = {.whole = slice_of(path)};
        assert_true(load_system_member(&loader, &member, SLICE("1\n"), &ok, &why));
        assert_int_equal(ok, i < ALLOWED);
        assert_int_equal(why.kind, i < ALLOWED ? FAILURE_NONE : FAILURE_LIMIT);
    }
    assert_int_equal(details()->figures.count, ALLOWED);
}

static void there_is_a_limit_of_mounts(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT};
        struct loader loader = {.options = &options, .snapshot = snapshot};
        struct member_path member = {.whole = SLICE("derived/statfs")};
        struct failure why = {0};
        char *text = NULL;
        size_t length = 0;
        bool ok = true;
        FILE *to = open_memstream(&text, &length);
        assert_non_null(to);
        for (int i = 0; i < LISTED_MAX + extra; i++)
            fprintf(to, "mount type tmpfs device 0:%d path /m\n", i);
        assert_int_equal(fclose(to), 0);
        assert_true(load_system_member(&loader, &member, (struct slice){text, length}, &ok, &why));
        assert_int_equal(ok, !extra);
        assert_int_equal(why.kind, extra ? FAILURE_LIMIT : FAILURE_NONE);
        assert_int_equal(details()->mount_count, LISTED_MAX);
        free(text);
    }
}

static void hidden_addresses_are_absent(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/iomem", "00000000-00000000 : System RAM\n");
    assert_false(details()->has_iomem);
    snapshot_give(snapshot, "proc/iomem", "00001000-00001fff : System RAM\n");
    assert_true(details()->has_iomem);
    expect_bytes(details()->iomem.system_ram, 4096);
}

static void a_census_is_kept(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) /* the second one takes the place of the first */
        snapshot_give(snapshot, "derived/census",
                      "census 1\npage_bytes 4096\nframes 3\nwithin_ram yes\ncounts no\n"
                      "flags 80 pages 3 mapped 0\nend rows 1 complete yes\n");
    assert_true(details()->has_census);
    assert_int_equal(details()->census.pages[PAGE_CLASS_SLAB], 3);
}

static void mounts_know_what_they_count(void **state)
{
    (void)state;
    snapshot_give(
        snapshot, "derived/statfs",
        "mount type tmpfs device 0:26 block_bytes 4096 blocks 100 free_blocks 40 files 9 "
        "free_files 3 path /dev/sh\\x6d\n"
        "mount type tmpfs device 0:27 block_bytes 4096 blocks 0 free_blocks 0 files 0 "
        "free_files 0 path /without/limit\n"
        "mount type hugetlbfs device 0:28 block_bytes 2097152 blocks 18446744073709551615 "
        "free_blocks 18446744073709551615 files 0 free_files 0 path /huge\n"
        "mount type tmpfs device 0:29 errno 13 path /refused\n"
        "mount type tmpfs device 0:30 block_bytes 4096 blocks 1 free_blocks 2 path /strange\n");
    assert_int_equal(details()->mount_count, 5);
    const struct memory_mount *mounts = details()->mounts;
    expect_text(mounts[0].type, "tmpfs");
    expect_text(mounts[0].point, "/dev/shm");
    assert_int_equal(mounts[0].minor, 26);
    expect_bytes(mounts[0].used_bytes, UINT64_C(60) * 4096);
    expect_bytes(mounts[0].size_bytes, UINT64_C(100) * 4096);
    expect_bytes(mounts[0].files, 6);
    for (size_t i = 1; i < 5; i++)
        assert_false(mounts[i].used_bytes.known || mounts[i].size_bytes.known ||
                     mounts[i].files.known);
    expect_text(mounts[3].point, "/refused");
}

static const struct balloon *balloon_of(enum balloon_driver driver)
{
    for (size_t i = 0; i < details()->balloon_count; i++)
        if (details()->balloons[i].driver == driver)
            return &details()->balloons[i];
    return NULL;
}

#define VIRTIO "sys/bus/virtio/devices/virtio"

static void a_virtio_balloon_is_told_by_its_bits(void **state)
{
    (void)state;
    static const char inside[] = "0110010100000000000000000000000010000000\n";
    static const char outside[] = "0100010100000000000000000000000010000000\n";
    snapshot_give(snapshot, VIRTIO "0/features", inside);
    snapshot_give(snapshot, VIRTIO "0/device", "0x0002\n");
    assert_null(balloon_of(BALLOON_VIRTIO)); /* a disk */
    snapshot_give(snapshot, VIRTIO "3/device", "0x0005\n");
    assert_non_null(balloon_of(BALLOON_VIRTIO));
    assert_false(balloon_of(BALLOON_VIRTIO)->knows_place);
    snapshot_give(snapshot, VIRTIO "3/features", inside);
    assert_true(balloon_of(BALLOON_VIRTIO)->knows_place);
    assert_true(balloon_of(BALLOON_VIRTIO)->inside_total);
    assert_false(balloon_of(BALLOON_VIRTIO)->bytes.known);
    snapshot_give(snapshot, VIRTIO "3/features", outside);
    assert_true(balloon_of(BALLOON_VIRTIO)->knows_place);
    assert_false(balloon_of(BALLOON_VIRTIO)->inside_total);
    assert_int_equal(details()->balloon_count, 1);
}

static void balloons_of_other_drivers_know_their_size(void **state)
{
    (void)state;
    snapshot_give(snapshot, "sys/kernel/debug/vmmemctl",
                  "target:                 512 pages\ncurrent:                256 pages\n");
    snapshot_give(snapshot, "sys/kernel/debug/hv-balloon", "pages_ballooned       : 10\n");
    snapshot_give(snapshot, "sys/devices/system/xen_memory/xen_memory0/info/low_kb", "100\n");
    snapshot_give(snapshot, "sys/devices/system/xen_memory/xen_memory0/info/high_kb", "28\n");
    snapshot_give(snapshot, "sys/devices/system/xen_memory/xen_memory0/info/current_kb", "999\n");
    snapshot_give(snapshot, "sys/devices/system/cmm/cmm0/loaned_kb", "64\n");
    static const struct {
        enum balloon_driver driver;
        bool inside;
        uint64_t bytes;
    } expected[] = {
        {BALLOON_VMWARE,  true,  256 * 4096},
        {BALLOON_HYPERV,  false, 10 * 4096 },
        {BALLOON_XEN,     false, 128 * 1024},
        {BALLOON_PSERIES, false, 64 * 1024 },
    };
    assert_int_equal(details()->balloon_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct balloon *balloon = balloon_of(expected[i].driver);
        assert_non_null(balloon);
        assert_true(balloon->knows_place);
        assert_int_equal(balloon->inside_total, expected[i].inside);
        expect_bytes(balloon->bytes, expected[i].bytes);
        assert_non_null(balloon->source);
        assert_non_null(balloon_driver_word(balloon->driver));
    }
}

static void call_sites_and_caches_are_kept(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/allocinfo",
                  "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n"
                  "        8192        2 mm/slub.c:2400 func:alloc_slab_page \n"
                  "       16384        1 drivers/tap.c:2 [tap] func:tap_open \n");
    snapshot_give(snapshot, "proc/spl/kstat/zfs/arcstats",
                  "13 1 0x01 2 3 4 5\nname   type data\nsize   4    1048576\n");
    assert_int_equal(details()->site_count, 2);
    expect_text(details()->sites[0].place, "mm/slub.c:2400 func:alloc_slab_page");
    assert_int_equal(details()->sites[0].module, 0);
    expect_text(details()->sites[1].place, "drivers/tap.c:2 func:tap_open");
    expect_text(details()->sites[1].module, "tap");
    assert_int_equal(details()->sites[1].bytes, 16384);
    expect_bytes(details()->arc_bytes, 1048576);
}

static void the_boot_log_tells_the_first_chunk(void **state)
{
    (void)state;
    snapshot_give(snapshot, "meta/cmd/dmesg.txt", "percpu: Embedded 53 pages/cpu s1\n");
    assert_false(details()->first_percpu_chunk.known); /* of how many processors? */
    snapshot_give(snapshot, "meta/cmd/dmesg.txt",
                  "percpu: Embedded 53 pages/cpu s1\npcpu-alloc: [0] 0 1\n"
                  "Memory: 1K/1000K available (1K kernel code)\n");
    expect_bytes(details()->first_percpu_chunk, UINT64_C(53) * 2 * 4096);
    expect_bytes(details()->boot_present, KIB(1000));
}

/* A foreign tree tells its page size only after its last member. */
static void pages_become_bytes_at_the_end(void **state)
{
    (void)state;
    struct snapshot_tree tree;
    tree_create(&tree);
    tree_put(&tree, "meta/cmd/dmesg.txt", "percpu: Embedded 3 pages/cpu s1\npcpu-alloc: [0] 0 1\n");
    tree_put(&tree, "meta/collector", "snap pid 175 page_size 65536\n");
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
    tree_put(&tree, "sys/kernel/debug/hv-balloon", "pages_ballooned       : 10\n");
    struct snapshot *loaded = tree_load(&tree);
    tree_remove(&tree);
    assert_int_equal(loaded->problem_count, 0);
    expect_bytes(loaded->system.details.first_percpu_chunk, UINT64_C(6) * 65536);
    expect_bytes(loaded->system.details.balloons[0].bytes, UINT64_C(10) * 65536);
    snapshot_free(loaded);
}

static void limits_and_damage_become_problems(void **state)
{
    (void)state;
    struct snapshot_tree tree;
    tree_create(&tree);
    char longest[4099];
    memset(longest, '1', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    longest[4096] = '\n';
    longest[4097] = '\0';
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
    tree_put(&tree, "proc/sys/vm/just_fits", longest);
    longest[4096] = '1';
    tree_put(&tree, "proc/sys/vm/too_long", longest);
    tree_put(&tree, "proc/iomem", "no map\n");
    tree_put(&tree, "derived/statfs", "mount type tmpfs\n");
    tree_put(&tree, "sys/kernel/debug/vmmemctl", "nothing\n");
    struct snapshot *loaded = tree_load(&tree);
    tree_remove(&tree);
    assert_int_equal(loaded->problem_count, 4);
    assert_non_null(figure_text(loaded, "proc/sys/vm/just_fits"));
    assert_null(figure_text(loaded, "proc/sys/vm/too_long"));
    assert_false(loaded->system.details.has_iomem);
    assert_int_equal(loaded->system.details.balloon_count, 0);
    snapshot_free(loaded);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(figures_are_found_by_path),
        TEST(of_two_files_with_one_path_the_later_counts),
        TEST(thousands_of_figures_are_found),
        TEST(there_is_a_limit_of_figures),
        TEST(there_is_a_limit_of_mounts),
        TEST(hidden_addresses_are_absent),
        TEST(a_census_is_kept),
        TEST(mounts_know_what_they_count),
        TEST(a_virtio_balloon_is_told_by_its_bits),
        TEST(balloons_of_other_drivers_know_their_size),
        TEST(call_sites_and_caches_are_kept),
        TEST(the_boot_log_tells_the_first_chunk),
        cmocka_unit_test(pages_become_bytes_at_the_end),
        cmocka_unit_test(limits_and_damage_become_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
