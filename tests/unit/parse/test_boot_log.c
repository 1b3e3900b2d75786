/* analyzer/parse/system/boot_log.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/boot_log.h"

static void reads_a_log_of_today(void **state)
{
    (void)state;
    static const char text[] =
        "[    0.128196] setup_percpu: NR_CPUS:256 nr_cpumask_bits:2 nr_cpu_ids:2\n"
        "[    0.133047] percpu: Embedded 53 pages/cpu s185496 r0 d31592 u1048576\n"
        "[    0.133067] pcpu-alloc: s185496 r0 d31592 u1048576 alloc=1*2097152\n"
        "[    0.133070] pcpu-alloc: [0] 0 1 \n"
        "[    0.313883] Memory: 3218364K/25165432K available (18468K kernel code)\n";
    struct boot_log log = boot_log_parse(SLICE(text));
    assert_true(log.percpu_unit_pages.known && log.percpu_units.known && log.present_bytes.known);
    assert_int_equal(log.percpu_unit_pages.bytes, 53);
    assert_int_equal(log.percpu_units.bytes, 2);
    assert_int_equal(log.present_bytes.bytes, UINT64_C(25165432) * 1024);
}

/* Units without a processor are printed as dashes and are part of the chunk; old kernels shout. */
static void reads_groups_and_an_old_log(void **state)
{
    (void)state;
    static const char text[] = "<6>PERCPU: Embedded 31 pages/cpu @ffff88013fc00000 s94208 r8192\n"
                               "<7>pcpu-alloc: s94208 r8192 d24576 u262144 alloc=1*2097152\n"
                               "<7>pcpu-alloc: [0] 00 01 02 -- [1] 03 04 05 --\n"
                               "<7>pcpu-alloc: [2] 06 07 -- --\n"
                               "<6>Memory: 3981496k/5242880k available (5296k kernel code)\n";
    struct boot_log log = boot_log_parse(SLICE(text));
    assert_int_equal(log.percpu_unit_pages.bytes, 31);
    assert_int_equal(log.percpu_units.bytes, 12);
    assert_int_equal(log.present_bytes.bytes, UINT64_C(5242880) * 1024);
}

static void the_last_boot_counts(void **state)
{
    (void)state;
    struct boot_log log = boot_log_parse(SLICE("percpu: Embedded 9 pages/cpu\n"
                                               "pcpu-alloc: [0] 0 1 2 3\n"
                                               "percpu: Embedded 8 pages/cpu\n"
                                               "pcpu-alloc: [0] 0 1\n"));
    assert_int_equal(log.percpu_unit_pages.bytes, 8);
    assert_int_equal(log.percpu_units.bytes, 2);
    log = boot_log_parse(SLICE("percpu: Embedded 9 pages/cpu\npcpu-alloc: [0] 0 1 2 3\n"
                               "percpu: Embedded 8 pages/cpu\n"));
    assert_true(log.percpu_unit_pages.known);
    assert_false(log.percpu_units.known);
}

static void other_lines_say_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n\n",
        "percpu: Embedded x pages/cpu\n",
        "percpu: Embedded 9 apples\n",
        "pcpu-alloc: \npcpu-alloc: [0]\npcpu-alloc: [0] 0 1 red\n",
        "Memory: 12K available\nMemory: 1K/2M available\nMemory: 1K/xK available\n",
        "Memory: 1K/2K taken\nMemory: 1K/2K",
        "percpu: Embedded ",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct slice copy = exact_copy(texts[i], strlen(texts[i]));
        struct boot_log log = boot_log_parse(copy);
        if (log.percpu_unit_pages.known || log.percpu_units.known || log.present_bytes.known)
            fail_msg("text %zu was understood", i);
        free_copy(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_log_of_today),
        cmocka_unit_test(reads_groups_and_an_old_log),
        cmocka_unit_test(the_last_boot_counts),
        cmocka_unit_test(other_lines_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
