/* Processes that share memory in known ways, stopped so that their pages stand still.
 *
 *     workers FILE
 *
 * Four workers are forked from one process, which has before that
 *     8 MiB of memory, of which worker N writes the first N MiB again,
 *     4 MiB that ask for transparent huge pages,
 *     2 MiB that it asks the kernel to swap out, if there is swap,
 *     2 MiB that are shared, which workers 1 and 2 touch.
 * FILE gets 3 MiB that workers 2 and 3 map; each worker has 64 pages of the same content that KSM may
 * merge. A line with the process's own PID comes first, then one for each worker, then "ready". When
 * standard input ends, all are killed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21 /* Linux 5.4 */
#endif

#define MIB        ((size_t)1 << 20)
#define HUGE_BYTES (2 * MIB)
#define KSM_PAGES  64
#define STEP       512

enum { WORKERS = 4 };

static pid_t workers[WORKERS];

static void stop(const char *what)
{
    fprintf(stderr, "workers: %s: %s\n", what, strerror(errno));
    for (unsigned i = 0; i < WORKERS; i++)
        if (workers[i] > 0)
            kill(workers[i], SIGKILL);
    exit(1);
}

/* Every page gets a content of its own. */
static void write_over(char *at, size_t bytes, unsigned salt)
{
    for (size_t i = 0; i < bytes; i += STEP)
        memcpy(at + i, &(uint64_t[]){i * 31 + salt, (uintptr_t)at}, 2 * sizeof(uint64_t));
}

static char *map(size_t bytes, int flags, int file)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, file, 0);
    if (at == MAP_FAILED)
        stop("mmap");
    return at;
}

static char *private_memory(size_t bytes)
{
    char *at = map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    madvise(at, bytes, MADV_NOHUGEPAGE); /* refused where the kernel has none: as well */
    write_over(at, bytes, 1);
    return at;
}

static void ask_for_huge_pages(size_t bytes)
{
    char *at = map(bytes + HUGE_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    at += (HUGE_BYTES - (uintptr_t)at % HUGE_BYTES) % HUGE_BYTES;
    madvise(at, bytes, MADV_HUGEPAGE);
    write_over(at, bytes, 2);
}

static void offer_to_ksm(void)
{
    size_t bytes = KSM_PAGES * (size_t)sysconf(_SC_PAGESIZE);
    char *at = map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    madvise(at, bytes, MADV_NOHUGEPAGE);
    memset(at, 'K', bytes);
    madvise(at, bytes, MADV_MERGEABLE);
}

static void touch_file(int file)
{
    volatile const char *at = map(3 * MIB, MAP_SHARED, file);
    for (size_t i = 0; i < 3 * MIB; i += STEP)
        (void)at[i];
}

static void work(unsigned number, char *memory, char *shared, int file)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    write_over(memory, number * MIB, 3 + number);
    if (number == 1 || number == 2)
        write_over(shared, 2 * MIB, 4);
    if (number >= 2)
        touch_file(file);
    offer_to_ksm();
    raise(SIGSTOP);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    int file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, 3 * (off_t)MIB) != 0)
        stop(argv[1]);
    char *memory = private_memory(8 * MIB), *cold = private_memory(2 * MIB);
    madvise(cold, 2 * MIB, MADV_PAGEOUT); /* before fork: of what is shared nothing goes out */
    char *shared = map(2 * MIB, MAP_SHARED | MAP_ANONYMOUS, -1);
    ask_for_huge_pages(2 * HUGE_BYTES);
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        if (workers[i] < 0)
            stop("fork");
        if (workers[i] == 0)
            work(i, memory, shared, file);
        int status;
        if (waitpid(workers[i], &status, WUNTRACED) != workers[i] || !WIFSTOPPED(status))
            stop("a worker");
    }
    printf("%d\n", (int)getpid());
    for (unsigned i = 0; i < WORKERS; i++)
        printf("%d\n", (int)workers[i]);
    puts("ready");
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0)
        ;
    for (unsigned i = 0; i < WORKERS; i++)
        kill(workers[i], SIGKILL);
    return 0;
}
