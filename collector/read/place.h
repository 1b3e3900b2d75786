/* Where a process of our own is in the kernel. Asked without a reader: of a child that never
 * execs, its stat, wchan and stack wait for nobody. */
#pragma once

#include <sys/types.h>

/* "" and 0 where the kernel does not tell. */
struct place {
    char state;
    char wchan[64];
    char stack[1024]; /* as /proc/PID/stack has it */
};

void place_read(struct place *place, pid_t child);

/* The state alone. */
char place_state(pid_t child);
