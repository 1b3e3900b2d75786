/* analyzer/model/load_identity.c: who, where and when, from a tree without manifest. */
#include "tests/unit/model/one_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

static void expect_page_size(uint64_t bytes, const char *source)
{
    struct snapshot *snapshot = tree_load(&tree);
    uint64_t found = 0;
    assert_int_equal(snapshot_page_size(snapshot, &found), source != NULL);
    if (source) {
        assert_int_equal(found, bytes);
        assert_string_equal(snapshot->identity.page_size_source, source);
    }
    snapshot_free(snapshot);
}

/* Each source is surer than the one before it, and wins once it is there. */
static void the_page_size_comes_from_the_surest_source(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 655360 kB\n");
    expect_page_size(0, NULL);
    tree_put(&tree, "proc/5/statm", "100 10 0 0 0 0 0\n");
    tree_put(&tree, "proc/5/status",
             "Name:\tp\nState:\tS (sleeping)\nTgid:\t5\nPid:\t5\nPPid:\t1\nVmSize:\t  800 kB\n");
    expect_page_size(8192, "VmSize over statm");
    tree_put(&tree, "proc/zoneinfo",
             "Node 0, zone Normal\n  pages free 9\n        managed  40960\n");
    expect_page_size(16384, "MemTotal over managed pages");
    tree_put(&tree, "meta/collector", "snap pid 175 page_size 65536\n");
    expect_page_size(65536, "meta/collector");
    tree_put(
        &tree, "proc/6/smaps",
        "00010000-00020000 rw-p 00000000 00:00 0 \nSize: 64 kB\nRss: 0 kB\nKernelPageSize: 2048 "
        "kB\n"
        "00030000-00040000 rw-p 00000000 00:00 0 \nSize: 64 kB\nRss: 0 kB\nKernelPageSize: 4 kB\n"
        "00050000-00060000 rw-p 00000000 00:00 0 \nSize: 64 kB\nRss: 0 kB\nKernelPageSize: 2048 "
        "kB\n");
    expect_page_size(4096, "KernelPageSize in smaps");
}

/* MemTotal has some pages more or less than the zones: deferred initialisation, hotplug. */
static void a_page_size_that_is_no_power_of_two_is_not_believed(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 16384064 kB\n");
    tree_put(&tree, "proc/zoneinfo",
             "Node 0, zone Normal\n  pages free 9\n        managed  4096000\n");
    expect_page_size(4096, "MemTotal over managed pages");
    tree_put(&tree, "proc/meminfo", "MemTotal: 20480000 kB\n");
    expect_page_size(0, NULL);
    tree_put(&tree, "meta/collector", "snap pid 175 page_size 5000\n");
    expect_page_size(0, NULL);
}

/* Zones of no pages at all, and sizes of nothing. */
static void nothing_is_divided_by_nothing(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 0 kB\n");
    tree_put(&tree, "proc/zoneinfo", "Node 0, zone Normal\n  pages free 0\n        managed  0\n");
    tree_put(&tree, "proc/5/statm", "0 0 0 0 0 0 0\n");
    tree_put(&tree, "proc/5/status",
             "Name:\tp\nState:\tS (sleeping)\nTgid:\t5\nPid:\t5\nPPid:\t1\nVmSize:\t  0 kB\n");
    tree_put(&tree, "meta/collector", "snap pid 175 page_size 0\n");
    expect_page_size(0, NULL);
}

/* The lines of /proc/cpuinfo that tell, as kernels of these machines print them. */
static const struct machine {
    const char *cpuinfo, *vmalloc_total, *version, *architecture;
} machines[] = {
    {"processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n",             "34359738367",
     "Linux version 6.1.0-40-amd64 (debian) (gcc) #1 SMP",                                                                       "x86_64" },
    {"processor\t: 0\nvendor_id\t: AuthenticAMD\n",                              "122880",
     "Linux version 6.1.0-40-686-pae (debian) (gcc) #1 SMP",                                                                     "i686"   },
    {"vendor_id       : IBM/S390\n# processors    : 2\n",                        "535822336",
     "Linux version 6.1.0-40-s390x (debian) (gcc) #1 SMP",                                                                       "s390x"  },
    {"processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n",             "133143592960",
     "Linux version 6.1.0-40-arm64 (debian) (gcc) #1 SMP",                                                                       "aarch64"},
    {"processor\t: 0\nmodel name\t: ARMv7 Processor\nCPU implementer\t: 0x41\n", "245760",
     "Linux version 6.1.0-40-armmp (debian) (gcc) #1 SMP",                                                                       "armv7l" },
    {"processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdc\n",                       "67108863",
     "Linux version 6.12.0-riscv64 (debian) (gcc) #1 SMP",                                                                       "riscv64"},
    {"system type\t\t: MIPS Malta\ncpu model\t\t: MIPS 5KEc V0.0\n",             "1069547512",
     "Linux version 6.1.0-5kc-malta (debian) (gcc) #1 SMP",                                                                      "mips64" },
    {"processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\n",       "34359738368",
     "Linux version 6.12.38+deb13-powerpc64le-64k (debian) (gcc) #1 SMP",                                                        "ppc64le"},
    {"processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\n",       "34359738368",
     "Linux version 5.14.0-362.el9.ppc64le (mockbuild) (gcc) #1 SMP",                                                            "ppc64le"},
    {"processor\t: 0\ncpu\t\t: POWER8 (architected), altivec supported\n",       "34359738368",
     "Linux version 3.10.0-1160.el7.ppc64 (mockbuild) (gcc) #1 SMP",                                                             "ppc64"  },
 /* neither file tells the byte order: nothing is better than half the answers wrong */
    {"processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\n",       "34359738368",
     "Linux version 5.15.0-91-generic (buildd) (gcc) #101-Ubuntu SMP",                                                           NULL     },
    {"something new\n",                                                          "34359738367",  "Linux version 9.0 (x) (y) #1", NULL     },
};

static void the_architecture_comes_from_what_only_it_prints(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        char meminfo[96];
        snprintf(meminfo, sizeof meminfo, "MemTotal: 1000 kB\nVmallocTotal: %s kB\n",
                 machines[i].vmalloc_total);
        tree_put(&tree, "proc/meminfo", meminfo);
        tree_put(&tree, "proc/cpuinfo", machines[i].cpuinfo);
        tree_put(&tree, "proc/version", machines[i].version);
        struct snapshot *snapshot = tree_load(&tree);
        const char *found = snapshot->identity.text[IDENTITY_ARCHITECTURE];
        const char *wanted = machines[i].architecture;
        if (!wanted != !found || (wanted && strcmp(wanted, found) != 0))
            fail_msg("%s: %s, not %s", machines[i].version, found ? found : "(absent)",
                     wanted ? wanted : "(absent)");
        snapshot_free(snapshot);
    }
}

static void the_kernel_comes_from_version(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1 kB\n");
    tree_put(&tree, "proc/version",
             "Linux version 6.1.0-40-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian) "
             "12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)\n");
    struct snapshot *snapshot = tree_load(&tree);
    const struct identity *identity = &snapshot->identity;
    assert_string_equal(identity->text[IDENTITY_KERNEL], "6.1.0-40-amd64");
    assert_string_equal(identity->source[IDENTITY_KERNEL], "proc/version");
    assert_string_equal(identity->text[IDENTITY_KERNEL_VERSION],
                        "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)");
    assert_null(identity->text[IDENTITY_HOST]);
    assert_null(identity->text[IDENTITY_BOOT_ID]);
    assert_null(identity->text[IDENTITY_ARCHITECTURE]);
    assert_false(snapshot->is_ours);
    assert_true(snapshot->complete);
    snapshot_free(snapshot);
}

static void a_version_of_another_kind_tells_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", "Linux", "Linux version\n", "a b c\n", "###\n"};
    tree_put(&tree, "proc/meminfo", "MemTotal: 1 kB\n");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tree_put(&tree, "proc/version", texts[i]);
        struct snapshot *snapshot = tree_load(&tree);
        assert_null(snapshot->identity.text[IDENTITY_KERNEL]);
        snapshot_free(snapshot);
    }
}

static void host_release_and_boot_have_files_of_their_own(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1 kB\n");
    tree_put(&tree, "proc/version", "Linux version 1.2.3 (x) (y) #7 SMP\n");
    tree_put(&tree, "proc/sys/kernel/hostname", "db1\n");
    tree_put(&tree, "proc/sys/kernel/osrelease", "1.2.3-real\n");
    tree_put(&tree, "proc/sys/kernel/random/boot_id", "aa-bb\n");
    struct snapshot *snapshot = tree_load(&tree);
    assert_string_equal(snapshot->identity.text[IDENTITY_HOST], "db1");
    assert_string_equal(snapshot->identity.text[IDENTITY_KERNEL], "1.2.3-real");
    assert_string_equal(snapshot->identity.text[IDENTITY_BOOT_ID], "aa-bb");
    snapshot_free(snapshot);
}

static void the_moment_is_when_meminfo_was_read(void **state)
{
    (void)state;
    char path[96];
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\n");
    snprintf(path, sizeof path, "%s/proc/meminfo", tree.folder);
    const struct timespec times[2] = {
        {.tv_sec = 1600000000},
        { .tv_sec = 1600000000,     .tv_nsec = 5000}
    };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    struct snapshot *snapshot = tree_load(&tree);
    assert_string_equal(snapshot->identity.taken_at_source, "mtime of proc/meminfo");
    assert_true(snapshot->identity.taken_at_ns == INT64_C(1600000000000005000));
    snapshot_free(snapshot);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_set_up, tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_page_size_comes_from_the_surest_source),
        TEST(a_page_size_that_is_no_power_of_two_is_not_believed),
        TEST(nothing_is_divided_by_nothing),
        TEST(the_architecture_comes_from_what_only_it_prints),
        TEST(the_kernel_comes_from_version),
        TEST(a_version_of_another_kind_tells_nothing),
        TEST(host_release_and_boot_have_files_of_their_own),
        TEST(the_moment_is_when_meminfo_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
