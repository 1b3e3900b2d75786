#include "analyzer/model/process.h"

#include "analyzer/parse/process/stat.h"

#define KTHREADD_PID 2

bool process_is_kernel_thread(const struct process *process)
{
    if (process->kthread_flag)
        return true;
    if (process->files & PROCESS_STAT)
        return (process->stat_flags & PROCESS_FLAG_KERNEL_THREAD) != 0;
    /* Without stat only the family tells, and a process with a size has memory. */
    return !process->status_size[STATUS_VM_SIZE].known && (process->files & PROCESS_STATUS) &&
           (process->pid == KTHREADD_PID || process->ppid == KTHREADD_PID);
}
