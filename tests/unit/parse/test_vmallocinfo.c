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

static void reads_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *line, *caller, *module;
        enum vmalloc_type type;
        int pages; /* -1: not printed */
        bool has_address;
    } rows[] = {
        {"0xffffc90000000000-0xffffc90000005000   20480 kernel_clone+0x8a/0x3d0 pages=4 vmalloc "
         "N0=4\n",                                                                        "kernel_clone",             NULL,   VMALLOC_VMALLOC,    4,   true },
        {"0x(____ptrval____)-0x(____ptrval____)   20480 irq_init_percpu_irqstack+0x12b/0x1d0 "
         "vmap\n",                                                                        "irq_init_percpu_irqstack", NULL,   VMALLOC_VMAP,       -1,  false},
        {"0x(ptrval)-0x(ptrval)    8192 hpet_enable+0xc7/0x3dc phys=0x00000000fed00000 ioremap\n",
         "hpet_enable",                                                                                                        NULL,   VMALLOC_IOREMAP,    -1,  false},
        {"0x00000000a81ad394-0x000000006375e8a8   20480 unpurged vm_area\n",                       "",                         NULL,
         VMALLOC_UNPURGED,                                                                                                                                 -1,  true },
        {"0x00000000a81ad394-0x000000006375e8a8   20480 vm_map_ram\n",                             "",                         NULL,   VMALLOC_VM_MAP_RAM,
         -1,                                                                                                                                                    true },
        {"0x0000000000000000-0x0000000000000000 1052672 disksize_store+0x54/0xf0 [zram] pages=256 "
         "vmalloc vpages N0=200 N1=56\n",                                                 "disksize_store",           "zram", VMALLOC_VMALLOC,    256, false},
 /* 2.6.32: phys without 0x; an unloaded module's caller has no symbol */
        {"0xf80c7000-0xf80c9000    8192 acpi_tb_verify_table+0x18/0x4c phys=7fede000 ioremap\n",
         "acpi_tb_verify_table",                                                                                               NULL,   VMALLOC_IOREMAP,    -1,  true },
        {"0xf80c7000-0xf80c9000    8192 0xffffffffa0012345 pages=1 vmalloc\n",                     "0xffffffffa0012345",
         NULL,                                                                                                                         VMALLOC_VMALLOC,    1,   true },
        {"0xf80c7000-0xf80c9000    8192 0xffffffffa0012345 [x] pages=1 vmalloc\n",
         "0xffffffffa0012345",                                                                                                 "x",    VMALLOC_VMALLOC,    1,   true },
        {"0xf80c7000-0xf80c9000    8192 array_map_alloc.isra.0+0x1/0x2 pages=1 vmalloc user\n",
         "array_map_alloc.isra.0",                                                                                             NULL,   VMALLOC_USER,       1,   true },
        {"0xf80c7000-0xf80c9000    8192 dma_common_contiguous_remap+0x1/0xdc vmap dma-coherent\n",
         "dma_common_contiguous_remap",                                                                                        NULL,   VMALLOC_DMA,        -1,  true },
        {"0xf80c7000-0xf80c9000    8192 bpf_arena+0x1/0x2 pages=0 sparse\n",                       "bpf_arena",                NULL,
         VMALLOC_SPARSE,                                                                                                                                   0,   true },
        {"0xf80c7000-0xf80c9000    8192 pages=1 vmalloc\n",                                        "",                         NULL,   VMALLOC_VMALLOC,    1,   true },
        {"0xf80c7000-0xf80c9000    8192 f+0x1/0x2 something-new\n",                                "f",                        NULL,   VMALLOC_OTHER,      -1,
         true                                                                                                                                                        },
        {"0xf80c7000-0xf80c9000    8192\n",                                                        "",                         NULL,   VMALLOC_OTHER,      -1,  true },
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
        assert_int_equal(area->has_address, rows[i].has_address);
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
        cmocka_unit_test(types_have_words),
        cmocka_unit_test(refuses_what_is_no_vmallocinfo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
