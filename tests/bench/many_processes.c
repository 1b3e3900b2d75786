/* Many processes with many mappings each, paused: what a large server looks like to a collector.
 *
 *     many_processes PROCESSES MAPPINGS
 *
 * Every other mapping is anonymous memory, the others are pages of one shared file; protections
 * alternate, so that neighbours do not merge. Prints the PIDs, then "ready". When standard input
 * ends, all are killed and the program ends. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 20000
#define MAPPINGS_MAX  60000

static size_t page_bytes;

static bool read_count(const char *text, size_t limit, size_t *count)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || value < 1 || value > limit)
        return false;
    *count = value;
    return true;
}

/* One mapping of two pages, its first page touched; pairs of neighbours never look alike. */
static bool map_one(size_t number, int file)
{
    bool anonymous = number % 2 == 0;
    int protection = number % 4 < 2 ? PROT_READ | PROT_WRITE : PROT_READ;
    void *at = anonymous ? mmap(NULL, 2 * page_bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                         : mmap(NULL, 2 * page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file,
                                (off_t)(number / 2 * 2 * page_bytes));
    if (at == MAP_FAILED)
        return false;
    *(volatile char *)at = 1;
    return mprotect(at, 2 * page_bytes, protection) == 0;
}

static _Noreturn void be_large(size_t mappings, int file, int ready)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* As where addresses are random: no process is a copy of another, which would flatter zstd. */
    size_t gap_pages = (size_t)getpid() % 30011 + 1;
    if (mmap(NULL, gap_pages * page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
        MAP_FAILED)
        _exit(1);
    for (size_t i = 0; i < mappings; i++) {
        if (!map_one(i, file))
            _exit(1);
    }
    char done = 1;
    if (write(ready, &done, 1) != 1)
        _exit(1);
    close(ready);
    for (;;)
        pause();
}

static size_t start_all(pid_t *pids, size_t processes, size_t mappings, int file, int ready)
{
    size_t started = 0;
    for (; started < processes; started++) {
        pid_t pid = fork();
        if (pid == 0)
            be_large(mappings, file, ready);
        if (pid < 0)
            break;
        pids[started] = pid;
    }
    return started;
}

/* True when every process said that it has its mappings. */
static bool all_ready(int from, size_t processes)
{
    char buffer[256];
    size_t count = 0;
    while (count < processes) {
        ssize_t got = read(from, buffer, sizeof buffer);
        if (got <= 0)
            return false;
        count += (size_t)got;
    }
    return true;
}

int main(int argc, char **argv)
{
    size_t processes, mappings;
    if (argc != 3 || !read_count(argv[1], PROCESSES_MAX, &processes) ||
        !read_count(argv[2], MAPPINGS_MAX, &mappings)) {
        fprintf(stderr, "usage: many_processes PROCESSES MAPPINGS\n");
        return 2;
    }
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    int file = memfd_create("many_processes", MFD_CLOEXEC);
    int ready[2];
    pid_t *pids = calloc(processes, sizeof *pids);
    if (!pids || file < 0 || pipe(ready) < 0 ||
        ftruncate(file, (off_t)((mappings + 2) * page_bytes)) < 0) {
        fprintf(stderr, "many_processes: %s\n", strerror(errno));
        free(pids);
        return 1;
    }
    size_t started = start_all(pids, processes, mappings, file, ready[1]);
    close(ready[1]);
    bool fine = started == processes && all_ready(ready[0], processes);
    if (fine) {
        for (size_t i = 0; i < processes; i++)
            printf("%d\n", (int)pids[i]);
        puts("ready");
        fflush(stdout);
        while (getchar() != EOF)
            ;
    } else {
        fprintf(stderr, "many_processes: %zu of %zu processes started\n", started, processes);
    }
    for (size_t i = 0; i < started; i++)
        kill(pids[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    free(pids);
    return fine ? 0 : 1;
}
