/* analyzer/model/mapping_store.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/model/mapping_store.h"

struct stored {
    struct mapping_store store;
    struct string_pool strings;
};

static int set_up(void **state)
{
    struct stored *stored = calloc(1, sizeof *stored);
    *state = stored;
    return stored && mapping_store_init(&stored->store) && string_pool_init(&stored->strings) ? 0
                                                                                              : 1;
}

static int tear_down(void **state)
{
    struct stored *stored = *state;
    mapping_store_deinit(&stored->store);
    string_pool_deinit(&stored->strings);
    free(stored);
    return 0;
}

static void add(struct stored *stored, const struct smaps_mapping *block)
{
    assert_true(mapping_store_add(&stored->store, &stored->strings, block));
}

#define ALL_FIELDS ((uint32_t)((UINT64_C(1) << SMAPS_FIELD_COUNT) - 1))

/* A block whose every field is there. Page sizes are as given, Size is that of the range. */
static struct smaps_mapping block_of(uint64_t start, uint64_t bytes)
{
    struct smaps_mapping block = {
        .start = start,
        .end = start + bytes,
        .permissions = SMAPS_READ | SMAPS_WRITE,
        .name = SLICE(""),
        .vm_flags = SLICE("rd wr mr mw me ac"),
        .present = ALL_FIELDS,
        .thp_eligible = -1,
    };
    block.value_bytes[SMAPS_SIZE] = bytes;
    block.value_bytes[SMAPS_KERNEL_PAGE_SIZE] = 4096;
    block.value_bytes[SMAPS_MMU_PAGE_SIZE] = 4096;
    return block;
}

static void expect_values(const struct stored *stored, size_t index,
                          const struct smaps_mapping *block)
{
    uint64_t values[SMAPS_FIELD_COUNT];
    mapping_values(&stored->store, &stored->store.mappings[index], values);
    for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++)
        if (values[field] != block->value_bytes[field])
            fail_msg("mapping %zu, %s: %llu, not %llu", index,
                     smaps_field_name((enum smaps_field)field), (unsigned long long)values[field],
                     (unsigned long long)block->value_bytes[field]);
}

static void every_field_comes_back(void **state)
{
    struct stored *stored = *state;
    static const uint64_t sizes[] = {
        0,
        1024,
        4096,
        KIB(127),
        KIB(128),
        KIB(16383),
        KIB(16384),
        UINT64_C(4) << 30,
        UINT64_C(5) << 30,
        UINT64_C(4) << 40,
        UINT64_C(5) << 40,
        (UINT64_C(1) << 57) - 4096,
        UINT64_MAX - 1023,
    };
    enum { SIZE_COUNT = sizeof sizes / sizeof sizes[0] };
    struct smaps_mapping blocks[SIZE_COUNT];
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        blocks[i] = block_of(0x10000 * (i + 1), 4096);
        for (unsigned field = SMAPS_RSS; field < SMAPS_FIELD_COUNT; field++)
            blocks[i].value_bytes[field] = sizes[(i + field) % SIZE_COUNT];
        add(stored, &blocks[i]);
    }
    assert_int_equal(stored->store.count, SIZE_COUNT);
    for (size_t i = 0; i < SIZE_COUNT; i++)
        expect_values(stored, i, &blocks[i]);
}

static void each_field_alone_comes_back(void **state)
{
    struct stored *stored = *state;
    for (unsigned field = SMAPS_RSS; field < SMAPS_FIELD_COUNT; field++) {
        struct smaps_mapping block = block_of(0x10000 * (field + 1), 4096);
        block.present = SMAPS_BIT(field) | SMAPS_BIT(SMAPS_SIZE) |
                        SMAPS_BIT(SMAPS_KERNEL_PAGE_SIZE) | SMAPS_BIT(SMAPS_MMU_PAGE_SIZE);
        block.value_bytes[field] = KIB(field + 1);
        add(stored, &block);
        expect_values(stored, stored->store.count - 1, &block);
    }
}

static void header_fields_come_back(void **state)
{
    struct stored *stored = *state;
    struct smaps_mapping block = block_of(UINT64_C(0xffffffffff600000), 4096);
    block.offset_bytes = UINT64_C(0xfedcba9876543000);
    block.inode = UINT64_MAX;
    block.device_major = 0xfff;
    block.device_minor = 0xfffff;
    block.permissions = SMAPS_READ | SMAPS_EXECUTE | SMAPS_SHARED;
    block.name = SLICE("/usr/lib/a b\tc (deleted)");
    block.vm_flags = SLICE("rd ex");
    block.thp_eligible = 1;
    add(stored, &block);
    const struct mapping *mapping = &stored->store.mappings[0];
    const struct mapped_object *object = &stored->store.objects[mapping->object];
    assert_int_equal(mapping->start, block.start);
    assert_int_equal(mapping->end, block.end);
    assert_int_equal(mapping->offset_bytes, block.offset_bytes);
    assert_int_equal(mapping->permissions, block.permissions);
    assert_int_equal(mapping->thp_eligible, 1);
    assert_int_equal(object->inode, UINT64_MAX);
    assert_int_equal(object->device_major, 0xfff);
    assert_int_equal(object->device_minor, 0xfffff);
    assert_string_equal(string_pool_get(&stored->strings, object->name).at,
                        "/usr/lib/a b\tc (deleted)");
    assert_string_equal(string_pool_get(&stored->strings, mapping->vm_flags).at, "rd ex");
}

/* Kernels before 4.12 leave the guard page of a stack out of the header, not out of Size. */
static void a_size_that_is_not_the_range_is_kept(void **state)
{
    struct stored *stored = *state;
    struct smaps_mapping larger = block_of(0x10000, KIB(132));
    larger.value_bytes[SMAPS_SIZE] = KIB(136);
    struct smaps_mapping smaller = block_of(0x100000, KIB(132));
    smaller.value_bytes[SMAPS_SIZE] = KIB(4);
    struct smaps_mapping usual = block_of(0x200000, KIB(132));
    add(stored, &larger);
    add(stored, &smaller);
    add(stored, &usual);
    expect_values(stored, 0, &larger);
    expect_values(stored, 1, &smaller);
    expect_values(stored, 2, &usual);
    assert_false(stored->store.mappings[2].value_mask & SMAPS_BIT(SMAPS_SIZE));
}

static void page_sizes_come_back(void **state)
{
    struct stored *stored = *state;
    static const uint64_t sizes[] = {4096, 8192, 16384, 65536, MIB(2), MIB(16), MIB(1024)};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct smaps_mapping block = block_of(0x10000 * (i + 1), KIB(64));
        block.value_bytes[SMAPS_KERNEL_PAGE_SIZE] = sizes[i];
        block.value_bytes[SMAPS_MMU_PAGE_SIZE] = i ? sizes[i - 1] : sizes[i];
        add(stored, &block);
        expect_values(stored, i, &block);
    }
}

static void a_page_size_that_was_not_printed_is_not_made_up(void **state)
{
    struct stored *stored = *state;
    struct smaps_mapping block = block_of(0x10000, KIB(64));
    block.present &= ~(SMAPS_BIT(SMAPS_KERNEL_PAGE_SIZE) | SMAPS_BIT(SMAPS_MMU_PAGE_SIZE));
    block.value_bytes[SMAPS_KERNEL_PAGE_SIZE] = block.value_bytes[SMAPS_MMU_PAGE_SIZE] = 0;
    add(stored, &block);
    expect_values(stored, 0, &block);
    assert_int_equal(stored->store.mappings[0].kernel_page_log2, MAPPING_NO_PAGE_SIZE);
    assert_int_equal(stored->store.mappings[0].mmu_page_log2, MAPPING_NO_PAGE_SIZE);
}

static uint32_t object_of(struct stored *stored, const char *name, uint64_t inode, uint32_t major,
                          uint32_t minor)
{
    struct smaps_mapping block = block_of(0x10000, 4096);
    block.name = slice_of(name);
    block.inode = inode;
    block.device_major = major;
    block.device_minor = minor;
    add(stored, &block);
    return stored->store.mappings[stored->store.count - 1].object;
}

static void objects_are_told_apart_by_all_they_have(void **state)
{
    struct stored *stored = *state;
    uint32_t first = object_of(stored, "/lib/a", 7, 8, 1);
    assert_int_equal(object_of(stored, "/lib/a", 7, 8, 1), first);
    assert_int_not_equal(object_of(stored, "/lib/b", 7, 8, 1), first);
    assert_int_not_equal(object_of(stored, "/lib/a", 8, 8, 1), first);
    assert_int_not_equal(object_of(stored, "/lib/a", 7, 9, 1), first);
    assert_int_not_equal(object_of(stored, "/lib/a", 7, 8, 2), first);
    assert_int_not_equal(object_of(stored, "", 0, 0, 0), first);
    assert_int_equal(object_of(stored, "/lib/a", 7, 8, 1), first);
    assert_int_equal(stored->store.object_count, 6);
}

static void many_objects_are_found_again(void **state)
{
    struct stored *stored = *state;
    enum { MANY = 20000 };
    char name[32];
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < MANY; i++) {
            snprintf(name, sizeof name, "/file/%u", i);
            assert_int_equal(object_of(stored, name, i, 8, 1), i);
        }
    assert_int_equal(stored->store.object_count, MANY);
}

/* As a machine has it: half of all mappings are parts of libraries that many map, a third is
 * anonymous memory; most figures are zero. */
static void add_realistic(struct stored *stored, size_t index)
{
    static const char *const flags[] = {"rd mr mw me sd", "rd ex mr mw me sd",
                                        "rd wr mr mw me ac sd"};
    struct smaps_mapping block = block_of(UINT64_C(0x7f0000000000) + index * 0x40000, KIB(240));
    char name[64] = "";
    block.vm_flags = slice_of(flags[index % 3]);
    block.thp_eligible = 0;
    static const enum smaps_field of_files[] = {SMAPS_RSS, SMAPS_PSS, SMAPS_SHARED_CLEAN,
                                                SMAPS_REFERENCED};
    static const enum smaps_field of_memory[] = {
        SMAPS_RSS,       SMAPS_PSS,        SMAPS_PSS_DIRTY,      SMAPS_PRIVATE_DIRTY,
        SMAPS_ANONYMOUS, SMAPS_REFERENCED, SMAPS_ANON_HUGE_PAGES};
    if (index % 3 == 2) {
        for (size_t i = 0; i < sizeof of_memory / sizeof of_memory[0]; i++)
            block.value_bytes[of_memory[i]] = KIB(4 + index * 37 % 60000);
    } else if (index % 6 != 0) {
        snprintf(name, sizeof name, "/usr/lib/x86_64-linux-gnu/lib%zu.so.6", index / 3 % 2000);
        block.name = slice_of(name);
        block.inode = 1000 + index / 3 % 2000;
        block.device_major = 8;
        for (size_t i = 0; i < sizeof of_files / sizeof of_files[0]; i++)
            block.value_bytes[of_files[i]] = KIB(4 + index * 31 % 4000);
    }
    add(stored, &block);
}

static void a_mapping_costs_a_hundred_bytes_at_most(void **state)
{
    struct stored *stored = *state;
    static const size_t looked_at[] = {100000, 131072, 131073, 150000, 200000, 262145, 300000};
    size_t next = 0;
    for (size_t i = 0; next < sizeof looked_at / sizeof looked_at[0]; i++) {
        if (i == looked_at[next]) {
            uint64_t bytes = mapping_store_bytes(&stored->store);
            if (bytes > 100 * i)
                fail_msg("%zu mappings: %.1f bytes each", i, (double)bytes / (double)i);
            next++;
        }
        add_realistic(stored, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_field_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_field_alone_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(header_fields_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_size_that_is_not_the_range_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(page_sizes_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_size_that_was_not_printed_is_not_made_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(objects_are_told_apart_by_all_they_have, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_objects_are_found_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mapping_costs_a_hundred_bytes_at_most, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
