/* Kernel memory that processes hold: page tables, and the stacks of their threads. */
#pragma once

#include "analyzer/account/ledger.h"

struct process_holding {
    const struct process *process; /* borrowed */
    struct amount page_tables;     /* VmPTE + VmPMD (a level that is not printed counts nothing) */
    struct amount threads;         /* a number: those with a stack */
    struct amount stacks;          /* threads x stack size; unknown without either */
};

struct kernel_holders {
    struct process_holding
        *rows; /* processes that are no kernel threads, by page tables + stacks */
    size_t count;
    struct amount page_tables;    /* sum; unknown when no process said its own */
    uint64_t page_tables_unknown; /* processes that did not */
    uint64_t threads, kernel_threads, threads_unknown;
    uint64_t ended;           /* zombies: their first thread has no stack any more */
    struct amount stack_size; /* bytes a thread */
    enum grade
        stack_grade; /* exact: all stack areas have this size; estimate: KernelStack / threads */
    const char *stack_source;          /* static */
    struct amount stacks_bytes;        /* of threads, kernel threads included */
    struct amount kernel_thread_bytes; /* part of it */
};

/* Fails when memory runs out. Free with kernel_holders_deinit(). */
bool kernel_holders_compute(const struct snapshot *snapshot, struct kernel_holders *out,
                            struct failure *why);
void kernel_holders_deinit(struct kernel_holders *holders);
