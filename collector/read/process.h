/* Which processes there are, and whether a PID is still the process it was. */
#pragma once

#include "schema/failure.h"
#include "schema/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What /proc/PID/stat says about who this is. */
struct identity {
    uint64_t start_time_ticks;
    uint64_t flags; /* PF_ bits of the kernel */
    uint64_t threads;
    char state;
};

#define KERNEL_THREAD_FLAG UINT64_C(0x00200000) /* PF_KTHREAD, linux/sched.h */

/* Reads one stat line. The name may hold anything, also ") S 1", so fields are counted from
 * the last ')'. False, and *identity unchanged, if a field is missing or not a number. */
bool identity_parse(const char *stat, size_t length, struct identity *identity);

/* Its stat, open: of a live procfs it belongs to one process for ever, as the folder does. The
 * caller closes it. -1 with *outcome and *error: ESRCH and ENOENT are VANISHED. */
int identity_open(int process_folder, enum outcome *outcome, int *error);

/* As its stat tells now. OUTCOME_READ, or why not: ESRCH and a stat that is empty are VANISHED. */
enum outcome identity_read(int stat_file, struct identity *identity, int *error);

/* Has it no memory of its own: a kernel thread, or dead with no thread left? */
bool identity_is_bare(const struct identity *identity);

/* Dead, but with threads that live on and hold the memory. */
bool identity_is_dead_leader(const struct identity *identity);

/* One row a PID, 16 bytes: all that grows with the number of processes. */
struct process {
    uint64_t start_time_ticks; /* 0 until first seen */
    uint32_t pid;
    uint8_t outcome;   /* enum outcome so far */
    uint8_t last_pass; /* the last pass that visited it, 0 none */
    uint8_t known;     /* start_time_ticks is set */
    uint8_t stuck;     /* it held a reader up: nothing more that may is tried */
};
_Static_assert(sizeof(struct process) == 16, "the table of processes must stay compact");

struct process_list {
    struct process *at; /* by PID, ascending */
    size_t count;
};

/* All numeric folders of proc/, without a reader: listing the root of procfs walks the PIDs under
 * RCU and takes no lock that a process or a driver could hold; and of a tree that is given, the
 * program opened proc/ itself, at the very start. process_list_deinit() in any case. */
bool process_list_read(struct process_list *list, int tree_root, struct failure *why);
void process_list_deinit(struct process_list *list);

/* A thread of the process whose folder is open that is neither `pid` nor dead: the lowest
 * number. 0 if there is none. */
uint32_t living_thread(int process_folder, uint32_t pid);

/* The worse of two outcomes for the process as a whole. */
enum outcome outcome_worse(enum outcome left, enum outcome right);
