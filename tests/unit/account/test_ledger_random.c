/* analyzer/account: what holds for any figures, sane or absurd. The seed is fixed: a failure comes
 * again. */
#include "tests/unit/account/ledger_rules.h"

#include "analyzer/account/checks.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

static uint64_t seed;

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Of any magnitude up to 2^bits, zero among them, every length of number as likely. */
static uint64_t figure(unsigned bits)
{
    uint64_t length = next_random() % (bits + 1);
    return length ? next_random() >> (64 - length) : 0;
}

static bool one_in(unsigned n)
{
    return next_random() % n == 0;
}

static void fill_record(struct field_record *record, unsigned fields, unsigned bits)
{
    unsigned absent_one_in = 2 + (unsigned)(next_random() % 20);
    for (unsigned i = 0; i < fields; i++) {
        record->present[i] = !one_in(absent_one_in);
        record->value[i] = record->present[i] ? figure(bits) : 0;
    }
}

static void fill_zoneinfo(struct zoneinfo *zoneinfo, unsigned bits)
{
    zoneinfo->count = next_random() % 5;
    zoneinfo->zones = calloc(zoneinfo->count + 1, sizeof *zoneinfo->zones);
    assert_non_null(zoneinfo->zones);
    bool has_managed = !one_in(3);
    for (size_t i = 0; i < zoneinfo->count; i++)
        zoneinfo->zones[i] = (struct zone){.node = (unsigned)figure(bits < 60 ? 6 : 32),
                                           .free_pages = figure(bits),
                                           .managed_pages = figure(bits),
                                           .has_managed = has_managed,
                                           .populated = true,
                                           .pcp_pages = figure(bits),
                                           .pcp_cpus = (unsigned)figure(bits < 60 ? 9 : 32),
                                           .stat_threshold = figure(bits < 60 ? 7 : 64)};
}

static void fill_sample(struct system_sample *sample, unsigned bits)
{
    fill_record(&sample->meminfo, MEMINFO_FIELD_COUNT, bits);
    sample->has_meminfo = true;
    sample->meminfo.present[MEMINFO_MEM_TOTAL] = true;
    sample->meminfo.value[MEMINFO_MEM_TOTAL] = figure(bits);
    if (bits < 60) { /* these are no bytes */
        sample->meminfo.value[MEMINFO_HUGE_PAGES_TOTAL] = figure(16);
        sample->meminfo.value[MEMINFO_HUGE_PAGES_FREE] = figure(16);
        sample->meminfo.value[MEMINFO_HUGE_PAGE_SIZE] = figure(34);
    }
    sample->has_vmstat = !one_in(4);
    if (sample->has_vmstat)
        fill_record(&sample->vmstat, VMSTAT_FIELD_COUNT, bits < 60 ? bits - 16 : bits);
    sample->has_zoneinfo = !one_in(4);
    if (sample->has_zoneinfo)
        fill_zoneinfo(&sample->zoneinfo, bits < 60 ? bits - 16 : bits);
}

static void fill_areas(struct vmallocinfo *info, unsigned bits)
{
    static const char *const callers[] = {"kernel_clone",      "load_module", "bpf_prog_alloc",
                                          "pcpu_get_vm_areas", "vmap_thing",  "pcpu_create_chunk"};
    info->count = next_random() % 12;
    info->areas = calloc(info->count + 1, sizeof *info->areas);
    assert_non_null(info->areas);
    for (size_t i = 0; i < info->count; i++) {
        info->areas[i] =
            (struct vmalloc_area){.size_bytes = figure(bits),
                                  .pages = figure(bits < 60 ? bits - 16 : bits),
                                  .has_pages = !one_in(4),
                                  .type = (enum vmalloc_type)(next_random() % VMALLOC_TYPE_COUNT)};
        info->areas[i].caller = strdup(callers[next_random() % 6]);
    }
}

static void fill_pools(struct snapshot *snapshot, unsigned bits)
{
    static const char *const sizes[] = {"64", "2048", "1048576", "16777216"};
    for (size_t i = 0; i < next_random() % 5; i++) {
        char path[96], text[32];
        const char *size = sizes[i % 4];
        uint64_t most = bits < 60 ? figure(bits - 34) : figure(63) & INT64_MAX;
        snprintf(text, sizeof text, "%llu\n", (unsigned long long)most);
        snprintf(path, sizeof path, "sys/kernel/mm/hugepages/hugepages-%skB/nr_hugepages", size);
        snapshot_give(snapshot, path, text);
        snprintf(text, sizeof text, "%llu\n", (unsigned long long)figure(bits < 60 ? 16 : 62));
        snprintf(path, sizeof path, "sys/kernel/mm/hugepages/hugepages-%skB/free_hugepages", size);
        if (!one_in(3))
            snapshot_give(snapshot, path, text);
    }
}

static struct snapshot *random_snapshot(unsigned bits)
{
    static const uint64_t pages[] = {4096, 4096, 16384, 65536, 0};
    struct snapshot *snapshot = snapshot_of_nothing(pages[next_random() % 5]);
    struct system_state *system = &snapshot->system;
    fill_sample(&system->now, bits);
    for (size_t i = 0; i < next_random() % 4; i++) {
        char path[64];
        snprintf(path, sizeof path, "samples/%zu/vmstat", i);
        snapshot_give(snapshot, path, "nr_free_pages 1\n");
        struct system_sample *sample = &system->samples[system->sample_count - 1];
        field_record_deinit(&sample->vmstat);
        fill_sample(sample, bits);
        if (!one_in(3))
            sample->meminfo.value[MEMINFO_MEM_TOTAL] = system->now.meminfo.value[MEMINFO_MEM_TOTAL];
    }
    system->has_vmallocinfo = !one_in(3);
    if (system->has_vmallocinfo)
        fill_areas(&system->vmallocinfo, bits);
    fill_pools(snapshot, bits);
    if (one_in(4))
        snapshot_give(snapshot, "proc/slabinfo",
                      "slabinfo - version: 2.1\n# name\n"
                      "thread_stack 16 16 16384 4 1 : tunables 0 0 0 : slabdata 4 4 0\n");
    if (one_in(2))
        snapshot_give(snapshot, "sys/block/zram0/mm_stat",
                      "100 50 18446744073709551615 0 4096 0 0\n");
    if (one_in(3))
        snapshot_give(snapshot, "proc/modules", "kvm 5000 0 - Live 0x0\nzfs 9000 0 - Live 0x0\n");
    return snapshot;
}

static void expect_check_rules(const struct snapshot *snapshot)
{
    static struct check_report report;
    checks_run(snapshot, &report);
    assert_int_equal(report.holds + report.broken + report.unchecked, report.count);
    for (size_t i = 0; i < report.count; i++)
        assert_true(report.checks[i].reason[0] != '\0');
}

static void sane_figures_sum_exactly(void **state)
{
    (void)state;
    static struct ledger ledger;
    seed = 1;
    for (unsigned i = 0; i < 6000; i++) {
        struct snapshot *snapshot = random_snapshot(50);
        /* the one device whose figure is absurd everywhere else */
        if (snapshot->system.zram_count)
            snapshot->system.zrams[0].stat.used_bytes = figure(50);
        ledger_of(snapshot, &ledger);
        expect_check_rules(snapshot);
        snapshot_free(snapshot);
    }
}

/* Whatever the sanitizers catch, and bounds that enclose: sums saturate here. */
static void absurd_figures_do_no_harm(void **state)
{
    (void)state;
    static struct ledger ledger;
    seed = 2;
    for (unsigned i = 0; i < 6000; i++) {
        struct snapshot *snapshot = random_snapshot(64);
        struct failure why = {0};
        assert_true(ledger_compute(snapshot, &ledger, &why));
        expect_ledger_order(&ledger);
        expect_check_rules(snapshot);
        snapshot_free(snapshot);
    }
}

static void every_figure_as_large_as_can_be_printed(void **state)
{
    (void)state;
    static struct ledger ledger;
    static const uint64_t values[] = {UINT64_MAX,        UINT64_MAX - 1023, UINT64_C(1) << 63,
                                      INT64_MAX,         UINT64_C(1) << 62, UINT64_C(1) << 61,
                                      (uint64_t)1 << 60, INT64_MAX / 4 + 1, 0};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        seed = 3;
        struct snapshot *snapshot = random_snapshot(64);
        struct system_sample *now = &snapshot->system.now;
        snapshot->identity.page_size_bytes = 4096;
        snapshot->identity.page_size_source = "test";
        for (unsigned field = 0; field < MEMINFO_FIELD_COUNT; field++) {
            now->meminfo.present[field] = true;
            now->meminfo.value[field] = values[i];
        }
        for (unsigned field = 0; now->has_vmstat && field < VMSTAT_FIELD_COUNT; field++)
            now->vmstat.value[field] = values[i];
        for (size_t zone = 0; now->has_zoneinfo && zone < now->zoneinfo.count; zone++) {
            now->zoneinfo.zones[zone].free_pages = values[i];
            now->zoneinfo.zones[zone].managed_pages = 0;
            now->zoneinfo.zones[zone].pcp_pages = values[i];
        }
        struct failure why = {0};
        assert_true(ledger_compute(snapshot, &ledger, &why));
        expect_ledger_order(&ledger);
        expect_check_rules(snapshot);
        snapshot_free(snapshot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sane_figures_sum_exactly),
        cmocka_unit_test(absurd_figures_do_no_harm),
        cmocka_unit_test(every_figure_as_large_as_can_be_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
