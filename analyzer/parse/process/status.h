/* /proc/PID/status. Source: fs/proc/array.c:proc_pid_status(), fs/proc/task_mmu.c:task_mem().
 * Keys that are not in the table are words, lists or numbers: they are counted, not kept. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* X(constant, key): "Vm...: N kB", kept in bytes */
#define STATUS_SIZES(X)                                                                            \
    X(VM_PEAK, "VmPeak")                                                                           \
    X(VM_SIZE, "VmSize")                                                                           \
    X(VM_LCK, "VmLck")                                                                             \
    X(VM_PIN, "VmPin")                                                                             \
    X(VM_HWM, "VmHWM")                                                                             \
    X(VM_RSS, "VmRSS")                                                                             \
    X(RSS_ANON, "RssAnon")                                                                         \
    X(RSS_FILE, "RssFile")                                                                         \
    X(RSS_SHMEM, "RssShmem")                                                                       \
    X(VM_DATA, "VmData")                                                                           \
    X(VM_STK, "VmStk")                                                                             \
    X(VM_EXE, "VmExe")                                                                             \
    X(VM_LIB, "VmLib")                                                                             \
    X(VM_PTE, "VmPTE")                                                                             \
    X(VM_PMD, "VmPMD")                                                                             \
    X(VM_SWAP, "VmSwap")                                                                           \
    X(HUGETLB_PAGES, "HugetlbPages")

enum status_size {
#define STATUS_CONSTANT(constant, key) STATUS_##constant,
    STATUS_SIZES(STATUS_CONSTANT)
#undef STATUS_CONSTANT
        STATUS_SIZE_COUNT
};

struct process_status {
    struct slice name; /* borrowed; escaped by the kernel: newline is "\n", backslash "\\" */
    char state;
    uint64_t tgid, pid, ppid;
    uint64_t uid, effective_uid; /* real and effective, valid if has_uid */
    bool has_uid;
    uint64_t threads;
    bool has_threads;
    bool has_kthread, kthread; /* "Kthread: 1" of newer kernels */
    uint64_t size_bytes[STATUS_SIZE_COUNT];
    bool has_size[STATUS_SIZE_COUNT]; /* all false for kernel threads and zombies */
    uint64_t unknown_lines;
};

/* Name and Pid are required. VmData, VmStk, VmExe and VmLib that an old kernel printed wrapped
 * below zero
 * ("18446744073709551612 kB") are absent; any other overflow is MALFORMED. */
bool process_status_parse(struct slice text, struct process_status *out, struct failure *why);
