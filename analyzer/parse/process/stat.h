/* /proc/PID/stat. Source: fs/proc/array.c:do_task_stat(). comm may hold anything but NUL: blanks,
 * brackets, newlines; it ends at the LAST ')' of the text. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

#define PROCESS_FLAG_KERNEL_THREAD 0x00200000u /* PF_KTHREAD, include/linux/sched.h */

struct process_stat {
    uint64_t pid;
    struct slice comm; /* borrowed from the text; as it is, unescaped */
    char state;        /* R S D Z T t W X x K P I */
    int64_t ppid, pgrp, session;
    uint64_t flags; /* PF_* */
    uint64_t minor_faults, major_faults;
    int64_t threads;
    uint64_t start_time_ticks; /* since boot, in clock ticks */
    uint64_t vsize_bytes;
    int64_t rss_pages;
    uint64_t start_stack; /* address; 0 when the reader may not know it, or not printed */
};

/* Needs the words up to rss, which every kernel since 2.6 prints; what follows must be numbers. */
bool process_stat_parse(struct slice text, struct process_stat *out, struct failure *why);
