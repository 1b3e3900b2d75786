/* Several readings of one machine: which one the ledger stands on. */
#include "tests/unit/account/ledger_rules.h"

#include <stdio.h>
#include <stdlib.h>

static struct ledger ledger;

#define TOTAL 600000
#define PAGES 150000 /* all of it in pages */

/* One CPU holds back 10 pages: readings are equally good when less than 512 KiB apart. */
#define ZONE                                                                                       \
    "Node 0, zone   Normal\n  pages free     %u\n        managed  %u\n  pagesets\n    cpu: 0\n"    \
    "              count: %u\n  vm stats threshold: 10\n"

struct reading {
    unsigned free_kib;      /* MemFree                                                    */
    unsigned slab_kib;      /* with 100000 free, 400000 leave a residual of 100000 - lists */
    unsigned count, before; /* pages on lists, behind and before meminfo; 0: no zoneinfo   */
};

static void give(struct snapshot *snapshot, const char *folder, const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snapshot_give(snapshot, path, text);
}

static void give_zone(struct snapshot *snapshot, const char *folder, const char *name,
                      unsigned free_kib, unsigned count)
{
    char text[300];
    snprintf(text, sizeof text, ZONE, free_kib / 4, PAGES, count);
    if (count)
        give(snapshot, folder, name, text);
}

static void give_reading(struct snapshot *snapshot, const char *folder,
                         const struct reading *reading, const char *more)
{
    char text[300];
    snprintf(text, sizeof text, "MemTotal: %u kB\nMemFree: %u kB\nSlab: %u kB\n%s", TOTAL,
             reading->free_kib, reading->slab_kib, more);
    give(snapshot, folder, "meminfo", text);
    give_zone(snapshot, folder, "zoneinfo", reading->free_kib, reading->count);
    if (strcmp(folder, "proc") != 0)
        give_zone(snapshot, folder, "zoneinfo.first", reading->free_kib, reading->before);
}

static struct snapshot *machine_of(const struct reading *readings, size_t count)
{
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    for (size_t i = 0; i < count; i++) {
        char folder[32];
        snprintf(folder, sizeof folder, i ? "samples/%zu" : "proc", i);
        give_reading(snapshot, folder, &readings[i], "");
    }
    return snapshot;
}

/* The first of the readings is proc/, the others are samples/1 and on. */
static void expect(const struct reading *readings, size_t count, const char *reading,
                   int64_t residual_kib)
{
    struct snapshot *snapshot = machine_of(readings, count);
    ledger_of(snapshot, &ledger);
    assert_string_equal(ledger.reading, reading);
    expect_residual(&ledger, residual_kib);
    assert_int_equal(ledger_notes(&ledger, "the counters are those of samples/"),
                     strcmp(reading, "proc") != 0);
    snapshot_free(snapshot);
}
#define EXPECT(rows, reading, residual)                                                            \
    expect((rows), sizeof(rows) / sizeof(rows)[0], (reading), (residual))

static void a_reading_that_agrees_stays(void **state)
{
    (void)state;
    const struct reading alone[] = {
        {100000, 400000, 1000, 0}
    };
    const struct reading agree[] = {
        {100000, 400000, 1000, 0   },
        {100000, 400000, 1100, 1100},
        {100000, 400000, 1120, 1120}
    };
    EXPECT(alone, "proc", 96000);
    EXPECT(agree, "proc", 96000); /* 100 pages from the middle: 400 KiB */
}

static void a_torn_reading_is_outvoted(void **state)
{
    (void)state;
    const struct reading readings[] = {
        {100000, 380000, 1000, 0   },
        {100000, 400000, 1000, 1000},
        {100000, 400000, 1010, 1010},
        {100000, 400000, 1020, 1020}
    };
    EXPECT(readings, "samples/1", 96000);
    assert_int_equal(ledger.samples_used, 4);
    assert_int_equal(ledger.residual_high_bytes, KIB(116000)); /* the torn one still counts */
    expect_line(&ledger, "slab", 400000);
}

/* 129 pages apart are 516 KiB. */
static void confirmed_readings_go_first(void **state)
{
    (void)state;
    const struct reading readings[] = {
        {100000, 380000, 1000, 0   },
        {100000, 400000, 1000, 1129},
        {100000, 400000, 1010, 1138},
        {100000, 390000, 1000, 3000},
        {100000, 390000, 1000, 3000}
    };
    EXPECT(readings, "samples/2", 95960);
}

/* One confirmed reading is worth more than many others. */
static void one_confirmed_reading_is_enough(void **state)
{
    (void)state;
    const struct reading confirmed[] = {
        {100000, 380000, 1000, 0   },
        {100000, 400000, 1000, 1000}
    };
    const struct reading torn[] = {
        {100000, 380000, 1000, 0   },
        {100000, 400000, 1000, 2000}
    };
    const struct reading bare[] = {
        {100000, 380000, 1000, 0},
        {100000, 400000, 1000, 0},
        {100000, 400000, 1010, 0}
    };
    EXPECT(confirmed, "samples/1", 96000);
    EXPECT(torn, "proc", 116000);     /* which of the two is right? */
    EXPECT(bare, "samples/1", 96000); /* two against one */
}

static void what_cannot_be_compared_has_no_vote(void **state)
{
    (void)state;
    const struct reading readings[] = {
        {100000, 380000, 1000, 0}, /* no zoneinfo: */
        {100000, 400000, 0,    0},
        {100000, 400000, 0,    0},
        {100000, 400000, 0,    0}
    };
    EXPECT(readings, "proc", 116000);
    assert_int_equal(ledger.samples_used, 1);
}

/* vmallocinfo is of proc/: what vmalloc took or gave back until the chosen reading is brought in. */
static void vmalloc_follows_the_reading(void **state)
{
    (void)state;
    static const struct {
        const char *used;
        int64_t line_kib, later_kib, other_kib, residual_kib;
    } rows[] = {
        {"VmallocUsed: 8000 kB\n", 8000, KIB_ABSENT, 8000, 88000},
        {"VmallocUsed: 9000 kB\n", 9000, 1000,       8000, 87000},
        {"VmallocUsed: 6000 kB\n", 6000, KIB_ABSENT, 6000, 90000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct reading torn = {100000, 380000, 1000, 0}, good = {100000, 400000, 1000, 1000};
        struct snapshot *snapshot = snapshot_of_nothing(4096);
        give_reading(snapshot, "proc", &torn, "VmallocUsed: 8000 kB\nVmallocChunk: 0 kB\n");
        give_reading(snapshot, "samples/1", &good, rows[i].used);
        snapshot_give(snapshot, "proc/vmallocinfo",
                      "0xffff000000000000-0xffff000000800000 8388608 load_it+0x1/0x2 pages=2000 "
                      "vmalloc\n");
        ledger_of(snapshot, &ledger);
        assert_string_equal(ledger.reading, "samples/1");
        expect_line(&ledger, "vmalloc", rows[i].line_kib);
        expect_line(&ledger, "vmalloc.later", rows[i].later_kib);
        expect_line(&ledger, "vmalloc.other", rows[i].other_kib);
        expect_residual(&ledger, rows[i].residual_kib);
        snapshot_free(snapshot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_that_agrees_stays),
        cmocka_unit_test(a_torn_reading_is_outvoted),
        cmocka_unit_test(confirmed_readings_go_first),
        cmocka_unit_test(one_confirmed_reading_is_enough),
        cmocka_unit_test(what_cannot_be_compared_has_no_vote),
        cmocka_unit_test(vmalloc_follows_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
