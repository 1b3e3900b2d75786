/* analyzer/account/object_usage.c */
#include "tests/unit/model/one_tree.h"

#include "analyzer/account/object_usage.h"
#include "analyzer/account/process_usage.h"

static struct objects objects;

static int tear_down(void **state)
{
    objects_deinit(&objects);
    return tree_tear_down(state);
}

static void put_process(uint64_t pid, const struct block *blocks, size_t count)
{
    char *text = blocks_text(blocks, count);
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .smaps = text});
    free(text);
}

static void compute(process_filter filter)
{
    struct failure why = {0};
    if (!loaded)
        loaded = tree_load(&tree);
    objects_deinit(&objects);
    assert_true(objects_compute(loaded, filter, NULL, &objects, &why));
}

static const struct object_usage *usage_of(const char *name, uint64_t inode)
{
    for (size_t i = 0; i < objects.count; i++) {
        const struct mapped_object *object = &loaded->mappings.objects[objects.usages[i].object];
        if (object->inode == inode &&
            slice_equal(snapshot_text(loaded, object->name), slice_of(name)))
            return &objects.usages[i];
    }
    fail_msg("no object %s", name);
    return NULL;
}

#define AT(address, ...)                                                                           \
    {                                                                                              \
        .start = (address), .end = (address) + 0x10000, __VA_ARGS__                                \
    }
#define LIBC(address, ...)                                                                         \
    AT(address, .permissions = "r-xp", .inode = 77, .name = "/lib/libc.so", __VA_ARGS__)
#define MEMFD(address, ...)                                                                        \
    AT(address, .permissions = "rw-s", .inode = 5, .name = "/memfd:x (deleted)", __VA_ARGS__)

static const struct block of_ten[] = {
    LIBC(0x10000, .rss = 40, .pss = 20, .shared_clean = 40),
    AT(0x30000, .rss = 8, .pss = 8, .private_dirty = 8, .swap = 12),
    LIBC(0x50000, .rss = 4, .pss = 4, .private_clean = 4),
};
static const struct block of_nine[] = {
    LIBC(0x10000, .rss = 40, .pss = 20, .shared_clean = 40),
    AT(0x30000, .rss = 100, .pss = 100, .private_dirty = 100),
    MEMFD(0x70000, .rss = 16, .pss = 16, .private_dirty = 16),
};

static void an_object_is_the_sum_of_its_sharers(void **state)
{
    (void)state;
    put_process(10, of_ten, 3);
    put_process(9, of_nine, 3);
    tree_put(&tree, "proc/11/smaps", "");
    compute(NULL);
    const struct object_usage *libc = usage_of("/lib/libc.so", 77);
    assert_int_equal(objects.count, 3);
    assert_int_equal(libc->kind, OBJECT_FILE);
    assert_int_equal(libc->mappings, 3);
    assert_int_equal(libc->rss_bytes, KIB(84));
    assert_int_equal(libc->pss_bytes, KIB(44));
    assert_int_equal(libc->resident_bytes, KIB(44));
    assert_int_equal(libc->uss_bytes, KIB(4));
    assert_int_equal(libc->size_bytes, KIB(192));
    assert_int_equal(libc->sharer_count, 2);
    const struct object_sharer *sharers = &objects.sharers[libc->first_sharer];
    assert_int_equal(loaded->processes[sharers[0].process].pid, 9);
    assert_int_equal(loaded->processes[sharers[1].process].pid, 10);
    assert_int_equal(sharers[0].mappings, 1);
    assert_int_equal(sharers[1].mappings, 2);
    assert_int_equal(sharers[1].pss_bytes, KIB(24));
    assert_int_equal(usage_of("", 0)->swap_bytes, KIB(12));
    assert_true(usage_of("/memfd:x (deleted)", 5)->deleted);
    assert_false(libc->deleted);
    /* largest first */
    for (size_t i = 1; i < objects.count; i++)
        assert_true(objects.usages[i - 1].pss_bytes >= objects.usages[i].pss_bytes);
}

/* Whatever is mapped where: summed by object or by process, it is the same memory. */
static void sums_over_objects_and_over_processes_are_one(void **state)
{
    (void)state;
    put_process(10, of_ten, 3);
    put_process(9, of_nine, 3);
    put_process(3, of_nine, 2);
    compute(NULL);
    struct process_totals totals;
    process_totals_compute(loaded, &totals);
    uint64_t rss = 0, pss = 0, uss = 0, swap = 0, size = 0, mappings = 0;
    for (size_t i = 0; i < objects.count; i++) {
        rss += objects.usages[i].rss_bytes;
        pss += objects.usages[i].pss_bytes;
        uss += objects.usages[i].uss_bytes;
        swap += objects.usages[i].swap_bytes;
        size += objects.usages[i].size_bytes;
        mappings += objects.usages[i].mappings;
    }
    assert_int_equal(rss, totals.rss.bytes);
    assert_int_equal(pss, totals.pss.bytes);
    assert_int_equal(uss, totals.uss.bytes);
    assert_int_equal(swap, totals.swap.bytes);
    assert_int_equal(size, totals.vss.bytes);
    assert_int_equal(mappings, totals.mappings);
    for (size_t i = 0; i < loaded->process_count; i++) {
        uint64_t of_process = 0;
        for (size_t j = 0; j < objects.sharer_count; j++)
            if (objects.sharers[j].process == i)
                of_process += objects.sharers[j].pss_bytes;
        assert_int_equal(of_process, loaded->processes[i].smaps.bytes[SMAPS_PSS]);
    }
}

static bool not_nine(void *context, const struct snapshot *all, const struct process *process)
{
    (void)context;
    (void)all;
    return process->pid != 9;
}

/* vfork, or clone with CLONE_VM: the lists of mappings are the same, to the page. */
static void an_address_space_counts_once(void **state)
{
    (void)state;
    const struct block own[] = {
        AT(0x30000, .rss = 64, .pss = 64, .private_dirty = 64),
        LIBC(0x50000, .rss = 4, .pss = 4, .private_clean = 4),
    };
    put_process(9, own, 2);
    put_process(10, own, 2);
    compute(NULL);
    assert_int_equal(usage_of("", 0)->rss_bytes, KIB(64));
    assert_int_equal(usage_of("", 0)->sharer_count, 1);
    assert_int_equal(usage_of("/lib/libc.so", 77)->uss_bytes, KIB(4));
    compute(not_nine); /* it is the other one's, too */
    assert_int_equal(usage_of("", 0)->rss_bytes, KIB(64));
    assert_int_equal(loaded->processes[objects.sharers[0].process].pid, 10);
}

static void hard_links_are_one_object(void **state)
{
    (void)state;
    const struct block link[] = {
        AT(0x20000, .inode = 77, .name = "/lib/libd.so", .rss = 8, .pss = 8, .private_clean = 8)};
    put_process(10, of_ten, 3);
    put_process(9, link, 1);
    compute(NULL);
    const struct object_usage *libc = usage_of("/lib/libc.so", 77);
    assert_int_equal(objects.count, 2);
    assert_int_equal(libc->rss_bytes, KIB(52));
    assert_int_equal(libc->sharer_count, 2);
}

static void who_is_filtered_out_is_not_counted(void **state)
{
    (void)state;
    put_process(10, of_ten, 3);
    put_process(9, of_nine, 3);
    compute(not_nine);
    assert_int_equal(objects.count, 2);
    assert_int_equal(usage_of("/lib/libc.so", 77)->sharer_count, 1);
    assert_false(objects.all_mappers_read);
    compute(NULL);
    assert_true(objects.all_mappers_read);
}

static void an_unread_process_may_share_anything(void **state)
{
    (void)state;
    put_process(10, of_ten, 3);
    tree_put(&tree, "proc/11/statm", "2000 500 300 10 0 700 0\n");
    compute(NULL);
    assert_false(objects.all_mappers_read);
}

static void without_mappings_there_are_no_objects(void **state)
{
    (void)state;
    tree_put(&tree, "proc/meminfo", "MemTotal: 1 kB\n");
    compute(NULL);
    assert_int_equal(objects.count, 0);
    assert_int_equal(objects.sharer_count, 0);
    assert_true(objects.all_mappers_read);
}

static void huge_pages_in_any_file_are_hugetlb(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.start = 0x200000,
         .end = 0x600000,
         .permissions = "rw-s",
         .inode = 3,
         .name = "/mnt/huge/pool",
         .shared_hugetlb = 2048,
         .private_hugetlb = 2048},
    };
    put_process(10, blocks, 1);
    compute(NULL);
    const struct object_usage *usage = usage_of("/mnt/huge/pool", 3);
    assert_int_equal(usage->hugetlb_bytes, KIB(4096));
    assert_int_equal(usage->kind, OBJECT_HUGETLB);
}

static const struct kind_case {
    const char *name;
    uint64_t inode;
    enum object_kind kind;
} kind_cases[] = {
    {"",                         0,  OBJECT_ANON   },
    {"[heap]",                   0,  OBJECT_HEAP   },
    {"[stack]",                  0,  OBJECT_STACK  },
    {"[stack:1234]",             0,  OBJECT_STACK  },
    {"[anon:malloc arena]",      0,  OBJECT_ANON   },
    {"[anon_shmem:queue]",       0,  OBJECT_SHMEM  },
    {"[anon_shmem:queue]",       99, OBJECT_SHMEM  },
    {"[vdso]",                   0,  OBJECT_SPECIAL},
    {"[vvar]",                   0,  OBJECT_SPECIAL},
    {"[vsyscall]",               0,  OBJECT_SPECIAL},
    {"[uprobes]",                0,  OBJECT_SPECIAL},
 /* a file may have any name; what a file is has an inode */
    {"[heap]",                   12, OBJECT_FILE   },
    {"[stack]",                  12, OBJECT_FILE   },
    {"[anon:x]",                 12, OBJECT_FILE   },
    {"[vdso]",                   12, OBJECT_FILE   },
    {"/tmp/[heap]",              12, OBJECT_FILE   },
    {"/lib/libc.so.6",           12, OBJECT_FILE   },
    {"/lib/libc.so.6 (deleted)", 12, OBJECT_FILE   },
    {"(unreachable)/x",          12, OBJECT_FILE   },
    {"/memfd:wayland (deleted)", 12, OBJECT_MEMFD  },
    {"/SYSV00001234 (deleted)",  12, OBJECT_SYSV   },
    {"/dev/zero (deleted)",      12, OBJECT_SHMEM  },
    {"/dev/shm/pool",            12, OBJECT_SHMEM  },
    {"/anon_hugepage (deleted)", 12, OBJECT_HUGETLB},
    {"/dev/hugepages/x",         12, OBJECT_HUGETLB},
    {"/dev/dri/card0",           12, OBJECT_DEVICE },
    {"/dev/mem",                 12, OBJECT_DEVICE },
    {"anon_inode:[perf_event]",  12, OBJECT_SPECIAL},
    {"/[aio] (deleted)",         12, OBJECT_SPECIAL},
    {"socket:[4711]",            12, OBJECT_SPECIAL},
};

static void the_name_tells_the_kind(void **state)
{
    (void)state;
    struct snapshot *nothing = snapshot_of_nothing(4096);
    for (size_t i = 0; i < sizeof kind_cases / sizeof kind_cases[0]; i++) {
        struct mapped_object object = {.inode = kind_cases[i].inode};
        assert_true(string_pool_add(&nothing->strings, slice_of(kind_cases[i].name), &object.name));
        enum object_kind kind = object_kind_of(nothing, &object);
        if (kind != kind_cases[i].kind)
            fail_msg("%s, inode %llu: %s", kind_cases[i].name,
                     (unsigned long long)kind_cases[i].inode, object_kind_word(kind));
    }
    snapshot_free(nothing);
}

static void every_kind_has_a_word(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OBJECT_KIND_COUNT; i++)
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(object_kind_word((enum object_kind)i),
                                    object_kind_word((enum object_kind)j));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_object_is_the_sum_of_its_sharers),
        TEST(sums_over_objects_and_over_processes_are_one),
        TEST(an_address_space_counts_once),
        TEST(hard_links_are_one_object),
        TEST(who_is_filtered_out_is_not_counted),
        TEST(an_unread_process_may_share_anything),
        TEST(without_mappings_there_are_no_objects),
        TEST(huge_pages_in_any_file_are_hugetlb),
        cmocka_unit_test(the_name_tells_the_kind),
        cmocka_unit_test(every_kind_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
