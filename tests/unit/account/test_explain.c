/* analyzer/account/explain*.c: names find their row, and every figure that a row names exists. */
#include "tests/unit/account/ledger_rules.h"

#include "analyzer/account/explain.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

#include <stdio.h>

static struct ledger ledger;

static bool is_meminfo_field(const char *key)
{
    for (unsigned i = 0; i < MEMINFO_FIELD_COUNT; i++)
        if (strcmp(meminfo_field_name(i), key) == 0)
            return true;
    return false;
}

static bool is_vmstat_field(const char *key)
{
    for (unsigned i = 0; i < VMSTAT_FIELD_COUNT; i++)
        if (strcmp(vmstat_field_name(i), key) == 0)
            return true;
    return false;
}

static bool is_line(const char *id)
{
    const struct explanation *row = explanation_find(id);
    return row && row->id;
}

static void expect_input(const struct snapshot *snapshot, const char *name)
{
    const struct explanation one = {.inputs = name};
    struct explained_input inputs[EXPLAINED_INPUTS_MAX];
    bool exists;
    if (strncmp(name, "meminfo:", 8) == 0)
        exists = is_meminfo_field(name + 8);
    else if (strncmp(name, "vmstat:", 7) == 0)
        exists = is_vmstat_field(name + 7);
    else if (strncmp(name, "line:", 5) == 0)
        exists = is_line(name + 5);
    else if (strncmp(name, "part:", 5) == 0)
        exists = is_line(name + 5);
    else
        exists = explained_inputs(snapshot, &ledger, &one, "x", inputs) == 1;
    if (!exists)
        fail_msg("there is no figure '%s'", name);
}

static void every_row_is_whole(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    const struct explanation *row;
    for (size_t i = 0; (row = explanation_at(i)); i++) {
        assert_true(row->id || row->field);
        assert_true(row->counts && row->kernel && row->since && row->overlaps);
        size_t inputs = 0;
        for (const char *at = row->inputs; *at;) {
            char name[64];
            size_t length = strcspn(at, " ");
            snprintf(name, sizeof name, "%.*s", (int)length, at);
            expect_input(snapshot, name);
            inputs++;
            at += length + strspn(at + length, " ");
        }
        assert_true(inputs <= EXPLAINED_INPUTS_MAX);
    }
    snapshot_free(snapshot);
}

static void every_field_of_meminfo_is_explained(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MEMINFO_FIELD_COUNT; i++)
        if (!explanation_find(meminfo_field_name(i)))
            fail_msg("%s is not explained", meminfo_field_name(i));
}

static void names_find_their_row(void **state)
{
    (void)state;
    assert_string_equal(explanation_find("user.anon")->field, "AnonPages");
    assert_string_equal(explanation_find("AnonPages")->id, "user.anon");
    assert_string_equal(explanation_find("anonpages:")->id, "user.anon");
    assert_string_equal(explanation_find("active(ANON)")->field, "Active(anon)");
    assert_string_equal(explanation_find("hugetlb.2048kB")->id, "hugetlb.*");
    assert_string_equal(explanation_find("hugetlb.1048576kB.free")->id, "hugetlb.*.free");
    assert_string_equal(explanation_find("physical.crash_kernel")->id, "crash_kernel");
    assert_string_equal(explanation_find("physical.mem_total")->id, "mem_total");
    assert_string_equal(explanation_find("DirectMap2M")->field, "DirectMap*");
    const char *const nothing[] = {"",     ":",         "hugetlb.",  "hugetlb..used",      "user.",
                                   "Anon", "physical.", "DirectMap", "hugetlb.1.used.more"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        if (explanation_find(nothing[i]))
            fail_msg("'%s' finds a row", nothing[i]);
}

static const struct explained_input *input_of(const struct explained_input *inputs, size_t count,
                                              const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(inputs[i].name, name) == 0)
            return &inputs[i];
    fail_msg("no input '%s'", name);
    return NULL;
}

static void absent_figures_are_not_zero(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    struct explained_input inputs[EXPLAINED_INPUTS_MAX];
    snapshot_give(snapshot, "proc/meminfo",
                  "MemTotal: 600000 kB\nMemFree: 100000 kB\nSwapCached: 0 kB\nAnonPages: 70 kB\n");
    ledger_of(snapshot, &ledger);
    size_t count =
        explained_inputs(snapshot, &ledger, explanation_find("SwapCached"), "SwapCached", inputs);
    assert_true(input_of(inputs, count, "meminfo SwapCached")->value.known);
    assert_int_equal(input_of(inputs, count, "meminfo AnonPages")->value.bytes, KIB(70));
    assert_false(input_of(inputs, count, "meminfo Buffers")->value.known);
    count = explained_inputs(snapshot, &ledger, explanation_find("pcp"), "pcp", inputs);
    assert_false(input_of(inputs, count, "zoneinfo, sum of count:")->value.known);
    snapshot_free(snapshot);
}

static void a_pool_of_one_size_has_its_own_figures(void **state)
{
    (void)state;
    struct snapshot *snapshot = snapshot_of_nothing(4096);
    struct explained_input inputs[EXPLAINED_INPUTS_MAX];
    snapshot_give(snapshot, "proc/meminfo", "MemTotal: 600000 kB\nMemFree: 100000 kB\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "3\n");
    snapshot_give(snapshot, "sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "5\n");
    ledger_of(snapshot, &ledger);
    size_t count = explained_inputs(snapshot, &ledger, explanation_find("hugetlb.64kB"),
                                    "hugetlb.64kB", inputs);
    assert_int_equal(input_of(inputs, count, "hugepages, nr_hugepages x size")->value.bytes,
                     KIB(5 * 64));
    count = explained_inputs(snapshot, &ledger, explanation_find("hugetlb"), "hugetlb", inputs);
    assert_int_equal(input_of(inputs, count, "hugepages, nr_hugepages x size")->value.bytes,
                     KIB(5 * 64 + 3 * 2048));
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(every_field_of_meminfo_is_explained),
        cmocka_unit_test(names_find_their_row),
        cmocka_unit_test(absent_figures_are_not_zero),
        cmocka_unit_test(a_pool_of_one_size_has_its_own_figures),
    };
    return cmocka_run_group_tests_name("account/explain", tests, NULL, NULL);
}
