/* analyzer/account/ledger.c, system_terms.c: terms that overlap, are missing, or contradict. */
#include "tests/unit/account/ledger_rules.h"

static struct ledger ledger;

/* 600000 in all, of which 100000 are free. */
#define HEAD "MemTotal: 600000 kB\nMemFree: 100000 kB\n"
#define ZONES(free, managed, count)                                                                \
    "Node 0, zone   Normal\n  pages free     " free "\n        managed  " managed "\n"             \
    "  pagesets\n    cpu: 0\n              count: " count "\n"

static struct snapshot *with_meminfo(const char *text)
{
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", text);
    return snapshot;
}

static void expect_user(const char *meminfo, int64_t user, int64_t swap_cache, int64_t unowned)
{
    struct snapshot *snapshot = with_meminfo(meminfo);
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user", user);
    expect_line(&ledger, "user.swap_cache", swap_cache);
    expect_line(&ledger, "user.lru_unowned", unowned);
    expect_residual(&ledger, 500000 - user);
    snapshot_free(snapshot);
}

#define OWNED "AnonPages: 100000 kB\nCached: 50000 kB\nShmem: 20000 kB\nBuffers: 3000 kB\n"

/* Owners: 153000 and SwapCached. What the lists have less is swap cache that is mapped as well. */
static void swap_cache_counts_once(void **state)
{
    (void)state;
    expect_user(HEAD OWNED "SwapCached: 5000 kB\nActive: 100000 kB\nInactive: 58000 kB\n"
                           "Unevictable: 0 kB\n",
                158000, 5000, KIB_ABSENT);
    expect_user(HEAD OWNED "SwapCached: 5000 kB\nActive: 100000 kB\nInactive: 55000 kB\n"
                           "Unevictable: 0 kB\n",
                155000, 2000, KIB_ABSENT);
    expect_bounds(&ledger, "user.swap_cache", 0, 5000);
    expect_user(HEAD OWNED "SwapCached: 5000 kB\nActive: 100000 kB\nInactive: 53000 kB\n"
                           "Unevictable: 0 kB\n",
                153000, 0, KIB_ABSENT);
    /* what is missing beyond it waits in per-CPU batches: the owners are right */
    expect_user(HEAD OWNED "SwapCached: 5000 kB\nActive: 100000 kB\nInactive: 40000 kB\n"
                           "Unevictable: 0 kB\n",
                153000, 0, KIB_ABSENT);
}

static void pages_on_the_lists_without_owner_are_a_line(void **state)
{
    (void)state;
    expect_user(HEAD OWNED "SwapCached: 0 kB\nActive: 100000 kB\nInactive: 50000 kB\n"
                           "Unevictable: 7000 kB\n",
                157000, 0, 4000);
    assert_int_equal(ledger.user_forms.lru.bytes, KIB(157000));
    assert_int_equal(ledger.user_forms.page_cache.bytes, KIB(153000));
    assert_false(ledger.user_forms.process.known);
}

static void isolated_pages_are_on_the_lists(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(
        HEAD OWNED "SwapCached: 0 kB\nActive: 100000 kB\nInactive: 53000 kB\nUnevictable: 0 kB\n");
    snapshot_give(snapshot, "proc/vmstat",
                  "nr_free_pages 1\nnr_isolated_anon 50\nnr_isolated_file 25\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.lru_unowned", 300);
    snapshot_free(snapshot);
}

/* Shmem is part of Cached; if a torn read has more of it, nothing becomes negative. */
static void more_shmem_than_cached(void **state)
{
    (void)state;
    struct snapshot *snapshot =
        with_meminfo(HEAD "AnonPages: 1000 kB\nCached: 50 kB\nShmem: 80 kB\nBuffers: 0 kB\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "user.file_cache", 0);
    expect_line(&ledger, "user.shmem", 80);
    expect_line(&ledger, "user", 1080);
    snapshot_free(snapshot);
}

static void per_cpu_lists_are_corrected_by_the_skew(void **state)
{
    (void)state;
    /* zones: 99600 free and 1200 on lists; MemFree has 100000: 400 came from the lists since */
    struct snapshot *snapshot = with_meminfo(HEAD);
    snapshot_give(snapshot, "proc/zoneinfo", ZONES("24900", "150000", "300"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "pcp", 800);
    expect_bounds(&ledger, "pcp", 400, 1200);
    snapshot_free(snapshot);
    /* and the other way */
    snapshot = with_meminfo(HEAD);
    snapshot_give(snapshot, "proc/zoneinfo", ZONES("25100", "150000", "300"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "pcp", 1600);
    expect_bounds(&ledger, "pcp", 1200, 2000);
    snapshot_free(snapshot);
    /* too much for the lists: memory was freed in between, and they are left as they are */
    snapshot = with_meminfo(HEAD);
    snapshot_give(snapshot, "proc/zoneinfo", ZONES("20000", "150000", "300"));
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "pcp", 1200);
    snapshot_free(snapshot);
}

static void without_zoneinfo_a_note_says_so(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD);
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "pcp", KIB_ABSENT);
    assert_true(ledger_notes(&ledger, "no zoneinfo"));
    snapshot_free(snapshot);
}

static void zswap_is_inside_zspages_if_it_fits(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "Zswap: 400 kB\nZswapped: 1200 kB\n");
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 1\nnr_zspages 100\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "zspages", 400);
    expect_line(&ledger, "zswap", KIB_ABSENT);
    expect_beside(&ledger, "zswap_pool", 400, "zspages");
    snapshot_free(snapshot);
}

/* zbud and z3fold take pages that nr_zspages does not count. */
static void zswap_larger_than_zspages_is_a_line(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "Zswap: 404 kB\nZswapped: 1200 kB\n");
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 1\nnr_zspages 100\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "zspages", 400);
    expect_line(&ledger, "zswap", 404);
    expect_no_beside(&ledger, "zswap_pool");
    expect_residual(&ledger, 500000 - 804);
    snapshot_free(snapshot);
}

/* The setting tells where sizes do not: a pool of zbud beside a larger zram. */
static void zswap_of_another_allocator_is_a_line(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "Zswap: 400 kB\nZswapped: 1200 kB\n");
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 1\nnr_zspages 100\n");
    snapshot_give(snapshot, "sys/module/zswap/parameters/zpool", "zbud\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "zspages", 400);
    expect_line(&ledger, "zswap", 400);
    expect_residual(&ledger, 500000 - 800);
    snapshot_free(snapshot);
    snapshot = with_meminfo(HEAD);
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 1\nnr_zspages 100\n");
    snapshot_give(snapshot, "sys/module/zswap/parameters/zpool", "zbud\n");
    snapshot_give(snapshot, "sys/kernel/debug/zswap/pool_total_size", "204800\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "zswap", 200);
    snapshot_free(snapshot);
}

static void zram_tells_what_no_counter_does(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD);
    snapshot_give(snapshot, "sys/block/zram0/mm_stat", "100 50 4096 0 4096 0 0\n");
    snapshot_give(snapshot, "sys/block/zram1/mm_stat", "100 50 8192 0 8192 0 0\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "zspages", 12);
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 1\nnr_zspages 5\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "zspages", 20);
    snapshot_free(snapshot);
}

static void huge_pages_of_all_sizes(void **state)
{
    (void)state;
    /* 8 x 2 MiB and 1 x 64 KiB; meminfo counts the pages of one size, the bytes of all */
    struct snapshot *snapshot =
        with_meminfo(HEAD "HugePages_Total: 8\nHugePages_Free: 3\nHugepagesize: 2048 kB\n"
                          "Hugetlb: 16448 kB\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "hugetlb", 16448);
    expect_line(&ledger, "hugetlb.2048kB", KIB_ABSENT); /* would not sum up */
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "1\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n");
    snapshot_give(snapshot, "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages",
                  "8\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "hugetlb", 16448);
    expect_line(&ledger, "hugetlb.2048kB", 16384);
    expect_line(&ledger, "hugetlb.2048kB.used", 10240);
    expect_line(&ledger, "hugetlb.2048kB.free", 6144);
    expect_line(&ledger, "hugetlb.64kB", 64);
    expect_line(&ledger, "hugetlb.64kB.used", KIB_ABSENT);
    expect_line(&ledger, "hugetlb.1048576kB", KIB_ABSENT);
    expect_residual(&ledger, 500000 - 16448);
    snapshot_free(snapshot);
}

static void without_hugetlb_the_pools_count(void **state)
{
    (void)state;
    struct snapshot *snapshot =
        with_meminfo(HEAD "HugePages_Total: 8\nHugePages_Free: 9\nHugepagesize: 2048 kB\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "hugetlb", 16384);
    expect_line(&ledger, "hugetlb.2048kB.used", 0); /* a torn read has more free than there are */
    expect_line(&ledger, "hugetlb.2048kB.free", 16384);
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "8\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "2\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "hugetlb", 16512);
    expect_line(&ledger, "hugetlb.64kB", 128);
    snapshot_free(snapshot);
}

static void a_balloon_is_inside_only_if_it_fits(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "Balloon: 500000 kB\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "balloon", 500000);
    expect_residual(&ledger, 0);
    snapshot_free(snapshot);
    snapshot = with_meminfo(HEAD "Balloon: 500004 kB\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "balloon", KIB_ABSENT);
    expect_beside(&ledger, "balloon", 500004, "");
    expect_residual(&ledger, 500000);
    snapshot_free(snapshot);
}

/* Counters are read one after the other, so they may claim more than there is. */
static void a_residual_may_be_negative(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo("MemTotal: 1000 kB\nMemFree: 900 kB\nSlab: 164 kB\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "slab", 164);
    expect_line(&ledger, "slab.reclaimable", KIB_ABSENT);
    expect_residual(&ledger, -64);
    assert_int_equal(ledger.suspect_count, 0);
    snapshot_free(snapshot);
}

static void give_sample(struct snapshot *snapshot, unsigned number, const char *meminfo,
                        const char *zoneinfo)
{
    char path[64];
    snprintf(path, sizeof path, "samples/%u/meminfo", number);
    snapshot_give(snapshot, path, meminfo);
    snprintf(path, sizeof path, "samples/%u/zoneinfo", number);
    if (zoneinfo)
        snapshot_give(snapshot, path, zoneinfo);
}

static void samples_widen_the_interval(void **state)
{
    (void)state;
    struct snapshot *snapshot = with_meminfo(HEAD "Slab: 1000 kB\n");
    snapshot_give(snapshot, "proc/zoneinfo", ZONES("25000", "150000", "100"));
    give_sample(snapshot, 1, HEAD "Slab: 1300 kB\n", ZONES("25000", "150000", "100"));
    give_sample(snapshot, 2, HEAD "Slab: 900 kB\n", ZONES("25000", "150000", "100"));
    give_sample(snapshot, 3, HEAD "Slab: 50000 kB\n", NULL); /* its lists are not known */
    give_sample(snapshot, 4, "MemTotal: 700000 kB\nMemFree: 1 kB\n",
                ZONES("0", "150000", "0")); /* memory was plugged */
    ledger_of(snapshot, &ledger);
    expect_residual(&ledger, 500000 - 400 - 1000);
    assert_true(ledger.residual_low_bytes == ledger.residual_bytes - (int64_t)KIB(300));
    assert_true(ledger.residual_high_bytes == ledger.residual_bytes + (int64_t)KIB(100));
    assert_int_equal(ledger.samples_used, 3);
    snapshot_free(snapshot);
}

/* Slab and vmalloc are counted in pages of unknown size then; what meminfo has remains. */
static void without_a_page_size_meminfo_still_counts(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(0);
    snapshot_give(snapshot, "proc/meminfo", HEAD "Slab: 1000 kB\nVmallocUsed: 50 kB\n");
    snapshot_give(snapshot, "proc/vmstat", "nr_free_pages 1\nnr_zspages 100\n");
    snapshot_give(snapshot, "proc/zoneinfo", "Node 0, zone Normal\n  pages free 9\n");
    snapshot_give(snapshot, "proc/slabinfo",
                  "slabinfo - version: 2.1\n# name\n"
                  "dentry 5 21 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n");
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xf0000000-0xf0005000   20480 load_module+0x9e/0x3b0 pages=4 vmalloc\n");
    ledger_of(snapshot, &ledger);
    expect_line(&ledger, "slab", 1000);
    expect_line(&ledger, "vmalloc", 50);
    expect_line(&ledger, "pcp", KIB_ABSENT);
    expect_line(&ledger, "zspages", KIB_ABSENT);
    assert_true(ledger_notes(&ledger, "page size"));
    snapshot_free(snapshot);
}

static void without_mem_total_there_is_no_ledger(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    struct failure why = {0};
    assert_false(ledger_compute(snapshot, &ledger, &why));
    assert_string_equal(why.member, "proc/meminfo");
    assert_non_null(strstr(why.message, "MemTotal"));
    snapshot_free(snapshot);
}

static void every_grade_has_a_word(void **state)
{
    (void)state;
    assert_string_equal(grade_word(GRADE_EXACT), "exact");
    assert_string_equal(grade_word(GRADE_DERIVED), "derived");
    assert_string_equal(grade_word(GRADE_BOUNDED), "bounded");
    assert_string_equal(grade_word(GRADE_ESTIMATE), "estimate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swap_cache_counts_once),
        cmocka_unit_test(pages_on_the_lists_without_owner_are_a_line),
        cmocka_unit_test(isolated_pages_are_on_the_lists),
        cmocka_unit_test(more_shmem_than_cached),
        cmocka_unit_test(per_cpu_lists_are_corrected_by_the_skew),
        cmocka_unit_test(without_zoneinfo_a_note_says_so),
        cmocka_unit_test(zswap_is_inside_zspages_if_it_fits),
        cmocka_unit_test(zswap_larger_than_zspages_is_a_line),
        cmocka_unit_test(zswap_of_another_allocator_is_a_line),
        cmocka_unit_test(zram_tells_what_no_counter_does),
        cmocka_unit_test(huge_pages_of_all_sizes),
        cmocka_unit_test(without_hugetlb_the_pools_count),
        cmocka_unit_test(a_balloon_is_inside_only_if_it_fits),
        cmocka_unit_test(a_residual_may_be_negative),
        cmocka_unit_test(samples_widen_the_interval),
        cmocka_unit_test(without_a_page_size_meminfo_still_counts),
        cmocka_unit_test(without_mem_total_there_is_no_ledger),
        cmocka_unit_test(every_grade_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
