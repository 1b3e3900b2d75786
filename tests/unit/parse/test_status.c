/* analyzer/parse/process/status.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/process/status.h"

static bool parse(struct slice text, struct failure *why)
{
    struct process_status status;
    return process_status_parse(text, &status, why);
}

static const char usual[] = "Name:\tinit\n"
                            "Umask:\t0022\n"
                            "State:\tS (sleeping)\n"
                            "Tgid:\t1\n"
                            "Ngid:\t0\n"
                            "Pid:\t12\n"
                            "PPid:\t3\n"
                            "Uid:\t1000\t1001\t1002\t1003\n"
                            "Groups:\t \n"
                            "Kthread:\t0\n"
                            "VmRSS:\t    1800 kB\n"
                            "HugetlbPages:\t       0 kB\n"
                            "untag_mask:\t0xffffffffffffffff\n"
                            "Threads:\t5\n"
                            "Speculation_Store_Bypass:\tnot vulnerable\n"
                            "x86_Thread_features:\t\n";

static void reads_the_fields(void **state)
{
    (void)state;
    struct process_status status;
    struct failure why = {0};
    assert_true(process_status_parse(SLICE(usual), &status, &why));
    EXPECT_SLICE(status.name, "init");
    assert_int_equal(status.state, 'S');
    assert_int_equal(status.tgid, 1);
    assert_int_equal(status.pid, 12);
    assert_int_equal(status.ppid, 3);
    assert_true(status.has_uid);
    assert_int_equal(status.uid, 1000);
    assert_int_equal(status.effective_uid, 1001);
    assert_true(status.has_threads);
    assert_int_equal(status.threads, 5);
    assert_true(status.has_kthread);
    assert_false(status.kthread);
    assert_true(status.has_size[STATUS_VM_RSS]);
    assert_int_equal(status.size_bytes[STATUS_VM_RSS], 1800 * 1024);
    assert_true(status.has_size[STATUS_HUGETLB_PAGES]);
    assert_false(status.has_size[STATUS_VM_SWAP]);
    assert_int_equal(status.unknown_lines, 6);
}

static void a_kernel_thread_has_no_sizes(void **state)
{
    (void)state;
    struct process_status status;
    struct failure why = {0};
    assert_true(process_status_parse(SLICE("Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\n"
                                           "Pid:\t2\nPPid:\t0\nKthread:\t1\n"),
                                     &status, &why));
    assert_true(status.kthread);
    assert_false(status.has_uid);
    for (unsigned i = 0; i < STATUS_SIZE_COUNT; i++)
        assert_false(status.has_size[i]);
}

static void a_name_is_kept_as_printed(void **state)
{
    (void)state;
    struct process_status status;
    struct failure why = {0};
    assert_true(process_status_parse(SLICE("Name:\t Pid:\\n\t\xff \nPid:\t1\n"), &status, &why));
    EXPECT_SLICE(status.name, " Pid:\\n\t\xff ");
    assert_true(process_status_parse(SLICE("Name:\t\nPid:\t1\n"), &status, &why));
    EXPECT_SLICE(status.name, "");
}

/* Old kernels compute these by subtraction, and print them below zero at times. */
static void a_wrapped_size_is_absent(void **state)
{
    (void)state;
    struct process_status status;
    struct failure why = {0};
    assert_true(process_status_parse(SLICE("Name:\tx\nPid:\t1\n"
                                           "VmLib:\t18446744073709551612 kB\n"
                                           "VmExe:\t       4 kB\n"),
                                     &status, &why));
    assert_false(status.has_size[STATUS_VM_LIB]);
    assert_int_equal(status.size_bytes[STATUS_VM_LIB], 0);
    assert_int_equal(status.size_bytes[STATUS_VM_EXE], 4096);
}

static void result_is_untouched_on_failure(void **state)
{
    (void)state;
    struct process_status status;
    struct process_status before;
    struct failure why = {0};
    memset(&status, 0x5a, sizeof status);
    before = status;
    assert_false(process_status_parse(SLICE("Name:\tx\nPid:\t1\nVmRSS:\t1\n"), &status, &why));
    assert_memory_equal(&status, &before, sizeof status);
}

static void refuses_what_is_no_status(void **state)
{
    (void)state;
#define HEAD "Name:\tx\nPid:\t1\n"
    static const struct rejected rejected[] = {
        {"empty",         "",                                    1, "is this /proc/PID/status"},
        {"no name",       "Pid:\t1\n",                           1, "is this /proc/PID/status"},
        {"no pid",        "Name:\tx\n",                          1, "is this /proc/PID/status"},
        {"no separator",  HEAD "VmRSS\n",                        3, "without ':'"             },
        {"empty line",    HEAD "\n",                             3, "without ':'"             },
        {"pid twice",     HEAD "Pid:\t1\n",                      3, "printed twice"           },
        {"size twice",    HEAD "VmRSS:\t1 kB\nVmRSS:\t1 kB\n",   4, "printed twice"           },
        {"missing unit",  HEAD "VmRSS:\t1\n",                    3, "no unit"                 },
        {"wrong unit",    HEAD "VmRSS:\t1 MB\n",                 3, "no unit"                 },
        {"no number",     HEAD "VmRSS:\tx kB\n",                 3, "no number"               },
        {"overflow",      HEAD "VmRSS:\t18014398509481984 kB\n", 3, "overflows"               },
        {"pid no number", "Name:\tx\nPid:\t-1\n",                2, "malformed"               },
        {"three uids",    HEAD "Uid:\t1\t2\t3\n",                3, "malformed"               },
        {"five uids",     HEAD "Uid:\t1\t2\t3\t4\t5\n",          3, "malformed"               },
        {"kthread 2",     HEAD "Kthread:\t2\n",                  3, "malformed"               },
        {"no state",      HEAD "State:\t\n",                     3, "malformed"               },
        {"cut",           HEAD "Threads:\t1",                    3, "cut"                     },
    };
    EXPECT_REJECTED(parse, rejected);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    assert_int_equal(expect_safe_prefixes(parse, usual), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_fields),
        cmocka_unit_test(a_kernel_thread_has_no_sizes),
        cmocka_unit_test(a_name_is_kept_as_printed),
        cmocka_unit_test(a_wrapped_size_is_absent),
        cmocka_unit_test(result_is_untouched_on_failure),
        cmocka_unit_test(refuses_what_is_no_status),
        cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
