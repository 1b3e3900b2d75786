/* analyzer/parse/system/modules.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/modules.h"

static bool parse(struct slice text, struct failure *why)
{
    struct modules parsed_file = {0};
    bool parsed = modules_parse(text, &parsed_file, why);
    modules_deinit(&parsed_file);
    return parsed;
}

static const char usual[] = "nf_tables 200704 0 - Live 0xffffffffc04b2000\n"
                            "nfnetlink 20480 2 nf_tables,nft_compat, Live 0x0000000000000000 (OE)\n"
                            "ext4 1277952 -1 [permanent], Unloading 0xffffffffc041b000 (POE+)\n"
                            "loop 45056 - - Loading 0x(____ptrval____)\n";

static void reads_every_form(void **state)
{
    (void)state;
    struct modules modules = {0};
    struct failure why = {0};
    assert_true(modules_parse(SLICE(usual), &modules, &why));
    assert_int_equal(modules.count, 4);
    const struct kernel_module *module = modules.modules;
    assert_string_equal(module[0].name, "nf_tables");
    assert_int_equal(module[0].size_bytes, 200704);
    assert_true(module[0].has_reference_count);
    assert_int_equal(module[0].reference_count, 0);
    assert_string_equal(module[0].used_by, "");
    assert_string_equal(module[0].state, "Live");
    assert_true(module[0].address == UINT64_C(0xffffffffc04b2000));
    assert_string_equal(module[0].taints, "");
    assert_int_equal(module[1].reference_count, 2);
    assert_string_equal(module[1].used_by, "nf_tables,nft_compat");
    assert_true(module[1].address == 0);
    assert_string_equal(module[1].taints, "OE");
    assert_int_equal(module[2].reference_count, -1);
    assert_string_equal(module[2].used_by, "[permanent]");
    assert_string_equal(module[2].taints, "POE+");
    assert_false(module[3].has_reference_count);
    assert_true(module[3].address == 0);
    modules_deinit(&modules);
}

static void none_loaded_is_no_failure(void **state)
{
    (void)state;
    struct modules modules = {0};
    struct failure why = {0};
    assert_true(modules_parse(SLICE(""), &modules, &why));
    assert_int_equal(modules.count, 0);
    modules_deinit(&modules);
}

static void refuses_what_is_no_modules(void **state)
{
    (void)state;
#define GOOD "loop 45056 0 - Live 0x0\n"
    static const struct rejected rejected[] = {
        {"other file",      "MemTotal: 1 kB\n",                    1, "is this"},
        {"lsmod's heading", "Module Size Used by\n",               1, "is this"},
        {"lsmod's line",    GOOD "loop 45056 0\n",                 2, "is this"},
        {"no address",      GOOD "loop 45056 0 - Live\n",          2, "is this"},
        {"bad address",     GOOD "loop 45056 0 - Live c04b2000\n", 2, "is this"},
        {"bad size",        "loop -1 0 - Live 0x0\n",              1, "is this"},
        {"bad count",       "loop 45056 x - Live 0x0\n",           1, "is this"},
        {"bad taints",      "loop 45056 0 - Live 0x0 OE\n",        1, "is this"},
        {"one bracket",     "loop 45056 0 - Live 0x0 (\n",         1, "is this"},
        {"one word more",   "loop 45056 0 - Live 0x0 (OE) x\n",    1, "is this"},
        {"empty line",      GOOD "\n",                             2, "is this"},
        {"cut",             GOOD "loop 45056 0 - Live 0xff",       2, "cut"    },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, usual), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(none_loaded_is_no_failure),
        cmocka_unit_test(refuses_what_is_no_modules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
