/* analyzer/model/process.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analyzer/model/process.h"
#include "analyzer/parse/process/stat.h"

static struct process with_stat(uint64_t pid, uint64_t ppid, uint64_t flags)
{
    return (struct process){.pid = pid, .ppid = ppid, .files = PROCESS_STAT, .stat_flags = flags};
}

static struct process with_status(uint64_t pid, uint64_t ppid, bool has_size)
{
    struct process process = {.pid = pid, .ppid = ppid, .files = PROCESS_STATUS};
    if (has_size)
        process.status_size[STATUS_VM_SIZE] = amount_of(4096);
    return process;
}

static void flags_of_stat_decide(void **state)
{
    (void)state;
    struct process thread = with_stat(40, 2, PROCESS_FLAG_KERNEL_THREAD | 0x40);
    assert_true(process_is_kernel_thread(&thread));
    /* a helper that the kernel starts is a child of kthreadd, and no kernel thread */
    struct process helper = with_stat(40, 2, 0x400000);
    assert_false(process_is_kernel_thread(&helper));
    struct process ordinary = with_stat(40, 1, 0x400100);
    assert_false(process_is_kernel_thread(&ordinary));
    /* wherever it hangs in the tree: io_uring's workers of old kernels */
    struct process adopted = with_stat(40, 1, PROCESS_FLAG_KERNEL_THREAD);
    assert_true(process_is_kernel_thread(&adopted));
}

static void a_printed_kthread_line_decides(void **state)
{
    (void)state;
    struct process process = with_status(99, 1, false);
    process.kthread_flag = true;
    assert_true(process_is_kernel_thread(&process));
}

static void without_stat_the_family_tells(void **state)
{
    (void)state;
    struct process kthreadd = with_status(2, 0, false);
    assert_true(process_is_kernel_thread(&kthreadd));
    struct process child = with_status(12, 2, false);
    assert_true(process_is_kernel_thread(&child));
    struct process sized = with_status(12, 2, true);
    assert_false(process_is_kernel_thread(&sized));
    struct process zombie = with_status(12, 1, false);
    assert_false(process_is_kernel_thread(&zombie));
}

static void nothing_read_means_not_known_to_be_one(void **state)
{
    (void)state;
    struct process unread = {.pid = 2};
    assert_false(process_is_kernel_thread(&unread));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_of_stat_decide),
        cmocka_unit_test(a_printed_kthread_line_decides),
        cmocka_unit_test(without_stat_the_family_tells),
        cmocka_unit_test(nothing_read_means_not_known_to_be_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
