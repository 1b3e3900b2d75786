/* Whose turn it is. Whatever of it is refused stays as it was. */
#pragma once

/* Behind all others, for the processor and for the disk. Not SCHED_IDLE: who holds a process's
 * lock and never gets the processor stalls that process. Readers inherit it. */
void priority_lower(void);

/* Before others, where that is allowed. */
void priority_raise(void);
