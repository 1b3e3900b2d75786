/* analyzer/parse/system/vmallocinfo.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/vmallocinfo.h"

static bool parse(struct slice text, struct failure *why)
{
    struct vmallocinfo parsed_file = {0};
    bool parsed = vmallocinfo_parse(text, &parsed_file, why);
    vmallocinfo_deinit(&parsed_file);
    return parsed;
}

static void reads_one(const char *text, struct vmallocinfo *vmallocinfo)
{
    struct failure why = {0};
    *vmallocinfo = (struct vmallocinfo){0};
    if (!vmallocinfo_parse(slice_of(text), vmallocinfo, &why))
        fail_msg("%s%s", text, why.message);
    assert_int_equal(vmallocinfo->count, 1);
}

#define AREA "0xf80c7000-0xf80c9000    8192 "

static void reads_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *line, *caller, *module;
        enum vmalloc_type type;
        int pages; /* -1: not printed */
    } rows[] = {
        {AREA "fork+0x8a/0x3d0 pages=4 vmalloc N0=4\n",              "fork",               NULL,   VMALLOC_VMALLOC,    4 },
        {AREA "irq_init+0x12b/0x1d0 vmap\n",                         "irq_init",           NULL,   VMALLOC_VMAP,       -1},
        {AREA "hpet+0xc7/0x3dc phys=0x00000000fed00000 ioremap\n",   "hpet",               NULL,   VMALLOC_IOREMAP,
         -1                                                                                                              },
        {AREA "unpurged vm_area\n",                                  "",                   NULL,   VMALLOC_UNPURGED,   -1},
        {AREA "vm_map_ram\n",                                        "",                   NULL,   VMALLOC_VM_MAP_RAM, -1},
        {AREA "f+0x5/0xf [zram] pages=9 vmalloc vpages N0=5 N1=4\n", "f",                  "zram", VMALLOC_VMALLOC,
         9                                                                                                               },
 /* 2.6.32: no 0x; the caller of an unloaded module has no symbol */
        {AREA "acpi+0x18/0x4c phys=7fede000 ioremap\n",              "acpi",               NULL,   VMALLOC_IOREMAP,    -1},
        {AREA "0xffffffffa0012345 vmalloc\n",                        "0xffffffffa0012345", NULL,   VMALLOC_VMALLOC,    -1},
        {AREA "0xa0012345 [x] pages=1 vmalloc\n",                    "0xa0012345",         "x",    VMALLOC_VMALLOC,    1 },
        {AREA "array.isra.0+0x1/0x2 pages=1 vmalloc user\n",         "array.isra.0",       NULL,   VMALLOC_USER,       1 },
        {AREA "dma+0x1/0xdc vmap dma-coherent\n",                    "dma",                NULL,   VMALLOC_DMA,        -1},
        {AREA "bpf_arena+0x1/0x2 pages=0 sparse\n",                  "bpf_arena",          NULL,   VMALLOC_SPARSE,     0 },
        {AREA "pages=1 vmalloc\n",                                   "",                   NULL,   VMALLOC_VMALLOC,    1 },
        {AREA "f+0x1/0x2 something-new\n",                           "f",                  NULL,   VMALLOC_OTHER,      -1},
        {AREA "\n",                                                  "",                   NULL,   VMALLOC_OTHER,      -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vmallocinfo vmallocinfo;
        reads_one(rows[i].line, &vmallocinfo);
        const struct vmalloc_area *area = &vmallocinfo.areas[0];
        assert_string_equal(area->caller, rows[i].caller);
        if (rows[i].module)
            assert_string_equal(area->module, rows[i].module);
        else
            assert_null(area->module);
        assert_int_equal(area->type, rows[i].type);
        assert_int_equal(area->has_pages, rows[i].pages >= 0);
        if (area->has_pages)
            assert_int_equal(area->pages, rows[i].pages);
        assert_true(area->has_address && area->size_bytes == 8192);
        vmallocinfo_deinit(&vmallocinfo);
    }
}

static void addresses_may_be_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        uint64_t start, end;
    } rows[] = {
        {"0xffffc90000000000-0xffffc90000005000 20480 vmap\n",   UINT64_C(0xffffc90000000000),
         UINT64_C(0xffffc90000005000)                                                                    },
        {"0x00000000a81ad394-0x000000006375e8a8 20480 vmap\n",   0xa81ad394,                   0x6375e8a8},
        {"0x0000000000000000-0x0000000000000000 20480 vmap\n",   0,                            0         },
        {"0x(____ptrval____)-0x(____ptrval____)   20480 vmap\n", 0,                            0         },
        {"0x(ptrval)-0x(ptrval)   20480 vmap\n",                 0,                            0         },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vmallocinfo vmallocinfo;
        reads_one(rows[i].line, &vmallocinfo);
        assert_int_equal(vmallocinfo.areas[0].has_address, rows[i].start != 0);
        assert_true(vmallocinfo.areas[0].start == rows[i].start);
        assert_true(vmallocinfo.areas[0].end == rows[i].end);
        assert_int_equal(vmallocinfo.areas[0].size_bytes, 20480);
        vmallocinfo_deinit(&vmallocinfo);
    }
}

static void types_have_words(void **state)
{
    (void)state;
    assert_string_equal(vmalloc_type_word(VMALLOC_IOREMAP), "ioremap");
    for (unsigned type = 0; type < VMALLOC_TYPE_COUNT; type++)
        assert_non_null(vmalloc_type_word((enum vmalloc_type)type));
    assert_string_equal(vmalloc_type_word(VMALLOC_TYPE_COUNT), "other");
}

static void refuses_what_is_no_vmallocinfo(void **state)
{
    (void)state;
#define GOOD "0xf80c7000-0xf80c9000    8192 f+0x1/0x2 pages=1 vmalloc\n"
    static const struct rejected rejected[] = {
        {"empty",        "",                                               1, "empty"  },
        {"other file",   "MemTotal: 1 kB\n",                               1, "is this"},
        {"no addresses", "8192 f+0x1/0x2 pages=1 vmalloc\n",               1, "is this"},
        {"no range",     "0xf80c7000 8192 f+0x1/0x2 pages=1 vmalloc\n",    1, "is this"},
        {"no size",      GOOD "0xf80c7000-0xf80c9000 f+0x1/0x2 vmalloc\n", 2, "is this"},
        {"bad pages",    GOOD "0x1-0x2 8192 f+0x1/0x2 pages=x vmalloc\n",  2, "is this"},
        {"no pages",     GOOD "0x1-0x2 8192 f+0x1/0x2 pages= vmalloc\n",   2, "is this"},
        {"pages twice",  GOOD "0x1-0x2 8192 f+0x1/0x2 pages=1 pages=1\n",  2, "is this"},
        {"empty line",   GOOD "\n",                                        2, "is this"},
        {"cut",          GOOD "0x1-0x2 8192 f+0x1/0x2 pages=1",            2, "cut"    },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, GOOD "0x1-0x2 8192 f+0x1/0x2 [m] vmap\n"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(addresses_may_be_hidden),
        cmocka_unit_test(types_have_words),
        cmocka_unit_test(refuses_what_is_no_vmallocinfo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
