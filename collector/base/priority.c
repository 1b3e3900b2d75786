#include "collector/base/priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/ioprio.h, which old headers lack. */
#define IO_WHO_PROCESS         1
#define IO_CLASS(class, level) (((class) << 13) | (level))
#define IO_BEST_EFFORT         2
#define IO_IDLE                3

static void set(int nice, int io)
{
    setpriority(PRIO_PROCESS, 0, nice);
#ifdef SYS_ioprio_set
    syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0, io);
#else
    (void)io;
#endif
}

void priority_lower(void)
{
    set(19, IO_CLASS(IO_IDLE, 0));
}

void priority_raise(void)
{
    set(-10, IO_CLASS(IO_BEST_EFFORT, 0));
}
