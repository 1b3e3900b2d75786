/* analyzer/compare/diff_class: memory by class of mapping. */
#include "tests/unit/compare/diff_pair.h"

#include "analyzer/compare/diff_class.h"

static struct class_changes changes;

static const struct class_change *class_of(const char *id)
{
    for (size_t i = 0; i < changes.count; i++)
        if (strcmp(class_change_id(&changes.rows[i]), id) == 0)
            return &changes.rows[i];
    fail_msg("no class %s", id);
    return NULL;
}

static void compute(void)
{
    struct failure why = {0};
    compare();
    assert_true(class_changes_compute(&diff, &changes, &why));
}

#define HEAP(kib)                                                                                  \
    {                                                                                              \
        .start = 0x10000, .end = 0x90000, .name = "[heap]", .rss = (kib), .pss = (kib)             \
    }

static void classes_are_summed_over_processes(void **state)
{
    (void)state;
    const struct block before[] = {HEAP(8), FILE_AT(0x100000, 0x110000, 16)};
    const struct block after[] = {HEAP(100), FILE_AT(0x100000, 0x110000, 16)};
    put(0, 7, 100, before, 2);
    put(1, 7, 100, after, 2);
    put_named(1, 8, 100, "other", after, 1);
    compute();
    assert_string_equal(class_change_id(&changes.rows[0]), "heap");
    const struct class_change *heap = class_of("heap");
    assert_true(heap->change_bytes == (int64_t)KIB(192));
    assert_true(heap->beyond_noise);
    assert_int_equal(heap->before.mappings, 1);
    assert_int_equal(heap->after.mappings, 2);
    assert_false(class_of("file")->beyond_noise);
}

static void rounding_and_the_collector_are_no_change(void **state)
{
    (void)state;
    const struct block before[] = {HEAP(8)}, after[] = {HEAP(9)}, large[] = {HEAP(200)};
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 1);
    put_named(1, 1, 100, "snap", large, 1); /* meta/collector says that it is PID 1 */
    compute();
    assert_true(class_of("heap")->change_bytes == (int64_t)KIB(1));
    assert_false(class_of("heap")->beyond_noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(classes_are_summed_over_processes),
        TEST(rounding_and_the_collector_are_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
