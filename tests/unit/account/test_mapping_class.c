/* analyzer/account/mapping_class.c, mapping_classes.c, mapping_shape.c, mapping_class_file.c */
#include "tests/unit/model/one_tree.h"

#include "analyzer/account/mapping_class.h"

static struct mapping_classifier *classifier;

/* A mapping, and what it must be. */
struct expected {
    uint64_t start, end;
    const char *permissions, *name, *flags, *kind, *mapping_class;
    uint64_t inode, anonymous_kib, page_kib;
    const char *device;
};

static int tear_down(void **state)
{
    mapping_classifier_free(classifier);
    classifier = NULL;
    return tree_tear_down(state);
}

static void print_mapping(FILE *to, const struct expected *row)
{
    uint64_t page_kib = row->page_kib ? row->page_kib : 4;
    fprintf(to, "%08llx-%08llx %s 00000000 %s %llu  %s\n", (unsigned long long)row->start,
            (unsigned long long)row->end, row->permissions, row->device ? row->device : "fe:00",
            (unsigned long long)row->inode, row->name ? row->name : "");
    fprintf(to, "Size: %llu kB\nKernelPageSize: %llu kB\nRss: 0 kB\nAnonymous: %llu kB\n",
            (unsigned long long)(row->end - row->start) / 1024, (unsigned long long)page_kib,
            (unsigned long long)row->anonymous_kib);
    if (row->flags)
        fprintf(to, "VmFlags: %s \n", row->flags);
}

static void put_process(uint64_t pid, const struct expected *rows, size_t count)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    for (size_t i = 0; i < count; i++)
        print_mapping(to, &rows[i]);
    assert_int_equal(fclose(to), 0);
    tree_put_process(&tree, &(struct tree_process){.pid = pid, .smaps = text});
    free(text);
}

static void load(void)
{
    struct failure why = {0};
    loaded = tree_load(&tree);
    classifier = mapping_classifier_create(loaded, &why);
    assert_non_null(classifier);
}

static void check(uint64_t pid, const struct expected *rows, size_t count)
{
    const struct process *process = snapshot_process(loaded, pid);
    struct mapping_label *labels = calloc(count + 1, sizeof *labels);
    assert_non_null(process);
    assert_non_null(labels);
    assert_int_equal(process->mapping_count, count);
    mapping_classify(classifier, process, labels);
    for (size_t i = 0; i < count; i++) {
        const char *id = mapping_class_id(classifier, labels[i].mapping_class);
        if (strcmp(id, rows[i].mapping_class) != 0)
            fail_msg("%llx %s is %s, not %s", (unsigned long long)rows[i].start,
                     rows[i].name ? rows[i].name : "", id, rows[i].mapping_class);
        if (rows[i].kind)
            assert_string_equal(mapping_kind_word((enum mapping_kind)labels[i].kind), rows[i].kind);
    }
    free(labels);
}

#define CHECK(pid, rows) check((pid), (rows), sizeof(rows) / sizeof(rows)[0])
#define PUT(pid, rows)   put_process((pid), (rows), sizeof(rows) / sizeof(rows)[0])
#define MAP(from, to, mode, what, id, ...)                                                         \
    {                                                                                              \
        .start = (from), .end = (to), .permissions = (mode), .kind = (what),                       \
        .mapping_class = (id), __VA_ARGS__                                                         \
    }
#define PROGRAM   .name = "/bin/program", .inode = 10
#define LIBRARY   .name = "/lib/libx.so", .inode = 11
#define FLAGS(at) .flags = (at)

/* A usual process of a kernel with flags, from the bottom to the top. */
static const struct expected usual[] = {
    MAP(0x10000, 0x11000, "r--p", "private-file", "exe.rodata", PROGRAM, FLAGS("rd mr mw me")),
    MAP(0x11000, 0x13000, "r-xp", "private-file", "exe.text", PROGRAM, FLAGS("rd ex mr mw me")),
    MAP(0x13000, 0x14000, "r--p", "private-file", "exe.relro", PROGRAM, FLAGS("rd mr mw me ac")),
    MAP(0x14000, 0x15000, "rw-p", "private-file", "exe.data", PROGRAM, FLAGS("rd wr mr mw me ac")),
    MAP(0x15000, 0x18000, "rw-p", "private-anon", "exe.bss", FLAGS("rd wr mr mw me ac")),
    MAP(0x20000, 0x40000, "rw-p", "private-anon", "heap", .name = "[heap]", FLAGS("rd wr")),
    MAP(0x700000000000, 0x700000021000, "rw-p", "private-anon", "arena", FLAGS("rd wr nr")),
    MAP(0x700000021000, 0x700004000000, "---p", "private-anon", "reserved", FLAGS("mr nr")),
    MAP(0x700010000000, 0x700010001000, "---p", "private-anon", "guard", FLAGS("mr")),
    MAP(0x700010001000, 0x700010801000, "rw-p", "private-anon", "thread-stack", FLAGS("rd wr")),
    MAP(0x700010900000, 0x700010910000, "rw-p", "private-anon", "anon", FLAGS("rd wr")),
    MAP(0x700010a00000, 0x700010a10000, "rwxp", "private-anon", "jit", FLAGS("rd wr ex")),
    MAP(0x700010b00000, 0x700010b10000, "rw-s", "shared-anon", "shared-anon",
        .name = "/dev/zero (deleted)", .inode = 7),
    MAP(0x700010c00000, 0x700010c10000, "rw-s", "shared-anon", "sysv",
        .name = "/SYSV00001234 (deleted)", .inode = 8),
    MAP(0x700010d00000, 0x700010d10000, "rw-s", "shared-anon", "memfd",
        .name = "/memfd:x (deleted)", .inode = 9),
    MAP(0x700010e00000, 0x700010e10000, "rw-s", "shared-file", "posix-shm", .name = "/dev/shm/a",
        .inode = 12),
    MAP(0x700010f00000, 0x700010f10000, "rw-s", "shared-anon", "hugetlb",
        .name = "/SYSV00000000 (deleted)", .inode = 13, FLAGS("rd wr sh ht")),
    MAP(0x700011000000, 0x700011010000, "rw-s", "shared-file", "device", .name = "/dev/dri/card0",
        .inode = 14),
    MAP(0x700011100000, 0x700011110000, "rw-s", "shared-file", "dax", .name = "/mnt/pmem/a",
        .inode = 15, FLAGS("rd wr sh sf")),
    MAP(0x700011200000, 0x700011210000, "r--p", "private-file", "file", .name = "/usr/locale",
        .inode = 16, FLAGS("rd mr mw me")),
    MAP(0x7f0000000000, 0x7f0000010000, "r--p", "private-file", "lib.rodata", LIBRARY,
        FLAGS("rd mr mw me")),
    MAP(0x7f0000010000, 0x7f0000020000, "r-xp", "private-file", "lib.text", LIBRARY,
        FLAGS("rd ex mr mw me")),
    MAP(0x7f0000020000, 0x7f0000021000, "r--p", "private-file", "lib.relro", LIBRARY,
        FLAGS("rd mr mw me ac")),
    MAP(0x7f0000021000, 0x7f0000022000, "rw-p", "private-file", "lib.data", LIBRARY,
        FLAGS("rd wr mr mw me ac")),
    MAP(0x7f0000022000, 0x7f0000025000, "rw-p", "private-anon", "lib.bss", FLAGS("rd wr")),
    MAP(0x7f0000030000, 0x7f0000031000, "rw-p", "private-anon", "named", .name = "[anon:mine]"),
    MAP(0x7ffe00000000, 0x7ffe00021000, "rw-p", "private-anon", "stack", .name = "[stack]"),
    MAP(0x7ffe00030000, 0x7ffe00034000, "r--p", "private-anon", "vdso", .name = "[vvar]"),
    MAP(0x7ffe00034000, 0x7ffe00036000, "r-xp", "private-anon", "vdso", .name = "[vdso]"),
};

static void a_usual_process(void **state)
{
    (void)state;
    PUT(10, usual);
    tree_put(&tree, "proc/10/exe.link", "/bin/program\n");
    tree_put(&tree, "proc/10/status", "Name:\tx\nState:\tS (sleeping)\nPid:\t10\nThreads:\t2\n");
    load();
    CHECK(10, usual);
}

static const struct expected fenced[] = {
    MAP(0x700010000000, 0x700010001000, "---p", "private-anon", "guard", ),
    MAP(0x700010001000, 0x700010801000, "rw-p", "private-anon", "anon", ),
};

/* Others fence memory too: without threads there is no thread's stack. */
static void a_fence_in_a_process_with_one_thread(void **state)
{
    (void)state;
    PUT(10, fenced);
    load();
    CHECK(10, fenced);
}

/* Without exe the lowest executed file is the program; without flags, written pages tell relro. */
static const struct expected old[] = {
    MAP(0x400000, 0x402000, "r-xp", "private-file", "exe.text", PROGRAM),
    MAP(0x402000, 0x403000, "r--p", "private-file", "exe.relro", PROGRAM, .anonymous_kib = 4),
    MAP(0x403000, 0x404000, "r--p", "private-file", "exe.rodata", PROGRAM),
    MAP(0x3f0000000000, 0x3f0000100000, "r-xp", "private-file", "lib.text", LIBRARY),
    MAP(0x3f0000100000, 0x3f0000200000, "---p", "private-file", "lib.rodata", LIBRARY),
    MAP(0x7f0000000000, 0x7f0000a00000, "rw-p", "private-anon", "thread-stack",
        .name = "[stack:1234]"),
};

static void an_old_kernel(void **state)
{
    (void)state;
    PUT(10, old);
    load();
    CHECK(10, old);
}

/* One step beside each shape. */
static const struct expected no_shapes[] = {
    /* an arena of which nothing is left to open, one that is not aligned, one without its rest */
    MAP(0x700000000000, 0x700004000000, "rw-p", "private-anon", "anon", ),
    MAP(0x700008001000, 0x700008021000, "rw-p", "private-anon", "anon", ),
    MAP(0x700008021000, 0x70000c001000, "---p", "private-anon", "reserved", ),
    MAP(0x700014000000, 0x700014021000, "rw-p", "private-anon", "anon", ),
    MAP(0x700014021000, 0x700014022000, "---p", "private-anon", "guard", ),
    /* a fence that is too large, one that does not touch, a stack that is too small */
    MAP(0x700020000000, 0x700020041000, "---p", "private-anon", "reserved", ),
    MAP(0x700020041000, 0x700020841000, "rw-p", "private-anon", "anon", ),
    MAP(0x700021000000, 0x700021001000, "---p", "private-anon", "guard", ),
    MAP(0x700021002000, 0x700021802000, "rw-p", "private-anon", "anon", ),
    MAP(0x700022000000, 0x700022001000, "---p", "private-anon", "guard", ),
    MAP(0x700022001000, 0x700022004000, "rw-p", "private-anon", "anon", ),
    /* behind a file that is not executed */
    MAP(0x700023000000, 0x700023001000, "rw-p", "private-file", "file", .name = "/data",
        .inode = 20),
    MAP(0x700023001000, 0x700023002000, "rw-p", "private-anon", "anon", ),
    /* names that only begin like others; a file may be called anything */
    MAP(0x700024000000, 0x700024001000, "rw-s", "shared-anon", "shared-anon", .name = "/SYSVinit",
        .inode = 21),
    MAP(0x700025000000, 0x700025001000, "rw-p", "private-file", "file", .name = "[heap]",
        .inode = 22),
    MAP(0x700026000000, 0x700026001000, "rw-p", "private-anon", "anon", .name = "/dev/zero",
        .inode = 23),
};

static void shapes_end_where_they_end(void **state)
{
    (void)state;
    PUT(10, no_shapes);
    load();
    CHECK(10, no_shapes);
}

static const struct expected java[] = {
    MAP(0x400000, 0x401000, "r-xp", "private-file", "exe.text", PROGRAM),
    MAP(0x700000000, 0x780000000, "rw-p", "private-anon", "jvm", ),
    MAP(0x7f0000000000, 0x7f0000010000, "r-xp", "private-file", "lib.text",
        .name = "/usr/lib/jvm/server/libjvm.so", .inode = 30),
    MAP(0x7f0001000000, 0x7f0001010000, "rw-p", "private-anon", "anon", ),
};
static const struct expected golang[] = {
    MAP(0xc000000000, 0xc000400000, "rw-p", "private-anon", "go", ),
    MAP(0xc000400000, 0xc004000000, "---p", "private-anon", "go", ),
    MAP(0x7f0001000000, 0x7f0001010000, "rw-p", "private-anon", "go", .name = "[anon: Go: heap]"),
    MAP(0x7f0002000000, 0x7f0002010000, "rw-p", "private-anon", "v8", .name = "[anon:v8]"),
    MAP(0x7f0003000000, 0x7f0003010000, "r-xs", "shared-anon", "jit",
        .name = "/memfd:doublemapper (deleted)", .inode = 5),
    MAP(0x7f0004000000, 0x7f0004200000, "rw-p", "private-anon", "hugetlb",
        .name = "/anon_hugepage (deleted)", .inode = 6),
    MAP(0x7f0005000000, 0x7f0005200000, "rw-s", "shared-file", "hugetlb", .name = "/mnt/h/a",
        .inode = 7, .page_kib = 2048),
};

static void languages(void **state)
{
    (void)state;
    PUT(10, java);
    PUT(11, golang);
    load();
    CHECK(10, java);
    CHECK(11, golang);
}

static const struct expected on_tmpfs[] = {
    MAP(0x10000, 0x20000, "rw-s", "shared-file", "tmpfs", .name = "/run/a", .inode = 4,
        .device = "00:1b"),
    MAP(0x30000, 0x40000, "rw-p", "private-file", "hugetlb", .name = "/run/a", .inode = 4,
        .device = "00:1c"),
    MAP(0x50000, 0x60000, "rw-s", "shared-file", "file", .name = "/run/a", .inode = 4,
        .device = "00:1d"),
};

static void mounts_tell_where_a_file_lives(void **state)
{
    (void)state;
    PUT(10, on_tmpfs);
    tree_put(&tree, "derived/statfs",
             "mount type tmpfs device 0:27 path /run\nmount type hugetlbfs device 0:28 path /h\n");
    load();
    CHECK(10, on_tmpfs);
}

static const struct expected own[] = {
    MAP(0x10000, 0x20000, "rw-p", "private-anon", "database", .name = "[anon:pool one]"),
    MAP(0x30000, 0x40000, "rw-s", "shared-file", "cache", .name = "/var/cache/a b", .inode = 5),
    MAP(0x50000, 0x60000, "r--s", "shared-file", "file", .name = "/var/cache/a b", .inode = 5),
    MAP(0x70000, 0x80000, "rw-p", "private-anon", "heap", .name = "[anon:mine]"),
};

static bool add_text(const char *text, struct failure *why)
{
    char path[128];
    tree_put(&tree, "classes", text);
    snprintf(path, sizeof path, "%s/classes", tree.folder);
    return mapping_classifier_add_file(classifier, path, why);
}

static void rules_of_a_file_come_first(void **state)
{
    (void)state;
    struct failure why = {0};
    PUT(10, own);
    load();
    assert_true(add_text("# ours\n\n"
                         "database  kind=private-anon name=^\\[anon:pool one\\]$\n"
                         "cache permissions=?w?s kind=shared-file kind=shared-anon name=a b$\r\n"
                         "heap name=mine\n",
                         &why));
    assert_int_equal(mapping_class_count(classifier), MAPPING_CLASS_COUNT + 2);
    CHECK(10, own);
}

static void wrong_rules_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct refused {
        const char *text;
        uint64_t line;
        const char *message;
    } refused[] = {
        {"Heap name=x\n",                      1, "a class is a word"    },
        {"\nheap\n",                           2, "needs a key"          },
        {"heap kind=file\n",                   1, "a kind is"            },
        {"heap permissions=rw\n",              1, "permissions are"      },
        {"heap permissions=rwxq\n",            1, "permissions are"      },
        {"heap flag=HT\n",                     1, "a flag is"            },
        {"heap flag=ht flag=ht\n",             1, "given once"           },
        {"heap colour=red\n",                  1, "a key is"             },
        {"#\nheap kind=private-anon name=(\n", 2, "no regular expression"},
        {"heap name=\n",                       1, "no regular expression"},
    };
    put_process(10, own, 1);
    load();
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct failure why = {0};
        assert_false(add_text(refused[i].text, &why));
        assert_int_equal(why.kind, FAILURE_USAGE);
        assert_int_equal(why.position, refused[i].line);
        if (!strstr(why.message, refused[i].message))
            fail_msg("'%s': %s", refused[i].text, why.message);
    }
    struct failure why = {0};
    assert_false(mapping_classifier_add_file(classifier, "/no/such/file", &why));
    assert_int_equal(why.kind, FAILURE_SYSTEM);
}

static void classes_have_their_limit(void **state)
{
    (void)state;
    struct failure why = {0};
    char text[16384] = "";
    size_t used = 0;
    put_process(10, own, 1);
    load();
    unsigned room = MAPPING_CLASSES_MAX - MAPPING_CLASS_COUNT;
    for (unsigned i = 0; i < room; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "c%u name=x\n", i);
    assert_true(add_text(text, &why));
    assert_int_equal(mapping_class_count(classifier), MAPPING_CLASSES_MAX);
    assert_false(add_text("more name=x\n", &why));
    assert_non_null(strstr(why.message, "too many classes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_usual_process, tree_set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fence_in_a_process_with_one_thread, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_old_kernel, tree_set_up, tear_down),
        cmocka_unit_test_setup_teardown(shapes_end_where_they_end, tree_set_up, tear_down),
        cmocka_unit_test_setup_teardown(languages, tree_set_up, tear_down),
        cmocka_unit_test_setup_teardown(mounts_tell_where_a_file_lives, tree_set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules_of_a_file_come_first, tree_set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_rules_are_refused_with_their_line, tree_set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(classes_have_their_limit, tree_set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
