/* analyzer/account/kernel_usage.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/kernel_usage.h"

static struct snapshot *snapshot;
static struct kernel_usage usage;

static int set_up(void **state)
{
    (void)state;
    snapshot = snapshot_of_nothing(4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kernel_usage_deinit(&usage);
    snapshot_free(snapshot);
    return 0;
}

static void compute(void)
{
    struct failure why = {0};
    kernel_usage_deinit(&usage);
    assert_true(kernel_usage_compute(snapshot, &usage, &why));
}

static const struct owner_case {
    const char *caller;
    enum vmalloc_owner owner;
} owner_cases[] = {
    {"alloc_thread_stack_node",         OWNER_STACKS   },
    {"alloc_thread_stack_node.isra.0",  OWNER_STACKS   },
    {"dup_task_struct",                 OWNER_STACKS   },
    {"dup_task_struct.constprop.12",    OWNER_STACKS   },
    {"copy_process",                    OWNER_STACKS   },
    {"copy_process.part.0.isra.1",      OWNER_STACKS   },
    {"kernel_clone",                    OWNER_STACKS   },
    {"_do_fork",                        OWNER_STACKS   },
    {"do_fork",                         OWNER_STACKS   },
    {"fork_idle",                       OWNER_STACKS   },
    {"load_module",                     OWNER_MODULES  },
    {"move_module",                     OWNER_MODULES  },
    {"layout_and_allocate.constprop.0", OWNER_MODULES  },
    {"module_alloc_update_bounds",      OWNER_MODULES  },
    {"module_memory_alloc.constprop.0", OWNER_MODULES  },
    {"execmem_vmalloc",                 OWNER_MODULES  },
    {"__execmem_cache_alloc",           OWNER_MODULES  },
    {"bpf_prog_alloc_no_stats",         OWNER_BPF      },
    {"__bpf_map_area_alloc",            OWNER_BPF      },
    {"bpf_jit_binary_pack_alloc",       OWNER_BPF      },
    {"htab_map_alloc",                  OWNER_BPF      },
    {"pcpu_create_chunk",               OWNER_PERCPU   },
    {"pcpu_mem_zalloc",                 OWNER_PERCPU   },
    {"alloc_large_system_hash",         OWNER_OTHER    },
    {"module_finalize",                 OWNER_MODULES  },
    {"swap_cgroup_swapon",              OWNER_SWAP     },
    {"kernel_clone2",                   OWNER_OTHER    },
    {"kernel_clone.cold",               OWNER_STACKS   },
    {"xt_alloc_table_info",             OWNER_NETWORK  },
    {"n_tty_open",                      OWNER_TERMINALS},
    {"my_load_module",                  OWNER_OTHER    },
    {"fork_idl",                        OWNER_OTHER    },
    {"",                                OWNER_OTHER    },
};

static void the_caller_tells_the_owner(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof owner_cases / sizeof owner_cases[0]; i++) {
        char caller[64];
        snprintf(caller, sizeof caller, "%s", owner_cases[i].caller);
        struct vmalloc_area area = {.caller = caller};
        if (vmalloc_owner_of(&area) != owner_cases[i].owner)
            fail_msg("%s: %s", caller, vmalloc_owner_word(vmalloc_owner_of(&area)));
    }
    for (unsigned i = 0; i < OWNER_COUNT; i++)
        assert_true(vmalloc_owner_word((enum vmalloc_owner)i)[0] != '\0');
}

/* The function decides first, then the module, and a module that no rule names is a driver. */
static void the_module_tells_the_owner(void **state)
{
    (void)state;
    char alloc[] = "alloc", clone[] = "kernel_clone", xfs[] = "xfs", other[] = "mydriver";
    struct vmalloc_area area = {.caller = alloc, .module = xfs};
    assert_int_equal(vmalloc_owner_of(&area), OWNER_FILE_SYSTEMS);
    area.module = other;
    assert_int_equal(vmalloc_owner_of(&area), OWNER_DRIVERS);
    area.caller = clone;
    assert_int_equal(vmalloc_owner_of(&area), OWNER_STACKS);
    area.caller = alloc;
    area.module = NULL;
    assert_int_equal(vmalloc_owner_of(&area), OWNER_OTHER);
}

static const struct vmalloc_group *group_of(const char *caller, const char *module,
                                            enum vmalloc_type type)
{
    const struct vmalloc_group *found = NULL;
    for (size_t i = 0; i < usage.vmalloc_count; i++) {
        const struct vmalloc_group *group = &usage.vmalloc[i];
        if (strcmp(group->caller, caller) != 0 || group->type != type ||
            strcmp(group->module ? group->module : "", module ? module : "") != 0)
            continue;
        assert_null(found);
        found = group;
    }
    if (!found)
        fail_msg("no group %s", caller);
    return found;
}

static void areas_are_grouped_by_caller_module_and_type(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xf0000000-0xf0005000   20480 kernel_clone+0x9e/0x3b0 pages=4 vmalloc\n"
                  "0xf0100000-0xf0103000   12288 init+0x1/0x2 [zram] pages=2 vmalloc\n"
                  "0xf0008000-0xf000d000   20480 kernel_clone+0x77/0x3b0 pages=4 vmalloc\n"
                  "0xf0200000-0xf0203000   12288 init+0x1/0x2 [zsmalloc] pages=2 vmalloc\n"
                  "0xf0300000-0xf0303000   12288 init+0x1/0x2 pages=2 vmalloc\n"
                  "0xf0400000-0xf0800000 4194304 init+0x1/0x2 [zram] phys=0xfe000000 ioremap\n"
                  "0xf0900000-0xf0b00000 2097152 irq_init_percpu_irqstack+0x1/0x2 vmap\n"
                  "0xf0c00000-0xf0c03000   12288 dma+0x1/0x2 [i915] pages=2 vmap\n"
                  "0xf0d00000-0xf0d10000   65536 unpurged vm_area\n"
                  "0xf0e00000-0xf0e10000   65536 vm_map_ram\n");
    compute();
    assert_true(usage.has_vmalloc);
    assert_false(usage.has_slab || usage.has_modules);
    assert_int_equal(usage.vmalloc_areas, 10);
    assert_int_equal(usage.vmalloc_bytes, KIB(32 + 24 + 8));
    assert_int_equal(usage.owner_bytes[OWNER_STACKS], KIB(32));
    assert_int_equal(usage.owner_bytes[OWNER_OTHER], KIB(8));
    assert_int_equal(usage.owner_bytes[OWNER_SWAP], KIB(16));
    assert_int_equal(usage.owner_bytes[OWNER_DRIVERS], KIB(8));
    assert_int_equal(usage.owner_areas[OWNER_STACKS], 2);
    const struct vmalloc_group *stacks = group_of("kernel_clone", NULL, VMALLOC_VMALLOC);
    assert_int_equal(stacks->areas, 2);
    assert_int_equal(stacks->bytes, KIB(32));
    assert_int_equal(stacks->size_bytes, 40960);
    assert_int_equal(stacks->owner, OWNER_STACKS);
    assert_int_equal(group_of("init", "zram", VMALLOC_VMALLOC)->bytes, KIB(8));
    assert_int_equal(group_of("init", "zsmalloc", VMALLOC_VMALLOC)->areas, 1);
    assert_int_equal(group_of("init", NULL, VMALLOC_VMALLOC)->areas, 1);
    /* address space of devices and borrowed pages are no memory; pages of its own are */
    assert_int_equal(group_of("init", "zram", VMALLOC_IOREMAP)->bytes, 0);
    assert_int_equal(group_of("init", "zram", VMALLOC_IOREMAP)->size_bytes, 4194304);
    assert_int_equal(group_of("irq_init_percpu_irqstack", NULL, VMALLOC_VMAP)->bytes, 0);
    assert_int_equal(group_of("dma", "i915", VMALLOC_VMAP)->bytes, KIB(8));
    assert_int_equal(stacks->memory, VMALLOC_MEMORY_OWN);
    assert_int_equal(group_of("dma", "i915", VMALLOC_VMAP)->memory, VMALLOC_MEMORY_OWN);
    assert_int_equal(group_of("init", "zram", VMALLOC_IOREMAP)->memory, VMALLOC_MEMORY_DEVICE);
    assert_int_equal(group_of("irq_init_percpu_irqstack", NULL, VMALLOC_VMAP)->memory,
                     VMALLOC_MEMORY_BORROWED);
    /* by module: device memory has areas, but no bytes */
    assert_int_equal(usage.vmalloc_module_count, 3);
    assert_string_equal(usage.vmalloc_modules[0].module, "zram");
    assert_int_equal(usage.vmalloc_modules[0].bytes, KIB(8));
    assert_int_equal(usage.vmalloc_modules[0].areas, 2);
    for (size_t i = 1; i < usage.vmalloc_count; i++)
        assert_true(usage.vmalloc[i - 1].bytes >= usage.vmalloc[i].bytes);
    uint64_t groups = 0, owners = 0, types = 0;
    for (size_t i = 0; i < usage.vmalloc_count; i++)
        groups += usage.vmalloc[i].bytes;
    for (size_t i = 0; i < OWNER_COUNT; i++)
        owners += usage.owner_bytes[i];
    for (size_t i = 0; i < VMALLOC_TYPE_COUNT; i++)
        types += usage.types[i].bytes;
    assert_int_equal(groups, usage.vmalloc_bytes);
    assert_int_equal(owners, usage.vmalloc_bytes);
    assert_int_equal(types, usage.vmalloc_bytes);
}

#define SLAB     "slabinfo - version: 2.1\n# name\n"
#define TUNABLES " : tunables 0 0 0 : slabdata "

static const struct slab_usage *slab_of(const char *name)
{
    for (size_t i = 0; i < usage.slab_count; i++)
        if (strcmp(usage.slab[i].cache->name, name) == 0)
            return &usage.slab[i];
    fail_msg("no cache %s", name);
    return NULL;
}

static bool has_alias(const struct slab_usage *slab, const char *name)
{
    for (size_t i = 0; i < slab->alias_count; i++)
        if (slice_equal(snapshot_text(snapshot, slab->aliases[i]), slice_of(name)))
            return true;
    return false;
}

static void caches_have_their_slabs_and_their_aliases(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/slabinfo",
                  SLAB "small 10 64 64 64 1" TUNABLES "1 1 0\n"
                       "dentry 20 42 192 21 2" TUNABLES "2 7 0\n"
                       "alone 1 1 8 1 1" TUNABLES "1 3 0\n");
    snapshot_give(snapshot, "sys/kernel/slab/dentry.link", "../slab/:0000192");
    snapshot_give(snapshot, "sys/kernel/slab/cred_jar.link", ":0000192");
    snapshot_give(snapshot, "sys/kernel/slab/pid.link", ":0000192");
    snapshot_give(snapshot, "sys/kernel/slab/small.link", ":0000064");
    snapshot_give(snapshot, "sys/kernel/slab/other.link", ":0000128");
    compute();
    assert_int_equal(usage.slab_count, 3);
    assert_string_equal(usage.slab[0].cache->name, "dentry");
    assert_string_equal(usage.slab[1].cache->name, "alone");
    const struct slab_usage *dentry = slab_of("dentry");
    assert_int_equal(dentry->bytes, 7 * 2 * 4096);
    assert_int_equal(dentry->active_bytes, 20 * 192);
    assert_int_equal(dentry->alias_count, 2);
    assert_true(has_alias(dentry, "cred_jar") && has_alias(dentry, "pid"));
    assert_int_equal(slab_of("small")->alias_count, 0);
    assert_int_equal(slab_of("alone")->alias_count, 0);
    assert_int_equal(usage.slab_bytes, (14 + 1 + 3) * 4096);
    assert_int_equal(dentry->loss_bytes, 7 * 2 * 4096 - 20 * 192);
    assert_int_equal(usage.slab_loss_bytes, 18 * 4096 - 20 * 192 - 10 * 64 - 8);
}

/* ":a-" says SLAB_RECLAIM_ACCOUNT, and knows better than a name; without a link only some names do. */
static void reclaimable_is_told_by_the_link_or_the_name(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/slabinfo",
                  SLAB "one 1 64 64 64 1" TUNABLES "1 1 0\n"
                       "two 1 64 64 64 1" TUNABLES "1 1 0\n"
                       "three 1 64 64 64 1" TUNABLES "1 1 0\n"
                       "dentry 1 64 64 64 1" TUNABLES "1 1 0\n"
                       "kmalloc-rcl-64 1 64 64 64 1" TUNABLES "1 1 0\n"
                       "kmalloc-64 1 64 64 64 1" TUNABLES "1 1 0\n"
                       "overfull 200 64 64 64 1" TUNABLES "1 1 0\n");
    snapshot_give(snapshot, "sys/kernel/slab/one.link", ":a-0000064");
    snapshot_give(snapshot, "sys/kernel/slab/two.link", ":A-0000064");
    compute();
    assert_int_equal(slab_of("one")->reclaim, SLAB_RECLAIMABLE);
    assert_int_equal(slab_of("two")->reclaim, SLAB_UNRECLAIMABLE);
    assert_int_equal(slab_of("three")->reclaim, SLAB_RECLAIM_UNKNOWN);
    assert_int_equal(slab_of("dentry")->reclaim, SLAB_RECLAIMABLE);
    assert_int_equal(slab_of("kmalloc-rcl-64")->reclaim, SLAB_RECLAIMABLE);
    assert_int_equal(slab_of("kmalloc-64")->reclaim, SLAB_UNRECLAIMABLE);
    assert_int_equal(slab_of("overfull")->loss_bytes, 0); /* more in use than slabs hold */
}

static const struct module_usage *module_of(const char *name)
{
    for (size_t i = 0; i < usage.module_count; i++)
        if (strcmp(usage.modules[i].name, name) == 0)
            return &usage.modules[i];
    fail_msg("no module %s", name);
    return NULL;
}

#define MODULES                                                                                    \
    "zram 40960 1 - Live 0x0\nloop 16384 0 - Live 0x0\ndummy 16384 0 - Live 0x0\n"                 \
    "odd 10000 0 - Live 0x0\n"

static void modules_are_matched_with_areas_of_their_size(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/modules", MODULES);
    snapshot_give(snapshot, "sys/module/zram/coresize", "36864\n");
    snapshot_give(snapshot, "sys/module/zram/initsize", "4096\n");
    snapshot_give(snapshot, "sys/module/unloaded/coresize", "1\n");
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xf0000000-0xf000b000   45056 load_module+0x1/0x2 pages=10 vmalloc\n"
                  "0xf0010000-0xf0015000   20480 load_module+0x1/0x2 pages=4 vmalloc\n"
                  "0xf0020000-0xf0025000   20480 load_module+0x1/0x2 pages=4 vmalloc\n"
                  "0xf0030000-0xf0034000   16384 load_module+0x1/0x2 pages=3 vmalloc\n");
    compute();
    assert_string_equal(usage.modules[0].name, "zram");
    assert_int_equal(usage.module_bytes, 40960 + 2 * 16384 + 10000);
    assert_int_equal(module_of("zram")->size.bytes, 40960);
    assert_int_equal(module_of("zram")->core.bytes, 36864);
    assert_int_equal(module_of("zram")->init.bytes, 4096);
    assert_false(module_of("loop")->core.known);
    assert_int_equal(module_of("odd")->allocated.bytes, 12288);
    for (size_t i = 0; i < usage.module_count; i++)
        assert_true(usage.modules[i].seen_in_vmallocinfo);
    assert_int_equal(usage.module_proof, MODULE_HAS_AREA);
    assert_int_equal(usage.module_allocated_bytes, (10 + 4 + 4 + 3) * 4096);
    assert_int_equal(usage.module_largest_area_bytes, 40960);
    assert_int_equal(module_of("zram")->vmalloc.bytes, 0);
}

/* Kernels since 6.4 give a module several areas: that they sum to all modules proves each. */
static void areas_of_all_modules_prove_them_together(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/modules", "zram 40960 1 - Live 0x0\nloop 16384 0 - Live 0x0\n");
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xf0000000-0xf0009000   36864 execmem_alloc+0x1/0x2 pages=8 vmalloc\n"
                  "0xf0010000-0xf0013000   12288 execmem_alloc+0x1/0x2 pages=2 vmalloc\n"
                  "0xf0020000-0xf0025000   20480 execmem_alloc+0x1/0x2 pages=4 vmalloc\n"
                  "0xf0030000-0xf0034000   16384 table_init+0x1/0x2 [zram] pages=3 vmalloc\n");
    compute();
    assert_int_equal(usage.module_proof, MODULE_SUM_AGREES);
    assert_false(module_of("zram")->seen_in_vmallocinfo);
    assert_int_equal(module_of("zram")->vmalloc.bytes, KIB(12));
    assert_int_equal(module_of("loop")->vmalloc.bytes, 0);
}

/* Each area proves one module: two of a size need two. And where one module has none, the others
 * may agree by chance. */
static void an_area_proves_one_module_only(void **state)
{
    (void)state;
    snapshot_give(snapshot, "proc/modules", MODULES);
    snapshot_give(snapshot, "proc/vmallocinfo",
                  "0xf0000000-0xf000b000   45056 load_module+0x1/0x2 pages=10 vmalloc\n"
                  "0xf0010000-0xf0015000   20480 load_module+0x1/0x2 pages=4 vmalloc\n"
                  "0xf0020000-0xf0025000   20480 some_driver+0x1/0x2 pages=4 vmalloc\n"
                  "0xf0030000-0xf0034000   16384 load_module+0x1/0x2 pages=3 vmalloc\n");
    compute();
    for (size_t i = 0; i < usage.module_count; i++)
        assert_false(usage.modules[i].seen_in_vmallocinfo);
    assert_int_equal(usage.module_proof, MODULE_NOT_PROVEN);
}

static void without_a_page_size_there_are_no_bytes(void **state)
{
    (void)state;
    struct failure why = {0};
    snapshot->identity.page_size_source = NULL;
    snapshot_give(snapshot, "proc/modules", MODULES);
    compute(); /* sizes of modules are bytes already */
    assert_int_equal(usage.module_count, 4);
    assert_false(usage.modules[0].allocated.known);
    snapshot_give(snapshot, "proc/slabinfo", SLAB "small 10 64 64 64 1" TUNABLES "1 1 0\n");
    kernel_usage_deinit(&usage);
    assert_false(kernel_usage_compute(snapshot, &usage, &why));
    assert_int_equal(why.kind, FAILURE_UNSUPPORTED);
}

static void nothing_collected_is_nothing_known(void **state)
{
    (void)state;
    compute();
    assert_false(usage.has_vmalloc || usage.has_slab || usage.has_modules);
    snapshot_give(snapshot, "proc/modules", "");
    compute();
    assert_true(usage.has_modules);
    assert_int_equal(usage.module_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_caller_tells_the_owner),
        cmocka_unit_test(the_module_tells_the_owner),
        TEST(areas_are_grouped_by_caller_module_and_type),
        TEST(caches_have_their_slabs_and_their_aliases),
        TEST(reclaimable_is_told_by_the_link_or_the_name),
        TEST(areas_of_all_modules_prove_them_together),
        TEST(modules_are_matched_with_areas_of_their_size),
        TEST(an_area_proves_one_module_only),
        TEST(without_a_page_size_there_are_no_bytes),
        TEST(nothing_collected_is_nothing_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
