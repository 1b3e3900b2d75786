/* analyzer/parse/system/iomem.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/iomem.h"

static bool parse(struct slice text, struct failure *why)
{
    struct iomem iomem;
    bool is_hidden;
    return iomem_parse(text, &iomem, &is_hidden, why);
}

static void expect_bytes(struct amount amount, uint64_t bytes)
{
    assert_true(amount.known);
    assert_int_equal(amount.bytes, bytes);
}

static const char of_x86[] = "00000000-00000fff : Reserved\n"
                             "00001000-0009fbff : System RAM\n"
                             "000f0000-000fffff : Reserved\n"
                             "  000f0000-000fffff : System ROM\n"
                             "00100000-27fd3fff : System RAM\n"
                             "  01000000-01ffffff : Kernel code\n"
                             "  02000000-020fffff : Kernel rodata\n"
                             "  02100000-0217ffff : Kernel data\n"
                             "  02180000-021fffff : Kernel bss\n"
                             "  10000000-17ffffff : Crash kernel\n"
                             "  20000000-20000fff : Reserved\n"
                             "28000000-febfffff : PCI Bus 0000:00\n"
                             "  fd000000-fdffffff : Kernel code\n";

static void sums_ranges_by_use(void **state)
{
    (void)state;
    struct iomem iomem;
    struct failure why = {0};
    bool is_hidden = true;
    assert_true(iomem_parse(SLICE(of_x86), &iomem, &is_hidden, &why));
    assert_false(is_hidden);
    expect_bytes(iomem.system_ram, 0x9fc00 - 0x1000 + 0x27fd4000 - 0x100000);
    expect_bytes(iomem.kernel_code, 0x1000000);
    expect_bytes(iomem.kernel_rodata, 0x100000);
    expect_bytes(iomem.kernel_data, 0x80000);
    expect_bytes(iomem.kernel_bss, 0x80000);
    expect_bytes(iomem.crash_kernel, 0x8000000);
    expect_bytes(iomem.reserved_in_ram, 0x1000);
}

/* arm64 has small letters and no bss of its own; two crash kernels are one sum. */
static void what_is_absent_stays_unknown(void **state)
{
    (void)state;
    static const char text[] = "09000000-09000fff : pl011@9000000\n"
                               "40000000-5fffffff : System RAM\n"
                               "  40210000-4185ffff : Kernel code\n"
                               "  41860000-41eaffff : reserved\n"
                               "    41870000-4187ffff : reserved\n"
                               "  50000000-50000fff : Crash kernel\n"
                               "  51000000-51000fff : Crash kernel\n";
    struct iomem iomem;
    bool is_hidden;
    assert_true(iomem_parse(SLICE(text), &iomem, &is_hidden, NULL));
    expect_bytes(iomem.system_ram, 0x20000000);
    expect_bytes(iomem.reserved_in_ram, 0x650000);
    expect_bytes(iomem.crash_kernel, 0x2000);
    assert_false(iomem.kernel_rodata.known);
    assert_false(iomem.kernel_bss.known);
}

/* Memory that drivers add lies below them, or has their name behind its own. */
static void each_byte_of_ram_counts_once(void **state)
{
    (void)state;
    static const char text[] = "100000000-17fffffff : virtio0\n"
                               "  140000000-147ffffff : System RAM (virtio_mem)\n"
                               "  148000000-14fffffff : System RAM (virtio_mem)\n"
                               "200000000-207ffffff : System RAM\n"
                               "  200000000-200ffffff : System RAM (kmem)\n"
                               "300000000-30fffffff : System RAM disk\n";
    struct iomem iomem;
    bool is_hidden;
    assert_true(iomem_parse(SLICE(text), &iomem, &is_hidden, NULL));
    expect_bytes(iomem.system_ram, 3 * UINT64_C(0x8000000));
}

static void zeros_are_hidden_not_empty(void **state)
{
    (void)state;
    struct iomem iomem;
    bool is_hidden = false;
    assert_true(iomem_parse(SLICE("00000000-00000000 : System RAM\n"
                                  "  00000000-00000000 : Kernel code\n"),
                            &iomem, &is_hidden, NULL));
    assert_true(is_hidden);
    assert_false(iomem.system_ram.known);
    assert_false(iomem.kernel_code.known);
}

static void sums_saturate(void **state)
{
    (void)state;
    struct iomem iomem;
    bool is_hidden;
    assert_true(iomem_parse(SLICE("0-ffffffffffffffff : System RAM\n"
                                  "0-ffffffffffffffff : System RAM\n"),
                            &iomem, &is_hidden, NULL));
    expect_bytes(iomem.system_ram, UINT64_MAX);
}

static void refuses_what_is_no_iomem(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",         "",                                   1, "no range"},
        {"no dash",       "00000000 : System RAM\n",            1, "no 'FIRS"},
        {"no colon",      "00000000-0000ffff System RAM\n",     1, "no 'FIRS"},
        {"no digits",     "0000000g-0000ffff : System RAM\n",   1, "no 'FIRS"},
        {"17 digits",     "0-10000000000000000 : System RAM\n", 1, "no 'FIRS"},
        {"backwards",     "0-f : a\n00000002-00000001 : b\n",   2, "no 'FIRS"},
        {"an empty line", "0-f : a\n\n",                        2, "no 'FIRS"},
        {"cut",           "0-f : a\n10-1f : Sys",               2, "cut"     },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, of_x86), 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_ranges_by_use),
        cmocka_unit_test(what_is_absent_stays_unknown),
        cmocka_unit_test(each_byte_of_ram_counts_once),
        cmocka_unit_test(zeros_are_hidden_not_empty),
        cmocka_unit_test(sums_saturate),
        cmocka_unit_test(refuses_what_is_no_iomem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
