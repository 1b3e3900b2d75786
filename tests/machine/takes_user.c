/* Memory that user space asks for: mapped, in files, locked, swapped out. */
#include "tests/machine/takes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)

/* Pages that no compression makes smaller and no merging finds twice. */
static void fill(char *at, size_t bytes)
{
    static uint64_t state = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i + sizeof state <= bytes; i += sizeof state) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(at + i, &state, sizeof state);
    }
}

static char *map(uint64_t bytes, int flags, const char *what)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (at == MAP_FAILED)
        give_up(what);
    fill(at, bytes);
    return at;
}

uint64_t take_anonymous(uint64_t bytes, const char *folder)
{
    (void)folder;
    map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, "mmap");
    return bytes;
}

uint64_t take_locked(uint64_t bytes, const char *folder)
{
    (void)folder;
    if (mlock(map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, "mmap"), bytes) < 0)
        give_up("mlock");
    return bytes;
}

uint64_t take_hugetlb(uint64_t bytes, const char *folder)
{
    (void)folder;
    map(bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, "mmap of huge pages");
    return bytes;
}

static void write_all(int fd, uint64_t bytes, const char *what)
{
    static char chunk[CHUNK];
    for (uint64_t done = 0; done < bytes;) {
        fill(chunk, sizeof chunk);
        size_t wanted = bytes - done < CHUNK ? (size_t)(bytes - done) : CHUNK;
        ssize_t written = write(fd, chunk, wanted);
        if (written < 0)
            give_up(what);
        done += (uint64_t)written;
    }
}

static char taken_file[4096];

static void remove_file(void)
{
    unlink(taken_file);
}

/* A file that nobody maps or holds open. On a disk it is clean when this returns. */
uint64_t take_file(uint64_t bytes, const char *folder)
{
    if (snprintf(taken_file, sizeof taken_file, "%s/taken.XXXXXX", folder) >=
        (int)sizeof taken_file) {
        errno = ENAMETOOLONG;
        give_up(folder);
    }
    int fd = mkostemp(taken_file, O_CLOEXEC);
    if (fd < 0)
        give_up(taken_file);
    atexit(remove_file);
    write_all(fd, bytes, taken_file);
    if (fsync(fd) < 0)
        give_up("fsync");
    close(fd);
    return bytes;
}

static int segment = -1;

static void remove_segment(void)
{
    shmctl(segment, IPC_RMID, NULL);
}

uint64_t take_sysv(uint64_t bytes, const char *folder)
{
    (void)folder;
    segment = shmget(IPC_PRIVATE, bytes, 0600);
    if (segment < 0)
        give_up("shmget");
    atexit(remove_segment);
    char *at = shmat(segment, NULL, 0);
    if (at == (char *)-1)
        give_up("shmat");
    fill(at, bytes);
    shmdt(at);
    return bytes;
}

uint64_t take_memfd(uint64_t bytes, const char *folder)
{
    (void)folder;
    int fd = memfd_create("taken", MFD_CLOEXEC);
    if (fd < 0)
        give_up("memfd_create");
    write_all(fd, bytes, "write to the memfd");
    return bytes;
}

static uint64_t swapped_bytes(void)
{
    unsigned long long kib = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "re");
    if (!status)
        give_up("/proc/self/status");
    while (fgets(line, sizeof line, status))
        if (strncmp(line, "VmSwap:", 7) == 0)
            kib = strtoull(line + 7, NULL, 10);
    fclose(status);
    return kib * 1024;
}

/* The kernel passes over pages that are on their way to its lists: asked again, it takes them. */
uint64_t take_swapped(uint64_t bytes, const char *folder)
{
    (void)folder;
    char *at = map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, "mmap");
    for (int attempt = 0; attempt < 20 && swapped_bytes() < bytes; attempt++) {
        if (madvise(at, bytes, MADV_PAGEOUT) < 0) {
            if (errno == EINVAL)
                errno = ENOSYS; /* a kernel that does not know it */
            give_up("MADV_PAGEOUT");
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    return swapped_bytes();
}

static pid_t churner;

static void end_churner(void)
{
    kill(churner, SIGKILL);
}

uint64_t take_again_and_again(uint64_t bytes, const char *folder)
{
    (void)folder;
    churner = fork();
    if (churner < 0)
        give_up("fork");
    if (churner == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            munmap(map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, "mmap"), bytes);
    }
    atexit(end_churner);
    return bytes;
}
