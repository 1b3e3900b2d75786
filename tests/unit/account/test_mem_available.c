/* analyzer/account/mem_available.c: the kernel's formula, in its two forms. */
#include "tests/unit/account/ledger_rules.h"

static struct ledger ledger;

/* Two zones; low watermarks 1000 + 3000 pages, reserves 2000 + 1200 and 0 + 3600. The first zone is
 * smaller than what it would have to keep back for others. */
#define ZONES                                                                                      \
    "Node 0, zone      DMA\n  pages free     500\n        min      900\n        low      1000\n"   \
    "        high     1200\n        present  4000\n        managed  3000\n"                        \
    "        protection: (0, 2000, 2000)\n  pagesets\n    cpu: 0\n              count: 0\n"        \
    "Node 0, zone   Normal\n  pages free     24500\n        min      2400\n        low      "      \
    "3000\n"                                                                                       \
    "        high     3600\n        present  150000\n        managed  147000\n"                    \
    "        protection: (0, 0, 0)\n  pagesets\n    cpu: 0\n              count: 0\n"
#define MEMINFO                                                                                    \
    "MemTotal: 600000 kB\nMemFree: 100000 kB\nActive(file): 40000 kB\nInactive(file): 20000 kB\n"  \
    "SReclaimable: 8004 kB\n"

static void expect_computed(const char *meminfo, int64_t kib)
{
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", meminfo);
    snapshot_give(snapshot, "proc/zoneinfo", ZONES);
    ledger_of(snapshot, &ledger);
    assert_true(ledger.available.computed.known);
    assert_int_equal(ledger.available.computed.bytes, KIB((uint64_t)kib));
    snapshot_free(snapshot);
}

/* 25000 free; 15000 of files less 4000 (the watermarks are less than half); 2001 of slab less 1000
 * (half of it is less); less 3000 (all of DMA) + 3600. */
#define LATER_KIB (4 * (25000 + 11000 + 1001 - 6600))
/* The same less the low watermarks alone. */
#define FIRST_KIB (4 * (25000 + 11000 + 1001 - 4000))

static void computed_where_it_is_not_printed(void **state)
{
    (void)state;
    expect_computed(MEMINFO, LATER_KIB);
    expect_beside(&ledger, "available", LATER_KIB, "");
    assert_int_equal(ledger.beside[0].grade, GRADE_DERIVED);
    expect_computed(MEMINFO "VmallocUsed: 5000 kB\nVmallocChunk: 900000 kB\n", FIRST_KIB);
    expect_beside(&ledger, "available", FIRST_KIB, "");
}

static void what_is_printed_counts(void **state)
{
    (void)state;
    expect_computed(MEMINFO "MemAvailable: 121600 kB\n", LATER_KIB);
    expect_beside(&ledger, "available", 121600, "");
    assert_int_equal(ledger.beside[0].grade, GRADE_EXACT);
    /* RHEL 7 has VmallocChunk, and the later form */
    expect_computed(MEMINFO "VmallocUsed: 5000 kB\nVmallocChunk: 900000 kB\n"
                            "MemAvailable: 121600 kB\n",
                    LATER_KIB);
    /* RHEL 6 has the first */
    expect_computed(MEMINFO "VmallocUsed: 5000 kB\nVmallocChunk: 900000 kB\n"
                            "MemAvailable: 132000 kB\n",
                    FIRST_KIB);
}

static void other_reclaimable_memory_counts(void **state)
{
    (void)state;
    expect_computed(MEMINFO "KReclaimable: 12004 kB\n", 4 * (25000 + 11000 + 3001 - 1500 - 6600));
}

static void without_zoneinfo_nothing_is_made_up(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    snapshot_give(snapshot, "proc/meminfo", MEMINFO);
    ledger_of(snapshot, &ledger);
    assert_false(ledger.available.computed.known);
    expect_no_beside(&ledger, "available");
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computed_where_it_is_not_printed),
        cmocka_unit_test(what_is_printed_counts),
        cmocka_unit_test(other_reclaimable_memory_counts),
        cmocka_unit_test(without_zoneinfo_nothing_is_made_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
