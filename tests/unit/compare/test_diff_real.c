/* analyzer/compare on trees of real machines: whatever is in them, a diff is the negative of the diff
 * the other way round, and its sums agree. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/compare/snapshot_diff.h"

#define TREE(name) FIXTURES_FOLDER "/trees/" name

static const struct pair {
    const char *before, *after;
} pairs[] = {
    {TREE("amd64-6.1-mix-before"),  TREE("amd64-6.1-mix-after")    },
    {TREE("amd64-6.1-swap-before"), TREE("amd64-6.1-swap-after")   },
    {TREE("i386-6.1-mix-before"),   TREE("i386-6.1-mix-after")     },
    {TREE("s390x-6.1-mix-before"),  TREE("s390x-6.1-mix-after")    },
    {TREE("x86_64-el6"),            TREE("x86_64-el8")             },
    {TREE("x86_64-2.6.32"),         TREE("amd64-7.2-mix")          },
    {TREE("ppc64el-6.12-64k-mix"),  TREE("amd64-6.12-unprivileged")},
    {TREE("no-smaps"),              TREE("only-meminfo")           },
    {TREE("awkward-names"),         TREE("amd64-6.1-mix-before")   },
};

static void compute(const struct snapshot *before, const struct snapshot *after,
                    struct snapshot_diff *diff)
{
    struct failure why = {0};
    assert_true(snapshot_diff_compute(before, after, NULL, diff, &why));
}

static enum match_status reversed(enum match_status status)
{
    return status == MATCH_NEW ? MATCH_GONE : status == MATCH_GONE ? MATCH_NEW : status;
}

static enum mapping_status mapping_reversed(enum mapping_status status)
{
    static const enum mapping_status reverse[MAPPING_STATUS_COUNT] = {
        [MAPPING_SAME] = MAPPING_SAME,    [MAPPING_GROWN] = MAPPING_SHRUNK,
        [MAPPING_SHRUNK] = MAPPING_GROWN, [MAPPING_SPLIT] = MAPPING_MERGED,
        [MAPPING_MERGED] = MAPPING_SPLIT, [MAPPING_MOVED] = MAPPING_MOVED,
        [MAPPING_NEW] = MAPPING_GONE,     [MAPPING_GONE] = MAPPING_NEW,
    };
    return reverse[status];
}

static void expect_ledgers_sum(const struct snapshot_diff *diff)
{
    int64_t sum = 0, mem_total = 0;
    for (size_t i = 0; i < diff->ledger_count; i++) {
        if (strcmp(diff->ledger[i].id, "mem_total") == 0)
            mem_total = diff->ledger[i].change_bytes;
        else if (diff->ledger[i].is_top)
            sum += diff->ledger[i].change_bytes;
    }
    assert_true(sum == mem_total);
}

static void expect_ledgers_negative(const struct snapshot_diff *one,
                                    const struct snapshot_diff *other)
{
    assert_int_equal(one->ledger_count, other->ledger_count);
    for (size_t i = 0; i < one->ledger_count; i++) {
        size_t j = 0;
        while (j < other->ledger_count && strcmp(one->ledger[i].id, other->ledger[j].id) != 0)
            j++;
        assert_true(j < other->ledger_count);
        assert_true(one->ledger[i].change_bytes == -other->ledger[j].change_bytes);
        assert_int_equal(one->ledger[i].before.known, other->ledger[j].after.known);
        assert_int_equal(one->ledger[i].after.known, other->ledger[j].before.known);
    }
}

static void expect_mappings_negative(const struct snapshot_diff *one,
                                     const struct process_change *of_one,
                                     const struct snapshot_diff *other,
                                     const struct process_change *of_other)
{
    assert_int_equal(of_one->mapping_count, of_other->mapping_count);
    for (size_t i = 0; i < of_one->mapping_count; i++) {
        const struct mapping_change *a = &one->mappings[of_one->first_mapping + i];
        const struct mapping_change *b = NULL;
        for (size_t j = 0; j < of_other->mapping_count && !b; j++) {
            const struct mapping_change *c = &other->mappings[of_other->first_mapping + j];
            b = c->before == a->after && c->after == a->before ? c : NULL;
        }
        assert_non_null(b);
        assert_int_equal(a->status, mapping_reversed(b->status));
        assert_int_equal(a->before_count, b->after_count);
        assert_true(a->pss_change == -b->pss_change && a->rss_change == -b->rss_change);
        assert_true(a->size_change == -b->size_change && a->swap_change == -b->swap_change);
    }
}

static void expect_processes_negative(const struct snapshot_diff *one,
                                      const struct snapshot_diff *other)
{
    assert_int_equal(one->process_count, other->process_count);
    for (size_t i = 0; i < one->process_count; i++) {
        const struct process_change *a = &one->processes[i], *b = NULL;
        for (size_t j = 0; j < other->process_count && !b; j++) {
            const struct process_change *c = &other->processes[j];
            b = c->before.process == a->after.process && c->after.process == a->before.process
                    ? c
                    : NULL;
        }
        assert_non_null(b);
        assert_int_equal(a->status, reversed(b->status));
        assert_true(a->change_bytes == -b->change_bytes && a->rss_change == -b->rss_change);
        assert_true(a->swap_change == -b->swap_change && a->hugetlb_change == -b->hugetlb_change);
        expect_mappings_negative(one, a, other, b);
    }
}

static uint32_t object_index(const struct object_usage *usage)
{
    return usage ? usage->object : UINT32_MAX;
}

static void expect_objects_negative(const struct snapshot_diff *one,
                                    const struct snapshot_diff *other)
{
    assert_int_equal(one->object_count, other->object_count);
    for (size_t i = 0; i < one->object_count; i++) {
        const struct object_change *a = &one->objects[i], *b = NULL;
        for (size_t j = 0; j < other->object_count && !b; j++) {
            const struct object_change *c = &other->objects[j];
            b = object_index(c->before) == object_index(a->after) &&
                        object_index(c->after) == object_index(a->before)
                    ? c
                    : NULL;
        }
        assert_non_null(b);
        assert_int_equal(a->status, reversed(b->status));
        assert_true(a->change_bytes == -b->change_bytes && a->hugetlb_change == -b->hugetlb_change);
    }
}

static bool same_cause(const struct kernel_change *a, const struct kernel_change *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
           strcmp(a->detail ? a->detail : "", b->detail ? b->detail : "") == 0;
}

static void expect_kernels_negative(const struct snapshot_diff *one,
                                    const struct snapshot_diff *other)
{
    assert_int_equal(one->kernel_count, other->kernel_count);
    for (size_t i = 0; i < one->kernel_count; i++) {
        size_t j = 0;
        while (j < other->kernel_count && !same_cause(&one->kernel[i], &other->kernel[j]))
            j++;
        assert_true(j < other->kernel_count);
        assert_true(one->kernel[i].change_bytes == -other->kernel[j].change_bytes);
        assert_int_equal(one->kernel[i].status, reversed(other->kernel[j].status));
    }
}

/* Changes of processes are those of their mappings, up to the rounding of none: both sum smaps. */
static void expect_mappings_sum(const struct snapshot_diff *diff)
{
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *change = &diff->processes[i];
        int64_t pss = 0;
        for (size_t j = 0; j < change->mapping_count; j++)
            pss += diff->mappings[change->first_mapping + j].pss_change;
        if (change->mapping_count)
            assert_true(pss == change->change_bytes);
    }
}

static void a_diff_is_the_negative_of_its_reverse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct snapshot *before = bundle_load(pairs[i].before);
        struct snapshot *after = bundle_load(pairs[i].after);
        struct snapshot_diff one, other;
        compute(before, after, &one);
        compute(after, before, &other);
        /* Of processes that one side does not list at all nothing is known. */
        assert_int_equal(one.changed, before->process_count && after->process_count);
        assert_int_equal(other.changed, one.changed);
        assert_int_equal(one.same_boot, other.same_boot);
        expect_ledgers_sum(&one);
        expect_ledgers_negative(&one, &other);
        expect_processes_negative(&one, &other);
        expect_mappings_sum(&one);
        expect_objects_negative(&one, &other);
        expect_kernels_negative(&one, &other);
        snapshot_diff_deinit(&one);
        snapshot_diff_deinit(&other);
        snapshot_free(before);
        snapshot_free(after);
    }
}

static void a_machine_has_not_changed_against_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct snapshot *snapshot = bundle_load(pairs[i].before);
        struct snapshot *again = bundle_load(pairs[i].before);
        struct snapshot_diff diff;
        compute(snapshot, again, &diff);
        if (diff.changed)
            fail_msg("%s differs from itself", pairs[i].before);
        assert_int_equal(diff.process_count, snapshot->process_count);
        assert_int_equal(diff.object_count + diff.kernel_count + diff.mapping_count, 0);
        snapshot_diff_deinit(&diff);
        snapshot_free(snapshot);
        snapshot_free(again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_diff_is_the_negative_of_its_reverse),
        cmocka_unit_test(a_machine_has_not_changed_against_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
